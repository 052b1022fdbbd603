import { afterAll, beforeAll, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, fetchMessage } from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { collectionOf } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";

let stage: Stage;
let ann: Caller;
let bob: Caller;
let collection: Json;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  collection = await collectionOf(ann, { "ferry.md": FERRY });
});
afterAll(() => stage?.close());

const model = (id: string, more: Json = {}): Json => ({
  id,
  base_model_id: "gpt-4o",
  name: id,
  params: {},
  access_control: null,
  meta: { knowledge: [{ type: "collection", id: collection.id, name: "Ferries" }] },
  ...more,
});
const ask = async (caller: Caller, id: string): Promise<Json> => {
  const chat = await askedChat(caller, "When does the ferry to Lund leave?");
  expectOk(await complete(caller, completionBody(chat, { model: id })));
  return fetchMessage(caller, chat.chatId, chat.answerId);
};

test("whoever may ask a model is answered from what it knows, and nobody else can lend that", async () => {
  expectOk(await ann.post("/api/v1/models/create", model("captain")));
  for (const caller of [ann, bob]) {
    const { sources } = await ask(caller, "captain");
    expect(sources[0].document[0]).toContain(FERRY);
  }
  expect((await bob.get(`/api/v1/knowledge/${collection.id}`)).status).toBe(401);
  expect((await bob.post("/api/v1/models/create", model("thief"))).status).toBe(400);
});

test("what is gone is left out, and the message says so", async () => {
  const gone = await collectionOf(ann, { "old.md": "Old." });
  const knowledge = [{ type: "collection", id: gone.id, name: "Old things" }];
  expectOk(await ann.post("/api/v1/models/create", model("sailor", { meta: { knowledge } })));
  expectOk(await ann.delete(`/api/v1/knowledge/${gone.id}/delete`));
  const { statusHistory, done } = await ask(bob, "sailor");
  expect(done).toBe(true);
  expect(JSON.stringify(statusHistory)).toContain("Left out of what the model knows: Old things");
});
