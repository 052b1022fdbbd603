import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk } from "../support/chat.ts";
import { type Caller, detailOf, type Json, type Reply } from "../support/http.ts";
import { collectionOf, uploadProcessed } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

const SECRET = "The vault opens with 7719.";
const KNOWLEDGE = "/api/v1/knowledge";

let stage: Stage;
let ann: Caller;
let bob: Caller;
let bobId: string;
/** Ann's collection, and the file in it. */
let collection: Json;
let file: Json;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  bobId = (await bob.get("/api/v1/auths/")).body.id;
});
afterAll(() => stage?.close());
beforeEach(async () => {
  collection = await collectionOf(ann, { "vault.txt": SECRET });
  [file] = collection.files;
});

type Call = [method: string, path: () => string, body?: () => Json];

const FILE_READS: Call[] = [
  ["GET", () => `/api/v1/files/${file.id}`],
  ["GET", () => `/api/v1/files/${file.id}/content`],
  ["GET", () => `/api/v1/files/${file.id}/content/vault.txt`],
  ["GET", () => `/api/v1/files/${file.id}/data/content`],
  ["GET", () => `/api/v1/files/${file.id}/process/status`],
  ["GET", () => `/api/v1/files/${file.id}/process/status?stream=true`],
];
const FILE_WRITES: Call[] = [
  ["POST", () => `/api/v1/files/${file.id}/data/content/update`, () => ({ content: "Mine." })],
  ["DELETE", () => `/api/v1/files/${file.id}`],
];
const COLLECTION_READS: Call[] = [
  ["GET", () => `${KNOWLEDGE}/${collection.id}`],
  ["GET", () => `${KNOWLEDGE}/${collection.id}/files`],
];
const member = () => ({ file_id: file.id });
const COLLECTION_WRITES: Call[] = [
  ["POST", () => `${KNOWLEDGE}/${collection.id}/update`, () => ({ name: "Mine", access_control: null })],
  ["POST", () => `${KNOWLEDGE}/${collection.id}/access/update`, () => ({ access_grants: [] })],
  ["POST", () => `${KNOWLEDGE}/${collection.id}/file/add`, member],
  ["POST", () => `${KNOWLEDGE}/${collection.id}/files/batch/add`, () => [member()]],
  ["POST", () => `${KNOWLEDGE}/${collection.id}/file/update`, member],
  ["POST", () => `${KNOWLEDGE}/${collection.id}/file/remove`, member],
  ["POST", () => `${KNOWLEDGE}/${collection.id}/reset`],
  ["DELETE", () => `${KNOWLEDGE}/${collection.id}/delete`],
];

const send = (caller: Caller, [method, path, body]: Call) =>
  caller.call(method, path(), body ? { body: body() } : {});
const share = (permission: "read" | "write" | null) =>
  ann.post(`${KNOWLEDGE}/${collection.id}/access/update`, {
    access_grants: permission ? [{ principal_type: "user", principal_id: bobId, permission }] : [],
  });
async function ask(caller: Caller, item: Json): Promise<Reply> {
  const chat = await askedChat(caller, "What does the vault open with?");
  return complete(caller, completionBody(chat, { files: [item] }));
}
const items = () => [
  { type: "collection", id: collection.id },
  { type: "file", id: file.id },
];

describe("to somebody else", () => {
  test.each([...FILE_READS, ...FILE_WRITES])(
    "%s of a file is a 404, and nothing happens",
    async (...call) => {
      const reply = await send(bob, call);
      expect(reply.status).toBe(404);
      expect(reply.text).not.toContain("7719");
      expect((await ann.get(`/api/v1/files/${file.id}`)).body.data.content).toBe(SECRET);
    },
  );

  test.each([...COLLECTION_READS, ...COLLECTION_WRITES])(
    "%s of a collection is a 401, and nothing happens",
    async (...call) => {
      const reply = await send(bob, call);
      expect(reply.status).toBe(401);
      expect(reply.text).not.toContain("vault.txt");
      expect((await ann.get(`${KNOWLEDGE}/${collection.id}`)).body).toEqual(collection);
    },
  );

  test("no list or search shows anything", async () => {
    const paths = ["/", "/list", "/search?query=Geography", "/search/files?query=vault"].map(
      (path) => KNOWLEDGE + path,
    );
    for (const path of [...paths, "/api/v1/files/", "/api/v1/files/search?filename=vault"]) {
      const { text } = await bob.get(path);
      expect(text).not.toContain(collection.id);
      expect(text).not.toContain(file.id);
    }
    expect((await bob.delete("/api/v1/files/all")).status).toBe(200);
    expect((await ann.get(`/api/v1/files/${file.id}`)).status).toBe(200);
  });

  test("naming either in a completion is a 400 alike for what is foreign and what is not there", async () => {
    for (const item of items()) {
      const [foreign, unknown] = [await ask(bob, item), await ask(bob, { ...item, id: "no-such-id" })];
      expect([foreign.status, unknown.status]).toEqual([400, 400]);
      expect(detailOf(foreign).replace(item.id, "no-such-id")).toBe(detailOf(unknown));
    }
    const stateless = await bob.post("/api/chat/completions", {
      model: "gpt-4o",
      files: items(),
      messages: [{ role: "user", content: "What does the vault open with?" }],
    });
    expect(stateless.status).toBe(400);
  });
});

describe("to whom a collection is shared to read", () => {
  beforeEach(async () => void expectOk(await share("read")));

  test.each([...FILE_READS, ...COLLECTION_READS])("%s works", async (...call) => {
    expect((await send(bob, call)).status).toBe(200);
  });

  test.each(COLLECTION_WRITES)("%s is a 403, and nothing happens", async (...call) => {
    expect((await send(bob, call)).status).toBe(403);
    expect((await ann.get(`${KNOWLEDGE}/${collection.id}`)).body.files_count).toBe(1);
  });

  test.each(FILE_WRITES)("%s of a file in it is a 404, and nothing happens", async (...call) => {
    expect((await send(bob, call)).status).toBe(404);
    expect((await ann.get(`/api/v1/files/${file.id}`)).body.data.content).toBe(SECRET);
  });

  test("both can be asked, until it is taken back", async () => {
    for (const item of items()) {
      const reply = await ask(bob, item);
      expect(reply.chunks[0].sources[0].document[0]).toContain(SECRET);
    }
    await share(null);
    for (const item of items()) expect((await ask(bob, item)).status).toBe(400);
  });

  test("its files cannot be kept by putting them into a collection of one's own", async () => {
    const { body: mine } = await bob.post(`${KNOWLEDGE}/create`, { name: "Mine", description: "" });
    for (const call of [
      ["POST", () => `${KNOWLEDGE}/${mine.id}/file/add`, member] as Call,
      ["POST", () => `${KNOWLEDGE}/${mine.id}/files/batch/add`, () => [member()]] as Call,
    ]) {
      expect((await send(bob, call)).status).toBe(404);
    }
    await share(null);
    expect((await bob.get(`/api/v1/files/${file.id}`)).status).toBe(404);
  });
});

describe("who may write to a collection", () => {
  beforeEach(async () => void expectOk(await share("write")));

  test("puts own files in, which its owner may take out but not delete", async () => {
    const own = await uploadProcessed(bob, "bob.txt", `Bob's text for ${collection.id}.`);
    const path = `${KNOWLEDGE}/${collection.id}/file`;
    expectOk(await bob.post(`${path}/add`, { file_id: own.id }));
    expect((await ann.get(`/api/v1/files/${own.id}`)).status).toBe(200);
    expectOk(await ann.post(`${path}/remove`, { file_id: own.id }));
    expect((await ann.get(`/api/v1/files/${own.id}`)).status).toBe(404);
    expect((await bob.get(`/api/v1/files/${own.id}`)).status).toBe(200);
  });

  test("takes others' files out without deleting them, and puts none back that is there", async () => {
    const path = `${KNOWLEDGE}/${collection.id}/file`;
    expect(expectOk(await bob.post(`${path}/add`, member())).files_count).toBe(1);
    expect(expectOk(await bob.post(`${path}/remove`, member())).files_count).toBe(0);
    expect((await ann.get(`/api/v1/files/${file.id}`)).status).toBe(200);
  });

  test("deletes own files out of it", async () => {
    const own = await uploadProcessed(bob, "bob.txt", `Deleted from ${collection.id}.`);
    expectOk(await bob.post(`${KNOWLEDGE}/${collection.id}/file/add`, { file_id: own.id }));
    expect((await bob.delete(`/api/v1/files/${own.id}`)).status).toBe(200);
    expect((await ann.get(`${KNOWLEDGE}/${collection.id}`)).body).toMatchObject({
      files_count: 1,
      status: "processed",
    });
    const reply = await ask(ann, { type: "collection", id: collection.id });
    expect(reply.text).not.toContain("Deleted from");
  });
});

test("an administrator may do all with collections, but not change or delete others' files", async () => {
  const admin = stage.owner;
  for (const call of [...COLLECTION_READS, ...FILE_READS]) expect((await send(admin, call)).status).toBe(200);
  for (const call of FILE_WRITES) expect((await send(admin, call)).status).toBe(404);
  for (const call of COLLECTION_WRITES) {
    if (call[1]().endsWith("/file/remove")) continue;
    expect([call[1](), (await send(admin, call)).status]).toEqual([call[1](), 200]);
  }
  expect((await ann.get(`/api/v1/files/${file.id}`)).status).toBe(200);
});
