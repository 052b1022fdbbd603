import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { JournalLineTable, JournalTable } from "../../db/journal-tables.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { journalColumns } from "../../db/table-columns.ts";

/** Names one making of an answer. */
export interface JournalKey {
  chatId: string;
  messageId: string;
  taskId: string;
}

/** What was seen of answers as they were made. They go with their chats. */
export interface JournalStore {
  /** A former one of the same task is replaced. */
  putJournal(tx: Queries, journal: JournalTable): Promise<void>;
  /** Puts a line behind a journal; where there is none (any more), nothing. */
  appendToJournal(tx: Queries, key: JournalKey, line: { atMs: number; json: string }): Promise<void>;
  /** Of one answer, oldest first. */
  listJournals(tx: Queries, chatId: string, messageId: string): Promise<JournalTable[]>;
  /** What was put behind the journals of one answer, oldest first. */
  listJournalLines(tx: Queries, chatId: string, messageId: string): Promise<JournalLineTable[]>;
  /** Deletes the oldest ones that began before a time, at most `limit`; resolves with how many went. */
  deleteJournals(tx: Queries, filter: { beforeMs: number; limit: number }): Promise<number>;
}

export function createJournalStore(engine: Database["engine"]): JournalStore {
  const put = createStatement(engine, (kysely, param: Placeholder<JournalTable>) =>
    kysely
      .insertInto("answer_journal")
      .values(placeRow(journalColumns, param))
      .onConflict((conflict) =>
        conflict
          .columns(["chat_id", "message_id", "task_id"])
          .doUpdateSet((eb) => ({ journal_json: eb.ref("excluded.journal_json") })),
      ),
  );
  const append = createStatement(engine, (kysely, param: Placeholder<JournalLineTable>) =>
    kysely.insertInto("answer_journal_line").expression(
      kysely
        .selectFrom("answer_journal")
        .select((eb) => [
          "chat_id",
          "message_id",
          "task_id",
          eb.cast<number>(eb.val(param("at_ms")), "bigint").as("at_ms"),
          eb.cast<string>(eb.val(param("line_json")), "text").as("line_json"),
        ])
        .where("chat_id", "=", param("chat_id"))
        .where("message_id", "=", param("message_id"))
        .where("task_id", "=", param("task_id")),
    ),
  );
  const list = createStatement(
    engine,
    (kysely, param: Placeholder<Pick<JournalTable, "chat_id" | "message_id">>) =>
      kysely
        .selectFrom("answer_journal")
        .selectAll()
        .where("chat_id", "=", param("chat_id"))
        .where("message_id", "=", param("message_id"))
        .orderBy("began_at_ms")
        .orderBy("task_id"),
  );
  const listLines = createStatement(
    engine,
    (kysely, param: Placeholder<Pick<JournalTable, "chat_id" | "message_id">>) =>
      kysely
        .selectFrom("answer_journal_line")
        .selectAll()
        .where("chat_id", "=", param("chat_id"))
        .where("message_id", "=", param("message_id"))
        .orderBy("at_ms"),
  );
  const removeOldest = createStatement(
    engine,
    (kysely, param: Placeholder<{ before_ms: number; limit: number }>) =>
      kysely
        .deleteFrom("answer_journal")
        .where((eb) =>
          eb(
            eb.refTuple("chat_id", "message_id", "task_id"),
            "in",
            eb
              .selectFrom("answer_journal")
              .select(["chat_id", "message_id", "task_id"])
              .where("began_at_ms", "<", param("before_ms"))
              .orderBy("began_at_ms")
              .limit(param("limit"))
              .$asTuple("chat_id", "message_id", "task_id"),
          ),
        ),
  );

  return {
    async putJournal(tx, journal) {
      await tx.run(put, journal);
    },
    async appendToJournal(tx, { chatId, messageId, taskId }, { atMs, json }) {
      const key = { chat_id: chatId, message_id: messageId, task_id: taskId };
      await tx.run(append, { ...key, at_ms: atMs, line_json: json });
    },
    listJournals: (tx, chatId, messageId) => tx.all(list, { chat_id: chatId, message_id: messageId }),
    listJournalLines: (tx, chatId, messageId) =>
      tx.all(listLines, { chat_id: chatId, message_id: messageId }),
    deleteJournals: (tx, { beforeMs, limit }) => tx.run(removeOldest, { before_ms: beforeMs, limit }),
  };
}
