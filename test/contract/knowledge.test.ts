import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { collectionOf, upload, uploadProcessed } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let ann: Caller;
let bob: Caller;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
});
afterAll(() => stage?.close());

const PATH = "/api/v1/knowledge";
const create = (caller: Caller, form: Json = {}) =>
  caller.post(`${PATH}/create`, {
    name: "Geography Knowledge Base",
    description: "World geography",
    ...form,
  });
const get = async (caller: Caller, id: string) => (await caller.get(`${PATH}/${id}`)).body;

describe("a collection", () => {
  test("is the real record with the tutorial's fields, and is ready when its files are", async () => {
    const { status, body } = await create(ann);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: "Geography Knowledge Base",
      description: "World geography",
      type: "collection",
      status: "processed",
      data: null,
      access_control: {},
      access_grants: [],
      files: [],
      files_count: 0,
      total_size: 0,
      metadata: { indexing_status: "complete", last_indexed: null },
    });
    const file = await uploadProcessed(ann, "france.txt", "The capital of France is Paris.");
    const added = await ann.post(`${PATH}/${body.id}/file/add`, { file_id: file.id });
    expect(added.body).toMatchObject({
      id: body.id,
      data: { file_ids: [file.id] },
      files: [{ id: file.id, meta: { name: "france.txt", collection_name: body.id } }],
      status: "processed",
      files_count: 1,
      total_size: 31,
      metadata: { indexing_status: "complete", last_indexed: file.updated_at },
    });
    expect(await get(ann, body.id)).toEqual(added.body);
    const listed = await ann.get(`${PATH}/${body.id}/files`);
    expect(listed.body).toMatchObject({ total: 1, items: [{ id: file.id, filename: "france.txt" }] });
    const search = async (query: string) => (await ann.get(`${PATH}/search/files?${query}`)).body;
    const collection = { id: body.id, name: body.name, user_id: body.user_id, access_grants: [] };
    expect(await search("page=1&query=FRANCE")).toMatchObject({
      total: 1,
      items: [{ id: file.id, collection }],
    });
    expect(await search("query=sweden")).toMatchObject({ total: 0, items: [] });
    expect(await search("page=2")).toMatchObject({ total: 1, items: [] });
  });

  test("is listed as an array, and by pages where a page is asked for", async () => {
    const { body } = await create(bob, { name: "Bob's atlas" });
    const all = (await bob.get(`${PATH}/`)).body;
    expect(all.map(({ id }: Json) => id)).toEqual([body.id]);
    expect(all[0].user).toMatchObject({
      name: "bob",
      role: "user",
      profile_image_url: expect.stringMatching(/^\/api\/v1\/users\/[\w-]+\/profile\/image$/),
    });
    expect((await bob.get(`${PATH}/?page=1`)).body).toMatchObject({ total: 1, items: [{ id: body.id }] });
    expect((await bob.get(`${PATH}/?page=2`)).body).toEqual({ total: 1, items: [] });
    expect((await bob.get(`${PATH}/search?query=ATLAS`)).body.total).toBe(1);
    expect((await bob.get(`${PATH}/search?query=cookbook`)).body.total).toBe(0);
  });

  test("is renamed, emptied and deleted, and its files stay their user's", async () => {
    const { id, files } = await collectionOf(ann, { "a.txt": "Text A.", "b.txt": "Text B." });
    const renamed = await ann.post(`${PATH}/${id}/update`, { name: "New name", description: "New" });
    expect(renamed.body).toMatchObject({ name: "New name", description: "New", files_count: 2 });
    expect((await ann.post(`${PATH}/${id}/reset`)).body).toMatchObject({ files_count: 0, files: [] });
    expect((await ann.delete(`${PATH}/${id}/delete`)).body).toBe(true);
    expect((await ann.get(`${PATH}/${id}`)).status).toBe(401);
    for (const file of files) expect((await ann.get(`/api/v1/files/${file.id}`)).status).toBe(200);
  });

  test("loses a file that is taken out, which goes for good unless that is refused or it is held elsewhere", async () => {
    const { id, files } = await collectionOf(ann, { "1.txt": "One.", "2.txt": "Two.", "3.txt": "Three." });
    const other = (await create(ann)).body;
    await ann.post(`${PATH}/${other.id}/file/add`, { file_id: files[1].id });
    const remove = (index: number, query = "") =>
      ann.post(`${PATH}/${id}/file/remove${query}`, { file_id: files[index].id });
    expect((await remove(0)).body.files_count).toBe(2);
    expect((await remove(1)).body.files_count).toBe(1);
    expect((await remove(2, "?delete_file=false")).body.files_count).toBe(0);
    const statuses = await Promise.all(files.map((file: Json) => ann.get(`/api/v1/files/${file.id}`)));
    expect(statuses.map(({ status }) => status)).toEqual([404, 200, 200]);
    expect((await remove(2)).status).toBe(404);
  });

  test("takes several files at once, or none of them", async () => {
    const { body } = await create(ann);
    const good = await uploadProcessed(ann, "good.txt", "Good.");
    const add = (...ids: string[]) =>
      ann.post(
        `${PATH}/${body.id}/files/batch/add`,
        ids.map((id) => ({ file_id: id })),
      );
    expect((await add(good.id, "unknown")).status).toBe(404);
    expect((await get(ann, body.id)).files_count).toBe(0);
    expect((await add(good.id, good.id)).body.files_count).toBe(1);
  });

  test("is processing while a file of it is, and says which failed", async () => {
    const { body } = await create(ann);
    const big = Array.from({ length: 300 }, (_, line) => `Line ${line} of a long text.`).join("\n\n");
    const file = (await upload(ann, "big.txt", big, { query: "?process_in_background=true" })).body;
    const added = await ann.post(`${PATH}/${body.id}/file/add`, { file_id: file.id });
    expect(added.body).toMatchObject({ status: "processing", metadata: { indexing_status: "indexing" } });
    await ann.get(`/api/v1/files/${file.id}/process/status?stream=true`);
    expect(await get(ann, body.id)).toMatchObject({ status: "processed" });
  });
});

describe("access to a collection", () => {
  const SHARED_WITH = (id: string) => ({
    read: { user_ids: [id], group_ids: [] },
    write: { user_ids: [], group_ids: [] },
  });

  test("is its owner's alone, until it is given", async () => {
    const { id, files } = await collectionOf(ann, { "secret.txt": "Only for Ann." });
    const calls: [string, string, Json?][] = [
      ["GET", `${PATH}/${id}`],
      ["GET", `${PATH}/${id}/files`],
      ["POST", `${PATH}/${id}/update`, { name: "Bob's", description: "" }],
      ["POST", `${PATH}/${id}/access/update`, { access_grants: [] }],
      ["POST", `${PATH}/${id}/file/add`, { file_id: files[0].id }],
      ["POST", `${PATH}/${id}/file/remove`, { file_id: files[0].id }],
      ["POST", `${PATH}/${id}/file/update`, { file_id: files[0].id }],
      ["POST", `${PATH}/${id}/reset`],
      ["DELETE", `${PATH}/${id}/delete`],
    ];
    for (const [method, path, body] of calls) {
      const reply = await bob.call(method, path, { body });
      expect([method, path, reply.status]).toEqual([method, path, 401]);
    }
    expect((await bob.get(`${PATH}/`)).text).not.toContain(id);
    expect(await get(ann, id)).toMatchObject({ files_count: 1 });

    const bobId = (await bob.get("/api/v1/auths/")).body.id;
    await ann.post(`${PATH}/${id}/update`, { name: "Shared", access_control: SHARED_WITH(bobId) });
    expect(await get(bob, id)).toMatchObject({ name: "Shared", write_access: false });
    expect((await bob.get(`/api/v1/files/${files[0].id}/content`)).text).toBe("Only for Ann.");
    expect((await bob.post(`${PATH}/${id}/reset`)).status).toBe(403);
    expect((await bob.delete(`/api/v1/files/${files[0].id}`)).status).toBe(404);

    const grants = [{ principal_type: "user", principal_id: bobId, permission: "write" }];
    const granted = await ann.post(`${PATH}/${id}/access/update`, { access_grants: grants });
    expect(granted.body).toMatchObject({
      access_grants: grants,
      access_control: { write: { user_ids: [bobId] } },
    });
    expect((await bob.post(`${PATH}/${id}/reset`)).status).toBe(200);
  });

  test("is everybody's to read where access_control is null", async () => {
    const { id } = await collectionOf(ann, { "open.txt": "For all." }, { access_control: null });
    expect(await get(bob, id)).toMatchObject({ access_control: null, files_count: 1 });
    expect((await bob.post(`${PATH}/${id}/update`, { name: "x" })).status).toBe(403);
  });

  test("puts nobody else's file into a collection", async () => {
    const mine = (await create(bob)).body;
    const hers = await uploadProcessed(ann, "hers.txt", "Ann's.");
    const reply = await bob.post(`${PATH}/${mine.id}/file/add`, { file_id: hers.id });
    expect(reply.status).toBe(404);
    expect(detailOf(reply)).toContain(hers.id);
  });
});

test.each([
  ["a name is missing", { description: "x" }],
  ["the name is blank", { name: "  " }],
  ["access is no object", { name: "x", access_control: "public" }],
  [
    "a grant is unknown",
    { name: "x", access_grants: [{ principal_type: "robot", principal_id: "1", permission: "read" }] },
  ],
])("a collection of which %s is a 422", async (_case, form) => {
  expect((await ann.post(`${PATH}/create`, form)).status).toBe(422);
});
