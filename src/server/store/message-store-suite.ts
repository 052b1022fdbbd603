import { beforeEach, describe, expect, test } from "vitest";
import type { MessageTable } from "../../db/schema.ts";
import type { Store } from "./store.ts";
import { idsOf, insertChats, insertMessages, message } from "./suite-rows.ts";

/** What is promised of messages. `store` gives the test's store, which has the one user. */
export function testMessages(store: () => Store): void {
  describe("messages", () => {
    beforeEach(() => insertChats(store(), {}, { id: "c2" }));

    test("have ids that only their own chat knows", async () => {
      await insertMessages(store(), {}, { chat_id: "c2", role: "assistant" });
      expect(await store().messages.findMessage(store().read, "c1", "m1")).toEqual(message);
      expect((await store().messages.findMessage(store().read, "c2", "m1"))?.role).toBe("assistant");
      await expect(insertMessages(store(), {})).rejects.toMatchObject({ code: "conflict" });
    });

    test("are listed by position, without the deleted ones", async () => {
      await insertMessages(
        store(),
        { id: "third", position: 2 },
        { id: "first", position: 0 },
        { id: "second", position: 1 },
      );
      await store().write((tx) => store().messages.deleteMessages(tx, "c1", ["first", "unknown"], 7));
      expect(idsOf(await store().messages.listMessages(store().read, "c1"))).toEqual(["second", "third"]);
    });

    test("that were deleted keep the time of the first deletion and can be brought back", async () => {
      await insertMessages(store(), {});
      await store().write((tx) => store().messages.deleteMessages(tx, "c1", ["m1"], 7));
      await store().write((tx) => store().messages.deleteMessages(tx, "c1", ["m1"], 8));
      const deleted = await store().messages.findMessage(store().read, "c1", "m1");
      expect(deleted).toEqual({ ...message, deleted_at_sec: 7 });
      await store().write((tx) => store().messages.replaceMessage(tx, message));
      expect(await store().messages.listMessages(store().read, "c1")).toEqual([message]);
    });

    test("are replaced in all columns, if they are there", async () => {
      await insertMessages(store(), {});
      const replaced: MessageTable = { ...message, answer_state: "final", body_json: "{}", in_snapshot: 1 };
      await store().write((tx) => store().messages.replaceMessage(tx, replaced));
      expect(await store().messages.findMessage(store().read, "c1", "m1")).toEqual(replaced);
      const unknown = store().write((tx) => store().messages.replaceMessage(tx, { ...message, id: "m9" }));
      await expect(unknown).rejects.toMatchObject({ code: "not_found" });
    });

    test("keep the growing text for the owner of a running answer only", async () => {
      const running = { answer_state: "running", owner: "p1", lease_until_ms: 1000 } as const;
      await insertMessages(
        store(),
        { id: "mine", ...running },
        { id: "ended", ...running, answer_state: "final" },
      );
      const keep = (id: string, owner: string, text: string) =>
        store().write((tx) =>
          store().messages.keepPartial(tx, {
            chatId: "c1",
            id,
            owner,
            text,
            leaseUntilMs: 1_800_000_000_000,
          }),
        );
      await keep("mine", "p1", "Par\ud83d");
      await keep("mine", "p2", "other");
      await keep("ended", "p1", "late");
      const mine = await store().messages.findMessage(store().read, "c1", "mine");
      expect(mine).toMatchObject({ partial_text: "Par\ufffd", lease_until_ms: 1_800_000_000_000 });
      expect((await store().messages.findMessage(store().read, "c1", "ended"))?.partial_text).toBeNull();
    });

    test("are abandoned when they run by the same owner or their lease ran out", async () => {
      await insertMessages(
        store(),
        { id: "own", answer_state: "running", owner: "p1", lease_until_ms: 5000 },
        { id: "expired", answer_state: "running", owner: "p2", lease_until_ms: 999 },
        { id: "alive", answer_state: "running", owner: "p2", lease_until_ms: 1000 },
        { id: "ended", answer_state: "final", owner: "p1", lease_until_ms: 1 },
      );
      const abandoned = await store().messages.listAbandoned(store().read, { nowMs: 1000, owner: "p1" });
      expect(idsOf(abandoned)).toEqual(["expired", "own"]);
    });
  });
}
