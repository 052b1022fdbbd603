import { describe, expect, test } from "vitest";
import type { Store } from "./store.ts";
import { user } from "./suite-rows.ts";

const key = { user_id: user.id, holder: "user" };

/** What is promised of quotas and of what was used. `store` gives the test's store. */
export function testQuotas(store: () => Store): void {
  describe("quotas", () => {
    test("are kept for a user and a key apart, replaced, and taken away", async () => {
      const { quotas } = store();
      const find = (holder: string) => quotas.findQuota(store().read, { ...key, holder });
      expect(await find("user")).toBeUndefined();
      await store().write((tx) => quotas.putQuota(tx, key, { answers_at_once: 2 }));
      await store().write((tx) => quotas.putQuota(tx, key, { answers_at_once: 3 }));
      expect(await find("user")).toEqual({ answers_at_once: 3 });
      expect(await find("some-key")).toBeUndefined();
      await store().write((tx) => quotas.putQuota(tx, key, null));
      expect(await find("user")).toBeUndefined();
    });

    test("are measured against what each day adds up to, by whomever it is added", async () => {
      const { quotas } = store();
      const add = (day: string, answers: number, tokens: number) =>
        store().write((tx) => quotas.addUsage(tx, { ...key, day, answers, tokens }));
      await Promise.all([
        add("2026-01-01", 1, 10),
        add("2026-01-01", 2, 5_000_000_000),
        add("2026-01-02", 1, 1),
      ]);
      const find = (day: string) => quotas.findUsage(store().read, { ...key, day });
      expect(await find("2026-01-01")).toEqual({ answers: 3, tokens: 5_000_000_010 });
      expect(await find("2026-01-02")).toEqual({ answers: 1, tokens: 1 });
      expect(await find("2026-01-03")).toEqual({ answers: 0, tokens: 0 });
    });

    test("go with their key, and with what was used by it", async () => {
      const { quotas } = store();
      const day = "2026-01-01";
      for (const holder of ["user", "k1"])
        await store().write(async (tx) => {
          await quotas.putQuota(tx, { ...key, holder }, {});
          await quotas.addUsage(tx, { ...key, holder, day, answers: 1, tokens: 1 });
        });
      await store().write((tx) => quotas.deleteHolder(tx, { ...key, holder: "k1" }));
      const left = async (holder: string) => [
        await quotas.findQuota(store().read, { ...key, holder }),
        (await quotas.findUsage(store().read, { ...key, holder, day })).answers,
      ];
      expect(await left("k1")).toEqual([undefined, 0]);
      expect(await left("user")).toEqual([{}, 1]);
    });

    test("forget what was used before a day", async () => {
      const { quotas } = store();
      const days = ["2025-12-31", "2026-01-01"];
      for (const day of days)
        await store().write((tx) => quotas.addUsage(tx, { ...key, day, answers: 1, tokens: 1 }));
      await store().write((tx) => quotas.deleteUsageBefore(tx, "2026-01-01"));
      const left = await Promise.all(days.map((day) => quotas.findUsage(store().read, { ...key, day })));
      expect(left.map(({ answers }) => answers)).toEqual([0, 1]);
    });

    test("go with their user", async () => {
      const { quotas, users } = store();
      await store().write((tx) => quotas.putQuota(tx, key, {}));
      await store().write((tx) => users.deleteUser(tx, user.id));
      expect(await quotas.findQuota(store().read, key)).toBeUndefined();
    });
  });
}
