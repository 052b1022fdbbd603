import { sql } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { MessageTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { messageColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import type { MessageStore } from "./store.ts";

interface MessageKey {
  chat_id: string;
  id: string;
}

const encoder = new TextEncoder();

/** The messages of chats. `findMessage` finds deleted ones too, so that they can be brought back. */
export function createMessageStore(engine: Database["engine"]): MessageStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<MessageTable>) =>
    kysely
      .insertInto("message")
      .values(placeRow(messageColumns, param))
      .onConflict((conflict) => {
        const { chat_id: _chat, id: _id, ...rest } = placeRow(messageColumns, param);
        return conflict
          .columns(["chat_id", "id"])
          .doUpdateSet(rest)
          .where("message.deleted_at_sec", "is not", null);
      }),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<MessageKey>) =>
    kysely
      .selectFrom("message")
      .selectAll()
      .where("chat_id", "=", param("chat_id"))
      .where("id", "=", param("id")),
  );
  const list = createStatement(engine, (kysely, param: Placeholder<{ chat_id: string }>) =>
    kysely
      .selectFrom("message")
      .selectAll()
      .where("chat_id", "=", param("chat_id"))
      .where("deleted_at_sec", "is", null)
      .orderBy("position"),
  );
  const listEncoded = createStatement(engine, (kysely, param: Placeholder<{ chat_id: string }>) => {
    // PostgreSQL would send bytes as hexadecimal text: encoding its text again costs less.
    const body = engine === "sqlite" ? sql`cast(body_json as blob)` : sql`body_json`;
    return kysely
      .selectFrom("message")
      .select(["id", "parent_id", "role", "revision", body.$castTo<Uint8Array | string>().as("body")])
      .where("chat_id", "=", param("chat_id"))
      .where("deleted_at_sec", "is", null)
      .orderBy("position");
  });
  const replace = createStatement(engine, (kysely, param: Placeholder<MessageTable>) => {
    const { chat_id, id, ...rest } = placeRow(messageColumns, param);
    return kysely.updateTable("message").set(rest).where("chat_id", "=", chat_id).where("id", "=", id);
  });
  const markDeleted = createStatement(
    engine,
    (kysely, param: Placeholder<MessageKey & { deleted_at_sec: number }>) =>
      kysely
        .updateTable("message")
        .set({ deleted_at_sec: param("deleted_at_sec") })
        .where("chat_id", "=", param("chat_id"))
        .where("id", "=", param("id"))
        .where("deleted_at_sec", "is", null),
  );
  const keepPartial = createStatement(
    engine,
    (kysely, param: Placeholder<MessageKey & { owner: string; text: string; lease_until_ms: number }>) =>
      kysely
        .updateTable("message")
        .set({ partial_text: param("text"), lease_until_ms: param("lease_until_ms") })
        .where("chat_id", "=", param("chat_id"))
        .where("id", "=", param("id"))
        .where("owner", "=", param("owner"))
        .where("answer_state", "=", sql.lit("running")),
  );
  const listAbandoned = createStatement(
    engine,
    (kysely, param: Placeholder<{ now_ms: number; owner: string }>) =>
      kysely
        .selectFrom("message")
        .selectAll()
        .where("answer_state", "=", sql.lit("running"))
        .where((eb) => eb.or([eb("owner", "=", param("owner")), eb("lease_until_ms", "<", param("now_ms"))]))
        .orderBy("lease_until_ms"),
  );

  return {
    async insertMessage(tx, message) {
      if ((await tx.run(insert, message)) === 1) return;
      throw new OffstageError("conflict", `Chat ${message.chat_id} has a message ${message.id} already.`);
    },
    findMessage: (tx, chatId, id) => tx.first(find, { chat_id: chatId, id }),
    async listEncodedMessages(tx, chatId) {
      const rows = await tx.all(listEncoded, { chat_id: chatId });
      for (const row of rows) if (typeof row.body === "string") row.body = encoder.encode(row.body);
      return rows as (Omit<(typeof rows)[number], "body"> & { body: Uint8Array })[];
    },
    listMessages: (tx, chatId) => tx.all(list, { chat_id: chatId }),
    async replaceMessage(tx, message) {
      if ((await tx.run(replace, message)) === 1) return;
      throw new OffstageError(
        "not_found",
        `Chat ${message.chat_id} has no message ${message.id} to replace.`,
      );
    },
    async deleteMessages(tx, chatId, ids, deletedAtSec) {
      for (const id of ids) await tx.run(markDeleted, { chat_id: chatId, id, deleted_at_sec: deletedAtSec });
    },
    async keepPartial(tx, { chatId, id, owner, text, leaseUntilMs }) {
      await tx.run(keepPartial, { chat_id: chatId, id, owner, text, lease_until_ms: leaseUntilMs });
    },
    listAbandoned: (tx, { nowMs, owner }) => tx.all(listAbandoned, { now_ms: nowMs, owner }),
  };
}
