import { beforeEach, describe, expect, test } from "vitest";
import type { Store } from "./store.ts";
import { chat, idsOf, insertChats, insertMessages, user } from "./suite-rows.ts";

/** What is promised of chats and the search in them. `store` gives the test's store, which has the one user. */
export function testChats(store: () => Store): void {
  describe("chats", () => {
    test("come back as they were written, JSON text to the letter", async () => {
      const body_json = '{"z":1, "a":"\\u0000 \\ud800",  "a":2}';
      await insertChats(store(), { body_json, current_message_id: "m1", folder_id: "f" });
      expect(await store().chats.findChat(store().read, "c1")).toEqual({
        ...chat,
        body_json,
        current_message_id: "m1",
        folder_id: "f",
      });
    });

    test("are replaced in all columns", async () => {
      await insertChats(store(), {});
      const replaced = { ...chat, title: "Paris", posted_title: "New Chat", revision: 3, archived: 1 };
      await store().write((tx) => store().chats.replaceChat(tx, replaced));
      expect(await store().chats.findChat(store().read, "c1")).toEqual(replaced);
    });

    test("get another title, where they are there", async () => {
      await insertChats(store(), {}, { id: "c2" });
      const retitle = (id: string) => store().write((tx) => store().chats.retitleChat(tx, id, "Paris"));
      expect([await retitle("c1"), await retitle("c9")]).toEqual([true, false]);
      const titles = await Promise.all(["c1", "c2"].map((id) => store().chats.findChat(store().read, id)));
      expect(titles.map((found) => found?.title)).toEqual(["Paris", chat.title]);
    });

    test("that are not there cannot be replaced", async () => {
      const replaced = store().write((tx) => store().chats.replaceChat(tx, chat));
      await expect(replaced).rejects.toMatchObject({ code: "not_found" });
    });

    test("need a user that exists", async () => {
      await expect(insertChats(store(), { user_id: "nobody" })).rejects.toMatchObject({ code: "conflict" });
    });

    test("are deleted with their messages, and only their own", async () => {
      await insertChats(store(), {}, { id: "c2" });
      await insertMessages(store(), {}, { chat_id: "c2" });
      expect(await store().write((tx) => store().chats.deleteChat(tx, "c1"))).toBe(true);
      expect(await store().write((tx) => store().chats.deleteChat(tx, "c1"))).toBe(false);
      expect(await store().messages.findMessage(store().read, "c1", "m1")).toBeUndefined();
      expect(await store().messages.findMessage(store().read, "c2", "m1")).toBeDefined();
      expect(await store().write((tx) => store().chats.deleteChatsOfUser(tx, "u1"))).toBe(1);
    });

    test.each([
      [{ archived: false, pinned: false } as const, ["new", "old"]],
      [{ archived: false, pinned: true } as const, ["pinned"]],
      [{ archived: false, pinned: "any" } as const, ["pinned", "new", "old"]],
      [{ archived: true, pinned: false } as const, ["archived"]],
      [{ archived: true, pinned: true } as const, ["both"]],
      [{ archived: true, pinned: "any" } as const, ["both", "archived"]],
    ])("are listed newest first by %o", async (filter, expected) => {
      await store().write((tx) =>
        store().users.insertUser(tx, { ...user, id: "u2", email: "bob@example.org" }),
      );
      await insertChats(
        store(),
        { id: "old", updated_at_sec: 1 },
        { id: "new", updated_at_sec: 2 },
        { id: "archived", updated_at_sec: 3, archived: 1 },
        { id: "pinned", updated_at_sec: 4, pinned: 1 },
        { id: "both", updated_at_sec: 5, archived: 1, pinned: 1 },
        { id: "foreign", updated_at_sec: 6, user_id: "u2" },
      );
      const listed = await store().chats.listChats(store().read, {
        userId: "u1",
        ...filter,
        limit: 9,
        offset: 0,
      });
      expect(idsOf(listed)).toEqual(expected);
    });

    test("are listed by pages of summaries", async () => {
      await insertChats(store(), { id: "a", updated_at_sec: 1 }, { id: "b", updated_at_sec: 2 });
      const page = { userId: "u1", archived: false, pinned: false, limit: 1, offset: 1 };
      expect(await store().chats.listChats(store().read, page)).toEqual([
        {
          id: "a",
          title: "New Chat",
          folder_id: null,
          share_id: null,
          archived: 0,
          updated_at_sec: 1,
          created_at_sec: 100,
          last_read_at_sec: null,
        },
      ]);
    });

    test("give each tag once, by name", async () => {
      const tag = (name: string) => ({ id: name.toLowerCase(), name, color: "#123456" });
      await insertChats(
        store(),
        { id: "a", tags_json: JSON.stringify([tag("Paris"), tag("France")]) },
        { id: "b", tags_json: JSON.stringify([tag("Paris")]) },
        { id: "c" },
      );
      expect(await store().chats.listTags(store().read, "u1")).toEqual([tag("France"), tag("Paris")]);
      expect(await store().chats.listTags(store().read, "u2")).toEqual([]);
    });
  });

  describe("search", () => {
    const search = async (text: string, page = { limit: 9, offset: 0 }) =>
      idsOf(await store().chats.searchChats({ userId: "u1", text, ...page }));

    beforeEach(async () => {
      await store().write((tx) =>
        store().users.insertUser(tx, { ...user, id: "u2", email: "bob@example.org" }),
      );
      await insertChats(
        store(),
        { id: "title", title: "Über 100 % of_all", updated_at_sec: 1 },
        { id: "text", updated_at_sec: 2 },
        { id: "parts", updated_at_sec: 3 },
        { id: "gone", updated_at_sec: 4 },
        { id: "foreign", user_id: "u2", title: "Über" },
      );
      const body = (content: unknown) => JSON.stringify({ model: "hidden-model", content });
      await insertMessages(
        store(),
        { chat_id: "text", body_json: body('Die "Ärzte"\nsind \\ über alles') },
        { chat_id: "parts", body_json: body([{ type: "text", text: "über parts" }]) },
        { chat_id: "gone", body_json: body("über"), deleted_at_sec: 5 },
      );
    });

    test.each([
      ["ÜBER", ["text", "title"]],
      ["über", ["text", "title"]],
      ['"ärzte"\nSIND \\', ["text"]],
      ["100 %", ["title"]],
      ["1%0", []],
      ["of_ALL", ["title"]],
      ["ofxall", []],
      ["hidden-model", []],
      ["x".repeat(100_000), []],
    ])("for %j finds titles and texts of the user's own chats", async (text, expected) => {
      expect(await search(text)).toEqual(expected);
    });

    test("finds texts that hold what is no character", async () => {
      const body_json = JSON.stringify({
        odd: "\u0000\u0000",
        content: "a \\u0000 before \u0000\ud800 behind",
      });
      await insertMessages(store(), { chat_id: "parts", id: "odd", body_json });
      expect(await search("BEFORE")).toEqual(["parts"]);
      expect(await search("a \\u0000 b")).toEqual(["parts"]);
    });

    test("names the first text of each chat that holds it", async () => {
      const of = (text: string, content: string, position: number) => ({
        chat_id: text,
        id: `${text}-${position}`,
        position,
        body_json: JSON.stringify({ content }),
      });
      await insertMessages(
        store(),
        of("title", "A later Übung", 2),
        of("title", "an übung", 1),
        of("title", "nothing", 3),
        of("foreign", "über", 1),
      );
      const passages = (text: string, ...chatIds: string[]) => store().chats.findPassages({ chatIds, text });
      expect([...(await passages("ÜB", "title", "text", "parts", "gone", "none"))].toSorted()).toEqual([
        ["text", 'Die "Ärzte"\nsind \\ über alles'],
        ["title", "an übung"],
      ]);
      expect(await passages("", "title")).toEqual(new Map([["title", "an übung"]]));
      expect(await passages("über")).toEqual(new Map());
    });

    test("answers by pages, newest update first", async () => {
      expect(await search("über", { limit: 1, offset: 1 })).toEqual(["title"]);
    });
  });
}
