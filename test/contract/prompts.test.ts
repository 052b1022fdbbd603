import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectOk } from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const EVERYBODY = { principal_type: "user", principal_id: "*", permission: "read" };
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

let stage: Stage;
let owner: Caller;
let ann: Caller;
let bob: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
});
beforeEach(async () => {
  for (const { id } of expectOk(await owner.get("/api/v1/prompts/list?page=1")).items)
    expectOk(await owner.delete(`/api/v1/prompts/id/${id}/delete`));
});
afterAll(() => stage?.close());

const create = async (more: Json = {}, caller = ann): Promise<Json> =>
  expectOk(
    await caller.post("/api/v1/prompts/create", {
      command: "sum",
      name: "Sum up",
      content: "Sum up:",
      ...more,
    }),
  );
const offered = async (caller: Caller): Promise<string[]> =>
  expectOk(await caller.get("/api/v1/prompts/")).map(({ command }: Json) => command);
const page = async (query: string, caller = ann): Promise<string[]> =>
  expectOk(await caller.get(`/api/v1/prompts/list?page=1${query}`)).items.map(({ command }: Json) => command);
const historyOf = async (id: string): Promise<Json[]> =>
  expectOk(await ann.get(`/api/v1/prompts/id/${id}/history?page=0`));

describe("a prompt", () => {
  test("is made, read by id and by command, and deleted, in both spellings", async () => {
    const prompt = await create({ command: "/sum", tags: ["a"], meta: { x: 1 } });
    expect(prompt).toMatchObject({
      id: expect.any(String),
      command: "sum",
      name: "Sum up",
      title: "Sum up",
      content: "Sum up:",
      tags: ["a"],
      meta: { x: 1 },
      data: {},
      is_active: true,
      version_id: expect.any(String),
      access_control: {},
      access_grants: [],
    });
    const read = { ...prompt, write_access: true };
    expect(expectOk(await ann.get(`/api/v1/prompts/id/${prompt.id}`))).toMatchObject(read);
    expect(expectOk(await ann.get("/api/v1/prompts/command/sum"))).toMatchObject(read);
    expect(await offered(ann)).toEqual(["sum"]);
    expect(expectOk(await ann.delete("/api/v1/prompts/command/sum/delete"))).toBe(true);
    expect((await ann.get("/api/v1/prompts/command/sum")).status).toBe(401);
    expect((await ann.get(`/api/v1/prompts/id/${prompt.id}`)).status).toBe(404);
    expect((await ann.delete(`/api/v1/prompts/id/${prompt.id}/delete`)).status).toBe(404);
    expect(await offered(ann)).toEqual([]);
  });

  test("takes the form of 0.6.15: a title, and null for everybody", async () => {
    const form = { command: "/sum", title: "Sum up", content: "Sum up:", access_control: null };
    expectOk(await ann.post("/api/v1/prompts/create", form));
    expect(await offered(bob)).toEqual(["sum"]);
    const change = { ...form, title: "Add up", access_control: {} };
    const changed = expectOk(await ann.post("/api/v1/prompts/command/sum/update", change));
    expect(changed).toMatchObject({ name: "Add up", access_control: {} });
    expect(await offered(bob)).toEqual([]);
  });

  test("has a command of its own", async () => {
    await create();
    const other = await create({ command: "other" });
    const taken = [
      await bob.post("/api/v1/prompts/create", { command: "/sum", name: "x", content: "x" }),
      await ann.post(`/api/v1/prompts/id/${other.id}/update`, { command: "sum" }),
      await ann.post(`/api/v1/prompts/id/${other.id}/update/meta`, { command: "/sum" }),
    ];
    for (const reply of taken) {
      expect(reply.status).toBe(400);
      expect(detailOf(reply)).toContain("/sum");
    }
    expect(await offered(ann)).toEqual(["other", "sum"]);
  });

  test.each([
    {},
    { command: "", name: "x", content: "x" },
    { command: "/", name: "x", content: "x" },
    { command: "a b", name: "x", content: "x" },
    { command: "a/b", name: "x", content: "x" },
    { command: "a\u0000", name: "x", content: "x" },
    { command: "x".repeat(129), name: "x", content: "x" },
    { command: "x", content: "x" },
    { command: "x", name: "", content: "x" },
    { command: "x", name: "x" },
    { command: "x", name: "x", content: 1 },
    { command: "x", name: "x", content: "x", tags: "a" },
    { command: "x", name: "x", content: "x", access_grants: [{ principal_type: "cat" }] },
    [],
  ])("is refused with a bad form: %j", async (form) => {
    expect((await ann.post("/api/v1/prompts/create", form)).status).toBe(422);
    expect(await offered(ann)).toEqual([]);
  });

  test("is kept without being offered, and offered again", async () => {
    const { id } = await create();
    expect(expectOk(await ann.post(`/api/v1/prompts/id/${id}/toggle`))).toMatchObject({ is_active: false });
    expect([await offered(ann), await page("")]).toEqual([[], ["sum"]]);
    expect(expectOk(await ann.post(`/api/v1/prompts/id/${id}/toggle`))).toMatchObject({ is_active: true });
    expect(await offered(ann)).toEqual(["sum"]);
  });
});

describe("prompts of others", () => {
  test("are read where they are shared, changed where that is granted, else not there", async () => {
    const { id } = await create();
    const change = () => bob.post(`/api/v1/prompts/id/${id}/update`, { content: "Bob was here" });
    const share = async (...access_grants: Json[]) =>
      expectOk(await ann.post(`/api/v1/prompts/id/${id}/access/update`, { access_grants }));
    expect([(await change()).status, await offered(bob)]).toEqual([404, []]);
    await share(EVERYBODY);
    expect([(await change()).status, await offered(bob)]).toEqual([403, ["sum"]]);
    expect(expectOk(await bob.get(`/api/v1/prompts/id/${id}`)).write_access).toBe(false);
    expect(expectOk(await bob.get("/api/v1/prompts/list"))).toEqual([]);
    const { user_id: bobId } = await create({ command: "bobs" }, bob);
    await share({ principal_type: "user", principal_id: bobId, permission: "write" });
    expect((await change()).status).toBe(200);
    expect(expectOk(await bob.get("/api/v1/prompts/list"))).toMatchObject([
      { command: "bobs" },
      { command: "sum", write_access: true, user: { name: "ann" } },
    ]);
    expect(await offered(owner), "an administrator sees all").toEqual(["bobs", "sum"]);
  });
});

describe("the list", () => {
  test("comes by pages: sought, filtered and ordered", async () => {
    await create({ command: "b", name: "Beta", tags: ["x"] });
    await create({ command: "a", name: "Alpha", content: "needle", tags: ["y", "x"] });
    await create({ command: "c", name: "Gamma", access_control: null }, bob);
    expect(await page("&order_by=name")).toEqual(["a", "b", "c"]);
    expect(await page("&order_by=name&direction=desc")).toEqual(["c", "b", "a"]);
    expect(await page("&query=NEEDLE")).toEqual(["a"]);
    expect(await page("&tag=x&order_by=name")).toEqual(["a", "b"]);
    expect(await page("&view_option=created&order_by=name")).toEqual(["a", "b"]);
    expect(await page("&view_option=shared")).toEqual(["c"]);
    expect(await page("&view_option=&order_by=nothing&direction=up")).toHaveLength(3);
    expect(expectOk(await ann.get("/api/v1/prompts/list?page=2"))).toEqual({ items: [], total: 3 });
    expect((await ann.get("/api/v1/prompts/list?page=0")).status).toBe(422);
    expect(expectOk(await ann.get("/api/v1/prompts/tags"))).toEqual(["x", "y"]);
    expect(expectOk(await bob.get("/api/v1/prompts/tags"))).toEqual([]);
  });
});

describe("versions", () => {
  test("are made by changes of what it says, named, brought back, and deleted", async () => {
    const { id, version_id: first } = await create({ commit_message: "begun" });
    const update = async (form: Json) =>
      expectOk(
        await ann.post(`/api/v1/prompts/id/${id}/update`, { command: "sum", name: "Sum up", ...form }),
      );
    const { version_id: second } = await update({ content: "Add up:", commit_message: "better" });
    expect(second).not.toBe(first);
    expect((await update({ content: "Add up:" })).version_id, "nothing changed").toBe(second);
    const labelled = await ann.post(`/api/v1/prompts/id/${id}/update/meta`, { name: "Up", tags: ["t"] });
    expect(expectOk(labelled)).toMatchObject({ name: "Up", tags: ["t"], version_id: second });
    const made = await historyOf(id);
    expect(made.map((version) => version.commit_message).toSorted()).toEqual(["begun", "better"]);
    expect(made.find((version) => version.id === second)).toMatchObject({
      prompt_id: id,
      parent_id: first,
      snapshot: { name: "Sum up", content: "Add up:", command: "sum" },
      user: { name: "ann" },
    });
    const back = await ann.post(`/api/v1/prompts/id/${id}/update/version`, { version_id: first });
    expect(expectOk(back)).toMatchObject({ content: "Sum up:", version_id: first });
    const versionPath = `/api/v1/prompts/id/${id}/history`;
    expect((await ann.delete(`${versionPath}/${first}`)).status).toBe(400);
    expectOk(await ann.delete(`${versionPath}/${second}`));
    expect((await ann.get(`${versionPath}/${second}`)).status).toBe(404);
    expect(expectOk(await ann.get(`${versionPath}/${first}`))).toMatchObject({ commit_message: "begun" });
    expect(await historyOf(id)).toHaveLength(1);
  });

  test("may be kept without being taken", async () => {
    const { id } = await create();
    const draft = { content: "Draft", is_production: false };
    expect(expectOk(await ann.post(`/api/v1/prompts/id/${id}/update`, draft)).content).toBe("Sum up:");
    expect(await historyOf(id)).toHaveLength(2);
  });

  test("of another prompt are none of its own", async () => {
    const [one, two] = [await create(), await create({ command: "two" })];
    const body = { version_id: two.version_id };
    expect((await ann.post(`/api/v1/prompts/id/${one.id}/update/version`, body)).status).toBe(404);
    expect((await ann.post(`/api/v1/prompts/id/${UNKNOWN}/update/version`, body)).status).toBe(404);
  });
});
