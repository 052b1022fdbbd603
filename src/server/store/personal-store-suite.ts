import { beforeEach, describe, expect, test } from "vitest";
import type { MemoryTable, PromptTable, PromptVersionTable } from "../../db/schema.ts";
import type { Store } from "./store.ts";
import { idsOf, user } from "./suite-rows.ts";

const memory: MemoryTable = {
  id: "m1",
  user_id: "u1",
  type: "context",
  content: "I live in Bern",
  created_at_sec: 1,
  updated_at_sec: 1,
  embedder: null,
  vector: null,
};
const prompt: PromptTable = {
  id: "p1",
  user_id: "u1",
  command: "sum",
  name: "Sum up",
  content: "Sum up:",
  is_active: 1,
  version_id: "v1",
  created_at_sec: 1,
  updated_at_sec: 1,
  tags_json: "[]",
  data_json: "{}",
  meta_json: "{}",
  access_json: "[]",
};
const version: PromptVersionTable = {
  id: "v1",
  prompt_id: "p1",
  parent_id: null,
  user_id: "u1",
  commit_message: null,
  created_at_sec: 1,
  snapshot_json: "{}",
};

/** What is promised of memories and prompts. `store` gives the test's store. */
export function testPersonal(store: () => Store): void {
  describe("what people keep:", () => {
    beforeEach(() =>
      store().write((tx) => store().users.insertUser(tx, { ...user, id: "u2", email: "bob@example.org" })),
    );

    describe("memories", () => {
      const insert = (...given: Partial<MemoryTable>[]) =>
        store().write(async (tx) => {
          for (const one of given) await store().memories.insertMemory(tx, { ...memory, ...one });
        });
      const find = (id: string) => store().memories.findMemory(store().read, id);
      const vector = Uint8Array.of(0, 0, 128, 63);

      test("come back as they were written, replaced in all columns", async () => {
        await insert({});
        expect(await find("m1")).toEqual(memory);
        const replaced = { ...memory, content: "I live in Basel", type: "user", updated_at_sec: 2 };
        await store().write((tx) => store().memories.replaceMemory(tx, replaced));
        expect(await find("m1")).toEqual(replaced);
        const absent = store().write((tx) => store().memories.replaceMemory(tx, { ...memory, id: "m9" }));
        await expect(absent).rejects.toMatchObject({ code: "not_found" });
      });

      test("are listed and counted in the order of their making, each user's own", async () => {
        await insert({ id: "b" }, { id: "a" }, { id: "c", created_at_sec: 0 }, { id: "d", user_id: "u2" });
        expect(idsOf(await store().memories.listMemories(store().read, "u1"))).toEqual(["c", "a", "b"]);
        expect(await store().memories.countMemories(store().read, "u1")).toBe(3);
        expect(await store().memories.countMemories(store().read, "u9")).toBe(0);
      });

      test("keep a vector of the text that they have, and forget it again", async () => {
        await insert({}, { id: "m2" });
        const kept = { id: "m1", content: memory.content, embedder: "e", vector };
        await store().write((tx) => store().memories.keepMemoryVector(tx, kept));
        await store().write((tx) =>
          store().memories.keepMemoryVector(tx, { ...kept, id: "m2", content: "Other words" }),
        );
        const found = await find("m1");
        expect([found?.embedder, [...(found?.vector ?? [])]]).toEqual(["e", [...vector]]);
        expect((await find("m2"))?.vector).toBeNull();
        await store().write((tx) => store().memories.dropMemoryVectors(tx, "u1"));
        expect(await find("m1")).toEqual(memory);
      });

      test("go one by one, all together, and with their user", async () => {
        await insert({}, { id: "m2" }, { id: "m3" }, { id: "m4", user_id: "u2" });
        expect(await store().write((tx) => store().memories.deleteMemory(tx, "m1"))).toBe(true);
        expect(await store().write((tx) => store().memories.deleteMemory(tx, "m1"))).toBe(false);
        expect(await store().write((tx) => store().memories.deleteMemoriesOfUser(tx, "u1"))).toBe(2);
        expect(await find("m4")).toBeDefined();
        await store().write((tx) => store().users.deleteUser(tx, "u2"));
        expect(await find("m4")).toBeUndefined();
      });
    });

    describe("prompts", () => {
      const insert = (...given: Partial<PromptTable>[]) =>
        store().write(async (tx) => {
          for (const one of given) await store().prompts.insertPrompt(tx, { ...prompt, ...one });
        });
      const versionIds = async (page: { limit: number; offset: number } = { limit: 9, offset: 0 }) =>
        idsOf(await store().prompts.listVersions(store().read, { promptId: "p1", ...page }));

      test("come back as they were written, by id and by command, replaced in all columns", async () => {
        await insert({});
        expect(await store().prompts.findPrompt(store().read, "p1")).toEqual(prompt);
        const replaced = { ...prompt, command: "up", is_active: 0, tags_json: '["a"]', version_id: "v2" };
        await store().write((tx) => store().prompts.replacePrompt(tx, replaced));
        expect(await store().prompts.findPromptByCommand(store().read, "up")).toEqual(replaced);
        expect(await store().prompts.findPromptByCommand(store().read, "sum")).toBeUndefined();
        const absent = store().write((tx) => store().prompts.replacePrompt(tx, { ...prompt, id: "p9" }));
        await expect(absent).rejects.toMatchObject({ code: "not_found" });
      });

      test("have a command each", async () => {
        await insert({}, { id: "p2", command: "add", user_id: "u2" });
        await expect(insert({ id: "p3" })).rejects.toMatchObject({ code: "conflict" });
        expect(idsOf(await store().prompts.listPrompts(store().read))).toEqual(["p2", "p1"]);
      });

      test("have versions, newest first, which go with them; the present one outlives older ones", async () => {
        await insert({});
        await store().write(async (tx) => {
          for (const [index, id] of ["v1", "v2", "v3", "v4"].entries())
            await store().prompts.insertVersion(tx, { ...version, id, created_at_sec: index });
        });
        expect(await versionIds()).toEqual(["v4", "v3", "v2", "v1"]);
        expect(await versionIds({ limit: 2, offset: 1 })).toEqual(["v3", "v2"]);
        expect(await store().prompts.findVersion(store().read, "p1", "v1")).toEqual({
          ...version,
          created_at_sec: 0,
        });
        expect(await store().prompts.findVersion(store().read, "p2", "v1")).toBeUndefined();
        expect(await store().write((tx) => store().prompts.deleteVersion(tx, "p2", "v3"))).toBe(false);
        expect(await store().write((tx) => store().prompts.deleteVersion(tx, "p1", "v3"))).toBe(true);
        await store().write((tx) => store().prompts.deleteOldVersions(tx, "p1", 1));
        expect(await versionIds()).toEqual(["v4", "v1"]);
        expect(await store().write((tx) => store().prompts.deletePrompt(tx, "p1"))).toBe(true);
        expect(await store().write((tx) => store().prompts.deletePrompt(tx, "p1"))).toBe(false);
        expect(await versionIds()).toEqual([]);
      });
    });
  });
}
