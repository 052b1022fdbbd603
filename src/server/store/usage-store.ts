import { sql } from "kysely";
import type { Database, Placeholder, Queries } from "../../db/database.ts";
import { createStatement } from "../../db/statement.ts";

/** How much a user has. */
export interface UsageStore {
  /** Days since 1970 (UTC) on which chats were made, each with how many. */
  countChatsByDay(tx: Queries, userId: string): Promise<{ day: number; count: number }[]>;
  /** The messages in the user's chats by their roles, without the deleted ones. */
  countMessagesByRole(tx: Queries, userId: string): Promise<{ role: string; count: number }[]>;
}

/** Counts over a user's chats and messages: asked for by a page now and then, and so not kept anywhere. */
export function createUsageStore(engine: Database["engine"]): UsageStore {
  const chats = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) => {
    const day = sql<number>`created_at_sec / 86400`;
    return kysely
      .selectFrom("chat")
      .select((of) => [day.as("day"), of.fn.countAll<number>().as("count")])
      .where("user_id", "=", param("user_id"))
      .groupBy(day);
  });
  const messages = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("message")
      .innerJoin("chat", "chat.id", "message.chat_id")
      .select((of) => ["message.role", of.fn.countAll<number>().as("count")])
      .where("chat.user_id", "=", param("user_id"))
      .where("message.deleted_at_sec", "is", null)
      .groupBy("message.role"),
  );
  return {
    async countChatsByDay(tx, userId) {
      const rows = await tx.all(chats, { user_id: userId });
      return rows.map(({ day, count }) => ({ day: Number(day), count: Number(count) }));
    },
    async countMessagesByRole(tx, userId) {
      const rows = await tx.all(messages, { user_id: userId });
      return rows.map(({ role, count }) => ({ role, count: Number(count) }));
    },
  };
}
