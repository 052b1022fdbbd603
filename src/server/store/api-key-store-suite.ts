import { describe, expect, test } from "vitest";
import type { Store } from "./store.ts";
import { apiKey, idsOf, user } from "./suite-rows.ts";

/** What is promised of API keys. `store` gives the test's store, which has the one user. */
export function testApiKeys(store: () => Store): void {
  const insert = (...keys: Partial<typeof apiKey>[]) =>
    store().write(async (tx) => {
      for (const key of keys) await store().apiKeys.insertApiKey(tx, { ...apiKey, ...key });
    });
  const listed = async () => idsOf(await store().apiKeys.listApiKeys(store().read, "u1"));

  describe("API keys", () => {
    test("find their user, and are listed without their hashes, oldest first", async () => {
      await insert({}, { id: "k0", key_hash: "older", created_at_sec: 50 });
      const { key_hash: _hash, ...facts } = apiKey;
      const { findByHash, listApiKeys } = store().apiKeys;
      expect(await findByHash(store().read, "hash")).toEqual({ user, key: facts });
      expect(await findByHash(store().read, "another")).toBeUndefined();
      expect((await listApiKeys(store().read, "u1")).at(-1)).toEqual(facts);
      expect(await listed()).toEqual(["k0", "k1"]);
    });

    test("are deleted one by one, by their owner alone", async () => {
      await insert({}, { id: "k2", key_hash: "second" });
      const remove = (userId: string, id: string) =>
        store().write((tx) => store().apiKeys.deleteApiKey(tx, userId, id));
      expect(await remove("u2", "k1")).toBe(false);
      expect(await remove("u1", "k1")).toBe(true);
      expect(await remove("u1", "k1")).toBe(false);
      expect(await listed()).toEqual(["k2"]);
    });

    test("know when they were used last", async () => {
      await insert({});
      await store().write((tx) => store().apiKeys.noteApiKeyUse(tx, "k1", 200));
      const [key] = await store().apiKeys.listApiKeys(store().read, "u1");
      expect(key).toMatchObject({ last_used_at_sec: 200 });
    });
  });
}
