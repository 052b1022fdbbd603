import { beforeEach, describe, expect, test } from "vitest";
import type { JournalTable } from "../../db/journal-tables.ts";
import type { Store } from "./store.ts";
import { insertChats } from "./suite-rows.ts";

const journal: JournalTable = {
  chat_id: "c1",
  message_id: "m1",
  task_id: "t1",
  began_at_ms: 1_000,
  journal_json: "{}",
};

/** What is promised of journals. `store` gives the test's store, which has the one user. */
export function testJournals(store: () => Store): void {
  const put = (...journals: Partial<JournalTable>[]) =>
    store().write(async (tx) => {
      for (const given of journals) await store().journals.putJournal(tx, { ...journal, ...given });
    });
  const listed = async () =>
    (await store().journals.listJournals(store().read, "c1", "m1")).map((row) => row.task_id);

  describe("journals", () => {
    beforeEach(() => insertChats(store(), {}));

    const texts = async () =>
      (await store().journals.listJournals(store().read, "c1", "m1")).map((row) => row.journal_json);
    const lines = async () =>
      (await store().journals.listJournalLines(store().read, "c1", "m1")).map((row) => row.line_json);
    const append = (atMs: number, json: string, taskId = "t1") =>
      store().write((tx) =>
        store().journals.appendToJournal(tx, { chatId: "c1", messageId: "m1", taskId }, { atMs, json }),
      );

    test("are kept for each task, and a later text replaces the former", async () => {
      await put({ task_id: "t2", began_at_ms: 2_000 }, {}, { message_id: "m2" }, { journal_json: '{"a":1}' });
      expect(await listed()).toEqual(["t1", "t2"]);
      expect(await texts()).toEqual(['{"a":1}', "{}"]);
    });

    test("take lines behind what they have, told by time; what is not kept takes none", async () => {
      await put({});
      await append(2, "2");
      await append(1, "1");
      await append(3, "3", "t9");
      expect(await lines()).toEqual(["1", "2"]);
      await put({});
      expect(await lines()).toEqual(["1", "2"]);
    });

    test("too old ones go, the oldest first and so many at once", async () => {
      await put(...[5, 3, 1, 4, 2].map((number) => ({ task_id: `t${number}`, began_at_ms: number * 1_000 })));
      const sweep = (beforeMs: number) =>
        store().write((tx) => store().journals.deleteJournals(tx, { beforeMs, limit: 2 }));
      expect(await sweep(4_000)).toBe(2);
      expect(await listed()).toEqual(["t3", "t4", "t5"]);
      expect([await sweep(4_000), await sweep(4_000)]).toEqual([1, 0]);
      expect(await listed()).toEqual(["t4", "t5"]);
    });

    test("go with their chat", async () => {
      await put({});
      await append(1, "1");
      await store().write((tx) => store().chats.deleteChat(tx, "c1"));
      expect([await listed(), await lines()]).toEqual([[], []]);
    });
  });
}
