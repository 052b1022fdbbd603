import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { ChatTable, Schema } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { chatColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import type { ChatStore } from "./store.ts";

interface ListParams {
  user_id: string;
  limit: number;
  offset: number;
}

interface Tag {
  id: string;
  name: string;
  color: string;
}

/** The chats of all users. */
export function createChatStore(database: Pick<Database, "engine" | "scan">): ChatStore {
  const { engine } = database;
  const insert = createStatement(engine, (kysely, param: Placeholder<ChatTable>) =>
    kysely.insertInto("chat").values(placeRow(chatColumns, param)),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("chat").selectAll().where("id", "=", param("id")),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<ChatTable>) => {
    const { id, ...rest } = placeRow(chatColumns, param);
    return kysely.updateTable("chat").set(rest).where("id", "=", id);
  });
  const deleteById = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("chat").where("id", "=", param("id")),
  );
  const deleteOfUser = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely.deleteFrom("chat").where("user_id", "=", param("user_id")),
  );
  const tagsOfUser = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("chat")
      .select("tags_json")
      .where("user_id", "=", param("user_id"))
      .where("tags_json", "<>", "[]"),
  );
  const lists = listStatements(engine);
  const search = searchStatement(engine);

  return {
    async insertChat(tx, chat) {
      await tx.run(insert, chat);
    },
    findChat: (tx, id) => tx.first(find, { id }),
    async replaceChat(tx, chat) {
      if ((await tx.run(replace, chat)) === 1) return;
      throw new OffstageError("not_found", `There is no chat ${chat.id} to replace.`);
    },
    async deleteChat(tx, id) {
      return (await tx.run(deleteById, { id })) > 0;
    },
    deleteChatsOfUser: (tx, userId) => tx.run(deleteOfUser, { user_id: userId }),
    async listChats(tx, { userId, archived, pinned, limit, offset }) {
      const params = { user_id: userId, archived: Number(archived), limit, offset };
      return pinned === "any"
        ? await tx.all(lists.all, params)
        : await tx.all(lists.byPinned, { ...params, pinned: Number(pinned) });
    },
    searchChats: ({ userId, text, limit, offset }) =>
      database.scan(search, { user_id: userId, text, limit, offset }),
    async listTags(tx, userId) {
      const rows = await tx.all(tagsOfUser, { user_id: userId });
      const tags = new Map(
        rows.flatMap((row) => JSON.parse(row.tags_json) as Tag[]).map((tag) => [tag.id, tag]),
      );
      return [...tags.values()].sort((a, b) => a.name.localeCompare(b.name));
    },
  };
}

function listStatements(engine: Database["engine"]) {
  return {
    all: createStatement(engine, (kysely, param: Placeholder<ListParams & { archived: number }>) =>
      page(kysely, param).where("archived", "=", param("archived")),
    ),
    byPinned: createStatement(
      engine,
      (kysely, param: Placeholder<ListParams & { archived: number; pinned: number }>) =>
        page(kysely, param).where("archived", "=", param("archived")).where("pinned", "=", param("pinned")),
    ),
  };
}

function searchStatement(engine: Database["engine"]) {
  return createStatement(engine, (kysely, param: Placeholder<ListParams & { text: string }>) => {
    const holdsText = (text: RawBuilder<string>) =>
      engine === "sqlite"
        ? sql<boolean>`instr(lower(${text}), lower(${param("text")})) > 0`
        : sql<boolean>`strpos(lower(${text}), lower(${param("text")})) > 0`;
    const isText =
      engine === "sqlite"
        ? sql<boolean>`json_type(message.body_json, '$.content') = 'text'`
        : sql<boolean>`json_typeof(message.body_json::json -> 'content') = 'string'`;
    const content =
      engine === "sqlite"
        ? sql<string>`json_extract(message.body_json, '$.content')`
        : sql<string>`(message.body_json::json ->> 'content')`;
    return page(kysely, param).where((eb) =>
      eb.or([
        holdsText(sql`chat.title`),
        eb.exists(
          eb
            .selectFrom("message")
            .select("message.id")
            .whereRef("message.chat_id", "=", "chat.id")
            .where("message.deleted_at_sec", "is", null)
            .where(isText)
            .where(holdsText(content)),
        ),
      ]),
    );
  });
}

/** A page of a user's chats as summaries, newest update first. */
function page(kysely: Kysely<Schema>, param: Placeholder<ListParams>) {
  return kysely
    .selectFrom("chat")
    .select(["id", "title", "updated_at_sec", "created_at_sec"])
    .where("user_id", "=", param("user_id"))
    .orderBy("updated_at_sec", "desc")
    .orderBy("id", "desc")
    .limit(param("limit"))
    .offset(param("offset"));
}
