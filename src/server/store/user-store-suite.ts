import { describe, expect, test } from "vitest";
import type { Store } from "./store.ts";
import { apiKey, idsOf, insertChats, insertMessages, user } from "./suite-rows.ts";

/** What is promised of users, their tokens, and settings. `store` gives the test's store, which has the one user. */
export function testUsersAndSettings(store: () => Store): void {
  describe("users", () => {
    test("are found by id and by email, and counted", async () => {
      expect(await store().users.findUser(store().read, "u1")).toEqual(user);
      expect(await store().users.findUserByEmail(store().read, "ann@example.org")).toEqual(user);
      expect(await store().users.findUserByEmail(store().read, "nobody@example.org")).toBeUndefined();
      expect(await store().users.countUsers(store().read)).toBe(1);
    });

    test("are listed in the order in which they came", async () => {
      await store().write((tx) =>
        store().users.insertUser(tx, { ...user, id: "u0", email: "bob@example.org", created_at_sec: 200 }),
      );
      expect(idsOf(await store().users.listUsers(store().read))).toEqual(["u1", "u0"]);
    });

    test("cannot share an email", async () => {
      const second = store().write((tx) => store().users.insertUser(tx, { ...user, id: "u2" }));
      await expect(second).rejects.toMatchObject({ code: "conflict" });
    });

    test("change only in what is named, null included", async () => {
      await store().write((tx) =>
        store().users.changeUser(tx, "u1", { password_hash: "scrypt$x", name: "Anna" }),
      );
      await store().write((tx) =>
        store().users.changeUser(tx, "u1", { password_hash: null, email: undefined }),
      );
      expect(await store().users.findUser(store().read, "u1")).toEqual({ ...user, name: "Anna" });
    });

    test("that are not there cannot be changed", async () => {
      const change = store().write((tx) => store().users.changeUser(tx, "u9", { name: "X" }));
      await expect(change).rejects.toMatchObject({ code: "not_found" });
    });

    test("take their chats, messages and keys with them", async () => {
      await insertChats(store(), {});
      await insertMessages(store(), {});
      await store().write((tx) => store().apiKeys.insertApiKey(tx, apiKey));
      await store().write((tx) => store().users.deleteUser(tx, "u1"));
      expect(await store().chats.findChat(store().read, "c1")).toBeUndefined();
      expect(await store().messages.findMessage(store().read, "c1", "m1")).toBeUndefined();
      expect(await store().apiKeys.findByHash(store().read, apiKey.key_hash)).toBeUndefined();
    });
  });

  test("revoked tokens stay revoked until they would have run out", async () => {
    await store().write(async (tx) => {
      await store().users.revokeToken(tx, "early", 10);
      await store().users.revokeToken(tx, "late", 20);
      await store().users.revokeToken(tx, "late", 20);
      await store().users.forgetExpiredRevocations(tx, 20);
    });
    expect(await store().users.isTokenRevoked(store().read, "early")).toBe(false);
    expect(await store().users.isTokenRevoked(store().read, "late")).toBe(true);
  });

  test("settings are JSON values that the last writer decides", async () => {
    expect(await store().settings.findSetting(store().read, "ui")).toBeUndefined();
    await store().write((tx) => store().settings.putSetting(tx, "ui", { z: 1, a: [null, "\u0000\ud800"] }));
    expect(await store().settings.findSetting(store().read, "ui")).toEqual({
      z: 1,
      a: [null, "\u0000\ud800"],
    });
    await store().write((tx) => store().settings.putSetting(tx, "ui", null));
    expect(await store().settings.findSetting(store().read, "ui")).toBeNull();
    await store().write((tx) => store().settings.deleteSetting(tx, "ui"));
    expect(await store().settings.findSetting(store().read, "ui")).toBeUndefined();
  });
}
