import { beforeEach, describe, expect, test } from "vitest";
import type { FolderTable } from "../../db/schema.ts";
import type { Store } from "./store.ts";
import { chat, idsOf, insertChats, user } from "./suite-rows.ts";

const folder: FolderTable = {
  id: "f1",
  user_id: "u1",
  parent_id: null,
  name: "Zoo",
  is_expanded: 0,
  created_at_sec: 1,
  updated_at_sec: 1,
  meta_json: "null",
  data_json: "null",
};

/** What is promised of folders, shared copies, and changes of several chats. `store` gives the test's store. */
export function testOrganising(store: () => Store): void {
  describe("order among chats:", () => {
    const insertFolders = (...folders: Partial<FolderTable>[]) =>
      store().write(async (tx) => {
        for (const given of folders) await store().folders.insertFolder(tx, { ...folder, ...given });
      });

    beforeEach(() =>
      store().write((tx) => store().users.insertUser(tx, { ...user, id: "u2", email: "bob@example.org" })),
    );

    describe("folders", () => {
      test("come back as they were written, replaced in all columns", async () => {
        await insertFolders({});
        expect(await store().folders.findFolder(store().read, "f1")).toEqual(folder);
        const replaced = { ...folder, name: "Alps", is_expanded: 1, meta_json: '{"icon":"x"}' };
        await store().write((tx) => store().folders.replaceFolder(tx, replaced));
        expect(await store().folders.findFolder(store().read, "f1")).toEqual(replaced);
      });

      test("that are not there cannot be replaced", async () => {
        const replaced = store().write((tx) => store().folders.replaceFolder(tx, folder));
        await expect(replaced).rejects.toMatchObject({ code: "not_found" });
      });

      test("are listed by name, each user's own", async () => {
        await insertFolders({}, { id: "f2", name: "Alps" }, { id: "f3", name: "Bay", user_id: "u2" });
        expect(idsOf(await store().folders.listFolders(store().read, "u1"))).toEqual(["f2", "f1"]);
      });

      test("go with those in them, at any depth, and with their user; chats stay", async () => {
        await insertFolders({}, { id: "f2", parent_id: "f1" }, { id: "f3", parent_id: "f2" });
        await insertChats(store(), { folder_id: "f3" });
        expect(await store().write((tx) => store().folders.deleteFolder(tx, "f1"))).toBe(true);
        expect(await store().write((tx) => store().folders.deleteFolder(tx, "f1"))).toBe(false);
        expect(await store().folders.listFolders(store().read, "u1")).toEqual([]);
        expect(await store().chats.findChat(store().read, "c1")).toBeDefined();
        await insertFolders({ user_id: "u2" });
        await store().write((tx) => store().users.deleteUser(tx, "u2"));
        expect(await store().folders.findFolder(store().read, "f1")).toBeUndefined();
      });
    });

    describe("chats and folders", () => {
      const page = { userId: "u1", archived: false, limit: 9, offset: 0 };
      const listed = async (filter: Parameters<Store["chats"]["listChats"]>[1]) =>
        idsOf(await store().chats.listChats(store().read, filter));

      beforeEach(async () => {
        await insertFolders({}, { id: "f2" });
        await insertChats(
          store(),
          { id: "in", folder_id: "f1", updated_at_sec: 3 },
          { id: "pinned", folder_id: "f1", pinned: 1, updated_at_sec: 2 },
          { id: "out", updated_at_sec: 1 },
          { id: "archived", folder_id: "f1", archived: 1 },
          { id: "foreign", user_id: "u2", folder_id: "f1" },
        );
      });

      test("are listed in one, in none, or anywhere", async () => {
        expect(await listed({ ...page, pinned: "any", folderId: "f1" })).toEqual(["in", "pinned"]);
        expect(await listed({ ...page, pinned: false, folderId: null })).toEqual(["out"]);
        expect(await listed({ ...page, pinned: "any" })).toEqual(["in", "pinned", "out"]);
      });

      test("are moved together, only their user's", async () => {
        const move = { userId: "u1", from: "f1", to: "f2" };
        expect(await store().write((tx) => store().chats.moveChats(tx, move))).toBe(3);
        expect(await listed({ ...page, pinned: "any", folderId: "f2" })).toEqual(["in", "pinned"]);
        expect((await store().chats.findChat(store().read, "foreign"))?.folder_id).toBe("f1");
        await store().write((tx) => store().chats.moveChats(tx, { userId: "u1", from: "f2", to: null }));
        expect(await listed({ ...page, pinned: false, folderId: null })).toEqual(["in", "out"]);
      });

      test("are archived together, only their user's, and counted", async () => {
        expect(await store().write((tx) => store().chats.archiveChats(tx, "u1", true))).toBe(3);
        expect(await store().write((tx) => store().chats.archiveChats(tx, "u1", true))).toBe(0);
        expect((await store().chats.findChat(store().read, "foreign"))?.archived).toBe(0);
        expect(await store().write((tx) => store().chats.archiveChats(tx, "u1", false))).toBe(4);
      });

      test("are read together or one by one, only their user's", async () => {
        const readAt = async (id: string) =>
          (await store().chats.findChat(store().read, id))?.last_read_at_sec ?? null;
        await store().write((tx) => store().chats.readChat(tx, "in", 7));
        expect([await readAt("in"), await readAt("out")]).toEqual([7, null]);
        expect(await store().write((tx) => store().chats.readChats(tx, "u1", 9))).toBe(4);
        expect([await readAt("in"), await readAt("out"), await readAt("foreign")]).toEqual([9, 9, null]);
      });
    });

    describe("shared copies", () => {
      const share = { id: "s1", chat_id: "c1", shared_at_sec: 5, record_json: '{"a":1}' };
      const put = (given: Partial<typeof share>) =>
        store().write((tx) => store().shares.putShare(tx, { ...share, ...given }));

      test("are one of each chat: the next takes its place", async () => {
        await insertChats(store(), chat);
        await put({});
        await put({ record_json: '{"a":2}' });
        expect(await store().shares.findShare(store().read, "s1")).toEqual({
          ...share,
          record_json: '{"a":2}',
        });
        await put({ id: "s2" });
        expect(await store().shares.findShare(store().read, "s1")).toBeUndefined();
      });

      test("are taken back, and go with their chat", async () => {
        await insertChats(store(), chat);
        await put({});
        expect(await store().write((tx) => store().shares.deleteShareOfChat(tx, "c1"))).toBe(true);
        expect(await store().write((tx) => store().shares.deleteShareOfChat(tx, "c1"))).toBe(false);
        await put({});
        await store().write((tx) => store().chats.deleteChat(tx, "c1"));
        expect(await store().shares.findShare(store().read, "s1")).toBeUndefined();
      });
    });
  });
}
