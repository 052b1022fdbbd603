import type { Database, Placeholder } from "../../db/database.ts";
import type { SharedChatTable } from "../../db/schema.ts";
import { createStatement } from "../../db/statement.ts";
import type { ShareStore } from "./store.ts";

/** Copies of chats that their owners have shared. */
export function createShareStore(engine: Database["engine"]): ShareStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<SharedChatTable>) =>
    kysely.insertInto("shared_chat").values({
      id: param("id"),
      chat_id: param("chat_id"),
      shared_at_sec: param("shared_at_sec"),
      record_json: param("record_json"),
    }),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("shared_chat").selectAll().where("id", "=", param("id")),
  );
  const deleteOfChat = createStatement(engine, (kysely, param: Placeholder<{ chat_id: string }>) =>
    kysely.deleteFrom("shared_chat").where("chat_id", "=", param("chat_id")),
  );

  return {
    async putShare(tx, share) {
      await tx.run(deleteOfChat, { chat_id: share.chat_id });
      await tx.run(insert, share);
    },
    findShare: (tx, id) => tx.first(find, { id }),
    async deleteShareOfChat(tx, chatId) {
      return (await tx.run(deleteOfChat, { chat_id: chatId })) > 0;
    },
  };
}
