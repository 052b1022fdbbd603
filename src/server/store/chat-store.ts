import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { ChatTable, Schema } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { chatColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import { jsonTexts } from "./json-texts.ts";
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
  const find = createStatement(
    engine,
    (kysely, param: Placeholder<{ id: string }>) =>
      kysely.selectFrom("chat").selectAll().where("id", "=", param("id")),
    { holds: "chat" },
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
      .select(["id", "tags_json"])
      .where("user_id", "=", param("user_id"))
      .where("tags_json", "<>", "[]"),
  );
  const listTagsOfChats: ChatStore["listTagsOfChats"] = async (tx, userId) => {
    const rows = await tx.all(tagsOfUser, { user_id: userId });
    return new Map(rows.map(({ id, tags_json }) => [id, JSON.parse(tags_json) as Tag[]]));
  };
  const lists = listStatements(engine);
  const changes = changeStatements(engine);
  const search = searchStatement(engine);
  const passages = passageStatement(engine);

  const countOfUser = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("chat")
      .select((eb) => eb.fn.countAll().as("count"))
      .where("user_id", "=", param("user_id")),
  );

  return {
    async insertChat(tx, chat) {
      await tx.run(insert, chat);
    },
    findChat: (tx, id) => tx.first(find, { id }),
    async replaceChat(tx, chat) {
      if ((await tx.run(replace, chat)) === 1) return;
      throw new OffstageError("not_found", `There is no chat ${chat.id} to replace.`);
    },
    async retitleChat(tx, id, title) {
      return (await tx.run(changes.retitle, { id, title })) > 0;
    },
    async deleteChat(tx, id) {
      return (await tx.run(deleteById, { id })) > 0;
    },
    async countChats(tx, userId) {
      return Number((await tx.first(countOfUser, { user_id: userId }))?.count);
    },
    deleteChatsOfUser: (tx, userId) => tx.run(deleteOfUser, { user_id: userId }),
    async listChats(tx, { userId, archived, pinned, folderId, limit, offset }) {
      const params = { user_id: userId, archived: Number(archived), limit: rowsUpTo(limit), offset };
      if (folderId) return await tx.all(lists.inFolder, { ...params, folder_id: folderId });
      if (pinned === "any") return await tx.all(lists.all, params);
      if (folderId === null) return await tx.all(lists.outside, { ...params, pinned: Number(pinned) });
      return await tx.all(lists.byPinned, { ...params, pinned: Number(pinned) });
    },
    moveChats: (tx, { userId, from, to }) =>
      tx.run(changes.move, { user_id: userId, from_folder_id: from, folder_id: to }),
    archiveChats: (tx, userId, archived) =>
      tx.run(changes.archive, { user_id: userId, archived: Number(archived) }),
    readChats: (tx, userId, nowSec) => tx.run(changes.read, { user_id: userId, now_sec: nowSec }),
    async readChat(tx, id, readAtSec) {
      await tx.run(changes.readOne, { id, now_sec: readAtSec });
    },
    searchChats: ({ userId, text, limit, offset }) =>
      database.scan(search, { user_id: userId, text, limit: rowsUpTo(limit), offset }),
    async findPassages({ chatIds, text }) {
      const rows = await database.scan(passages, { chat_ids: JSON.stringify(chatIds), text });
      return new Map(rows.flatMap(({ id, passage }) => (passage === null ? [] : [[id, passage]])));
    },
    listTagsOfChats,
    async listTags(tx, userId) {
      const all = [...(await listTagsOfChats(tx, userId)).values()].flat();
      const tags = new Map(all.map((tag) => [tag.id, tag]));
      return [...tags.values()].sort((a, b) => a.name.localeCompare(b.name));
    },
  };
}

/** PostgreSQL refuses the negative limits by which SQLite means all. */
const rowsUpTo = (limit: number) => (limit < 0 ? Number.MAX_SAFE_INTEGER : limit);

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
    outside: createStatement(
      engine,
      (kysely, param: Placeholder<ListParams & { archived: number; pinned: number }>) =>
        page(kysely, param)
          .where("archived", "=", param("archived"))
          .where("pinned", "=", param("pinned"))
          .where("folder_id", "is", null),
    ),
    inFolder: createStatement(
      engine,
      (kysely, param: Placeholder<ListParams & { archived: number; folder_id: string }>) =>
        page(kysely, param)
          .where("archived", "=", param("archived"))
          .where("folder_id", "=", param("folder_id")),
    ),
  };
}

/** Changes of several chats at once, or of what no revision counts. */
function changeStatements(engine: Database["engine"]) {
  return {
    move: createStatement(
      engine,
      (kysely, param: Placeholder<{ user_id: string; from_folder_id: string; folder_id: string | null }>) =>
        kysely
          .updateTable("chat")
          .set({ folder_id: param("folder_id") })
          .where("user_id", "=", param("user_id"))
          .where("folder_id", "=", param("from_folder_id")),
    ),
    archive: createStatement(engine, (kysely, param: Placeholder<{ user_id: string; archived: number }>) =>
      kysely
        .updateTable("chat")
        .set({ archived: param("archived") })
        .where("user_id", "=", param("user_id"))
        .where("archived", "<>", param("archived")),
    ),
    read: createStatement(engine, (kysely, param: Placeholder<{ user_id: string; now_sec: number }>) =>
      kysely
        .updateTable("chat")
        .set({ last_read_at_sec: param("now_sec") })
        .where("user_id", "=", param("user_id")),
    ),
    retitle: createStatement(engine, (kysely, param: Placeholder<{ id: string; title: string }>) =>
      kysely
        .updateTable("chat")
        .set({ title: param("title") })
        .where("id", "=", param("id")),
    ),
    readOne: createStatement(engine, (kysely, param: Placeholder<{ id: string; now_sec: number }>) =>
      kysely
        .updateTable("chat")
        .set({ last_read_at_sec: param("now_sec") })
        .where("id", "=", param("id")),
    ),
  };
}

const searchOnSqlite = {
  holds: (text: RawBuilder<string>, part: string) => sql<boolean>`instr(lower(${text}), lower(${part})) > 0`,
  isText: sql<boolean>`json_type(message.body_json, '$.content') = 'text'`,
  content: sql<string>`json_extract(message.body_json, '$.content')`,
};

/** JSON may spell characters that PostgreSQL's text cannot hold, and any of them anywhere makes it refuse all of it. */
const storableJson = sql`case when strpos(message.body_json, '\\u') = 0 then message.body_json
  else regexp_replace(message.body_json, '(?<!\\\\)((\\\\\\\\)*)\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\1', 'g') end::json`;

const searchOnPostgres = {
  holds: (text: RawBuilder<string>, part: string) =>
    sql<boolean>`strpos(offstage_lower(${text}), offstage_lower(${part})) > 0`,
  isText: sql<boolean>`json_typeof((${storableJson}) -> 'content') = 'string'`,
  content: sql<string>`((${storableJson}) ->> 'content')`,
};

function searchStatement(engine: Database["engine"]) {
  return createStatement(engine, (kysely, param: Placeholder<ListParams & { text: string }>) => {
    const { holds, isText, content } = engine === "sqlite" ? searchOnSqlite : searchOnPostgres;
    return page(kysely, param).where((eb) =>
      eb.or([
        holds(sql`chat.title`, param("text")),
        eb.exists(
          eb
            .selectFrom("message")
            .select("message.id")
            .whereRef("message.chat_id", "=", "chat.id")
            .where("message.deleted_at_sec", "is", null)
            .where(isText)
            .where(holds(content, param("text"))),
        ),
      ]),
    );
  });
}

function passageStatement(engine: Database["engine"]) {
  return createStatement(engine, (kysely, param: Placeholder<{ chat_ids: string; text: string }>) => {
    const { holds, isText, content } = engine === "sqlite" ? searchOnSqlite : searchOnPostgres;
    return kysely
      .selectFrom("chat")
      .where("id", "in", jsonTexts(engine, param("chat_ids")))
      .select((eb) => [
        "id",
        eb
          .selectFrom("message")
          .select(content.as("content"))
          .whereRef("message.chat_id", "=", "chat.id")
          .where("message.deleted_at_sec", "is", null)
          .where(isText)
          .where(holds(content, param("text")))
          .orderBy("message.position")
          .limit(1)
          .as("passage"),
      ]);
  });
}

/** A page of a user's chats as summaries, newest update first. */
function page(kysely: Kysely<Schema>, param: Placeholder<ListParams>) {
  return kysely
    .selectFrom("chat")
    .select([
      "id",
      "title",
      "folder_id",
      "share_id",
      "archived",
      "updated_at_sec",
      "created_at_sec",
      "last_read_at_sec",
    ])
    .where("user_id", "=", param("user_id"))
    .orderBy("updated_at_sec", "desc")
    .orderBy("id", "desc")
    .limit(param("limit"))
    .offset(param("offset"));
}
