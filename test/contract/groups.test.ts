import { afterAll, beforeAll, expect, test } from "vitest";
import { expectOk } from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { collectionOf } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let owner: Caller;
let ann: Caller;
let bob: Caller;
let annId: string;
let bobId: string;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  annId = expectOk(await ann.get("/api/v1/auths/")).id;
  bobId = expectOk(await bob.get("/api/v1/auths/")).id;
});
afterAll(() => stage?.close());

const NOBODY = "00000000-0000-4000-8000-000000000000";
const create = async (form: Json): Promise<Json> =>
  expectOk(await owner.post("/api/v1/groups/create", { name: "Crew", description: "", ...form }));
const of = (group: Json, rest = "") => `/api/v1/groups/id/${group.id}${rest}`;

test("a group is made, read, changed and deleted", async () => {
  const group = await create({ description: "All hands", permissions: { chat: { edit: true } } });
  expect(group).toMatchObject({ name: "Crew", description: "All hands", member_count: 0, user_ids: [] });
  expect(expectOk(await owner.get(of(group)))).toEqual(group);
  for (const path of ["/info", "/export"])
    expect(expectOk(await owner.get(of(group, path))).id).toBe(group.id);
  const changed = expectOk(await owner.post(of(group, "/update"), { name: "Team", data: { a: 1 } }));
  expect(changed).toMatchObject({
    name: "Team",
    description: "All hands",
    permissions: group.permissions,
    data: { a: 1 },
  });
  expect(expectOk(await owner.delete(of(group, "/delete")))).toBe(true);
  expect((await owner.get(of(group))).status).toBe(404);
  expect((await owner.delete(of(group, "/delete"))).status).toBe(404);
});

test("its members are put in and taken out in both spellings; ids of nobody are passed over", async () => {
  const group = await create({ user_ids: [annId, NOBODY] });
  expect(group.user_ids).toEqual([annId]);
  const ofAnn = expectOk(await owner.get(`/api/v1/users/${annId}/groups`));
  expect(ofAnn.map(({ id }: Json) => id)).toContain(group.id);
  expect(JSON.stringify(expectOk(await owner.get(`/api/v1/users/${bobId}/groups`)))).not.toContain(group.id);
  expect((await ann.get(`/api/v1/users/${annId}/groups`)).status).toBe(403);
  const update = (userIds: string[]) =>
    owner.post(of(group, "/update"), { name: "Crew", description: "", user_ids: userIds });
  expect(expectOk(await update([bobId])).user_ids).toEqual([bobId]);
  const change = (verb: string, userIds: string[]) =>
    owner.post(of(group, `/users/${verb}`), { user_ids: userIds });
  expect(expectOk(await change("add", [annId, annId, NOBODY])).member_count).toBe(2);
  expect(expectOk(await owner.post(of(group, "/users"))).map(({ name }: Json) => name)).toEqual([
    "ann",
    "bob",
  ]);
  const page = expectOk(await owner.get(of(group, "/members?page=1&query=BOB")));
  expect([page.total, page.items[0].email]).toEqual([1, "bob@example.org"]);
  const { users } = expectOk(await owner.get("/api/v1/users/?query=bob"));
  expect(users[0].group_ids).toEqual([group.id]);
  expect(expectOk(await change("remove", [bobId, NOBODY])).user_ids).toEqual([annId]);
});

test("a user sees those that they are in, and not who else is; the rest is an administrator's", async () => {
  const group = await create({ user_ids: [annId, bobId] });
  const other = await create({ name: "Other" });
  const seen = expectOk(await ann.get("/api/v1/groups/"));
  expect(seen.map(({ id }: Json) => id)).toContain(group.id);
  expect(JSON.stringify(seen)).not.toContain(bobId);
  expect(JSON.stringify(seen)).not.toContain(other.id);
  expect((await ann.post("/api/v1/groups/create", { name: "Mine" })).status).toBe(403);
  expect((await ann.get(of(group))).status).toBe(403);
});

test.each([
  {},
  { name: " " },
  { name: "x".repeat(300) },
  { name: "A", user_ids: "all" },
  { name: "A", data: 1 },
])("%j makes no group", async (form) => {
  const reply = await owner.post("/api/v1/groups/create", form);
  expect(reply.status, reply.text).toBe(422);
});

test("a collection that is shared with a group is its members', while they are in it", async () => {
  const group = await create({ user_ids: [annId] });
  const collection = await collectionOf(owner, { "a.txt": "Alpha." });
  const read = (caller: Caller) => caller.get(`/api/v1/knowledge/${collection.id}`);
  expect((await read(ann)).status).toBe(401);
  const grant = { principal_type: "group", principal_id: group.id };
  const share = (permission: string) =>
    owner.post(`/api/v1/knowledge/${collection.id}/access/update`, {
      access_grants: [{ ...grant, permission }],
    });
  expectOk(await share("read"));
  expect(expectOk(await read(ann)).write_access).toBe(false);
  expect((await read(bob)).status).toBe(401);
  expect(expectOk(await ann.get("/api/v1/knowledge/")).map(({ id }: Json) => id)).toContain(collection.id);
  expectOk(await ann.get(`/api/v1/files/${collection.files[0].id}`));
  expect((await ann.post(`/api/v1/knowledge/${collection.id}/reset`)).status).toBe(403);
  expectOk(await share("write"));
  expect(expectOk(await read(ann)).write_access).toBe(true);
  expectOk(await owner.post(of(group, "/users/remove"), { user_ids: [annId] }));
  expect((await read(ann)).status).toBe(401);
});
