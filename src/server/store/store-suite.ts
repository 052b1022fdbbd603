import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../db/database.ts";
import { testApiKeys } from "./api-key-store-suite.ts";
import { testChats } from "./chat-store-suite.ts";
import { testChunks } from "./chunk-store-suite.ts";
import { testJournals } from "./journal-store-suite.ts";
import { testKnowledge } from "./knowledge-store-suite.ts";
import { testMessages } from "./message-store-suite.ts";
import { testModels } from "./model-store-suite.ts";
import { testNodeParts } from "./node-store-suite.ts";
import { openStore } from "./open-store.ts";
import { testOrganising } from "./organising-store-suite.ts";
import { testPersonal } from "./personal-store-suite.ts";
import { testQuotas } from "./quota-store-suite.ts";
import type { Store } from "./store.ts";
import { chat, user } from "./suite-rows.ts";
import { testUsersAndSettings } from "./user-store-suite.ts";

/** What every store promises, whatever the engine; `open` gives an empty database for each test. */
export function testStore(engine: string, open: () => Promise<Database>): void {
  describe(`the store on ${engine}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = openStore(await open());
      await store.write((tx) => store.users.insertUser(tx, user));
    });

    afterEach(() => store.close());

    testUsersAndSettings(() => store);
    testApiKeys(() => store);
    testChats(() => store);
    testMessages(() => store);
    testOrganising(() => store);
    testKnowledge(() => store);
    testChunks(() => store);
    testJournals(() => store);
    testPersonal(() => store);
    testModels(() => store);
    testQuotas(() => store);
    testNodeParts(() => store);

    test("works at once that decide on one chat, or on one user, lose nothing of each other", async () => {
      await store.write((tx) => store.chats.insertChat(tx, chat));
      const works = Array.from({ length: 20 }, () =>
        store.write(async (tx) => {
          const found = await store.chats.findChat(tx, chat.id);
          await store.chats.replaceChat(tx, { ...found!, revision: found!.revision + 1 });
          const { token_generation } = (await store.users.findUserByEmail(tx, user.email))!;
          await store.users.changeUser(tx, user.id, { token_generation: token_generation + 1 });
        }),
      );
      await Promise.all(works);
      expect((await store.chats.findChat(store.read, chat.id))?.revision).toBe(20);
      expect((await store.users.findUser(store.read, user.id))?.token_generation).toBe(20);
    });

    test("a work that throws leaves nothing, and its reads see its own writes", async () => {
      const failing = store.write(async (tx) => {
        await store.chats.insertChat(tx, chat);
        expect(await store.chats.findChat(tx, "c1")).toEqual(chat);
        expect(await store.chats.findChat(store.read, "c1")).toBeUndefined();
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await store.chats.findChat(store.read, "c1")).toBeUndefined();
    });
  });
}
