import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, fetchMessage } from "../support/chat.ts";
import { type Caller, detailOf, type Json, type Reply } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let owner: Caller;
let ann: Caller;
let bob: Caller;
let annId: string;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  annId = expectOk(await ann.get("/api/v1/auths/")).id;
});
afterAll(() => stage?.close());
beforeEach(async () => {
  stage.provider.reset();
  expectOk(await owner.delete("/api/v1/models/delete/all"));
  expectOk(await owner.post("/api/v1/configs/models", NO_SETTINGS));
});

const NO_SETTINGS = {
  DEFAULT_MODELS: null,
  DEFAULT_PINNED_MODELS: null,
  MODEL_ORDER_LIST: [],
  DEFAULT_MODEL_METADATA: {},
  DEFAULT_MODEL_PARAMS: {},
};

const pirate = (more: Json = {}): Json => ({
  id: "pirate",
  base_model_id: "gpt-4o",
  name: "Pirate",
  meta: { description: "Talks like one", tags: [{ name: "sea" }], capabilities: { vision: true } },
  params: { system: "You are a pirate, {{USER_NAME}}.", temperature: 0.3, stop: ["x"] },
  ...more,
});
const settings = (more: Json = {}): Json => ({
  id: "gpt-4o",
  base_model_id: null,
  name: "My GPT",
  meta: { description: "Ours" },
  params: { system: "Be brief.", temperature: 0.1 },
  ...more,
});
const PUBLIC = { access_control: null };
const CLOSED = { access_control: { read: { user_ids: [], group_ids: [] } } };

const create = (caller: Caller, form: Json) => caller.post("/api/v1/models/create", form);
const listed = async (caller: Caller): Promise<Json[]> => expectOk(await caller.get("/api/models")).data;
const idsOf = async (caller: Caller) => (await listed(caller)).map(({ id }) => id);
const read = (caller: Caller, id: string) => caller.get(`/api/v1/models/model?id=${encodeURIComponent(id)}`);
const ask = (caller: Caller, model: string, more: Json = {}): Promise<Reply> =>
  complete(caller, { model, messages: [{ role: "user", content: "Hi" }], stream: false, ...more });
const sent = (): Json => stage.provider.requests.findLast(({ path }) => path.endsWith("/completions"))?.body;

describe("a workspace model", () => {
  test("is listed beside the providers', with what pages need and without how it is asked", async () => {
    const made = expectOk(await create(ann, pirate()));
    expect(made).toMatchObject({ id: "pirate", user_id: annId, is_active: true, params: pirate().params });
    expect(await idsOf(ann)).toEqual(["gpt-4o", "gpt-4o-mini", "pirate"]);
    const row = (await listed(ann)).at(-1);
    expect(row).toMatchObject({
      name: "Pirate",
      object: "model",
      preset: true,
      tags: [{ name: "sea" }],
      info: {
        base_model_id: "gpt-4o",
        meta: { description: "Talks like one", capabilities: { vision: true } },
      },
    });
    expect(JSON.stringify(row)).not.toContain("You are");
  });

  test("is asked at its base, with its system prompt before the others and its params under the request's", async () => {
    expectOk(await create(ann, pirate()));
    expectOk(await ask(ann, "pirate"));
    expect(sent()).toMatchObject({ model: "gpt-4o", temperature: 0.3, stop: ["x"] });
    expect(sent().messages).toEqual([
      { role: "system", content: "You are a pirate, ann." },
      { role: "user", content: "Hi" },
    ]);
    const messages = [
      { role: "system", content: "Sent." },
      { role: "user", content: "Hi" },
    ];
    expectOk(
      await ask(ann, "pirate", { messages, params: { system: "Asked.", top_p: 0.2 }, temperature: 0.9 }),
    );
    expect(sent()).toMatchObject({ temperature: 0.9, top_p: 0.2 });
    expect(sent().messages[0].content).toBe("You are a pirate, ann.\nAsked.\nSent.");
  });

  test("keeps its own id on the messages that it answers", async () => {
    expectOk(await create(ann, pirate()));
    const chat = await askedChat(ann);
    expectOk(await complete(ann, completionBody(chat, { model: "pirate" })));
    expect(await fetchMessage(ann, chat.chatId, chat.answerId)).toMatchObject({
      model: "pirate",
      done: true,
    });
    expect(sent().model).toBe("gpt-4o");
  });

  test("is changed, switched off and on, and deleted, in both spellings", async () => {
    expectOk(await create(ann, pirate()));
    const renamed = expectOk(await ann.post("/api/v1/models/model/update", pirate({ name: "Captain" })));
    expect(renamed).toMatchObject({ name: "Captain", is_active: true });
    expectOk(await ann.post("/api/v1/models/model/update?id=pirate", pirate({ name: "Admiral" })));
    expect(expectOk(await read(ann, "pirate")).name).toBe("Admiral");
    expect(expectOk(await ann.post("/api/v1/models/model/toggle?id=pirate")).is_active).toBe(false);
    expect(await idsOf(ann)).not.toContain("pirate");
    expect((await ask(ann, "pirate")).status).toBe(400);
    expect(expectOk(await read(ann, "pirate")).is_active, "its owner still manages it").toBe(false);
    expectOk(await ann.post("/api/v1/models/model/toggle?id=pirate"));
    expectOk(await ask(ann, "pirate"));
    expect(expectOk(await ann.post("/api/v1/models/model/delete", { id: "pirate" }))).toBe(true);
    expect((await read(ann, "pirate")).status).toBe(404);
    expectOk(await create(ann, pirate()));
    expect(expectOk(await ann.delete("/api/v1/models/model/delete?id=pirate"))).toBe(true);
    expect((await ann.delete("/api/v1/models/model/delete?id=pirate")).status).toBe(404);
  });

  test("is read by who may ask it, without its prompt", async () => {
    expectOk(await create(ann, pirate(PUBLIC)));
    const seen = expectOk(await read(bob, "pirate"));
    expect(seen).toMatchObject({ model: "pirate", base_model_id: "gpt-4o", params: {}, write_access: false });
    expect(seen.meta.capabilities).toEqual({ vision: true });
    expect(expectOk(await read(ann, "pirate")).params).toEqual(pirate().params);
  });

  test("goes with its owner; an administrator's settings stay when they go", async () => {
    const carl = await stage.addUser("carl");
    const carlId = expectOk(await carl.get("/api/v1/auths/")).id;
    expectOk(await create(carl, pirate(PUBLIC)));
    expectOk(await stage.owner.delete(`/api/v1/users/${carlId}`));
    expect((await ask(bob, "pirate")).status).toBe(400);
    expect(await idsOf(bob)).toEqual(["gpt-4o", "gpt-4o-mini"]);
  });

  test("needs an id of its own, a base that a provider has, and a name", async () => {
    expectOk(await create(ann, pirate()));
    for (const [form, status, why] of [
      [pirate(), 409, "pirate"],
      [pirate({ id: "gpt-4o-mini" }), 400, "gpt-4o-mini"],
      [pirate({ id: "p2", base_model_id: "nobody" }), 400, "nobody"],
      [pirate({ id: "p2", base_model_id: "pirate" }), 400, "pirate"],
      [pirate({ id: "p2", base_model_id: null }), 403, "administrator"],
      [pirate({ id: "p2", name: " " }), 422, "name"],
      [pirate({ id: "" }), 422, "id"],
      [pirate({ id: "x".repeat(1_025) }), 422, "id"],
      [pirate({ id: "p2", meta: { picture: "x".repeat(600_000) } }), 422, "longer"],
      [pirate({ id: "p2", params: "hot" }), 422, "params"],
      [pirate({ id: "p2", meta: { knowledge: [{ type: "collection", id: "nope", name: "N" }] } }), 400, "N"],
      [{}, 422, "id"],
    ] as const) {
      const reply = await create(ann, form);
      expect([reply.status, detailOf(reply)], JSON.stringify(form).slice(0, 80)).toEqual([
        status,
        expect.stringContaining(why),
      ]);
    }
    expect(await idsOf(ann)).toEqual(["gpt-4o", "gpt-4o-mini", "pirate"]);
  });

  test("with odd words in its facts harms no list and no answer", async () => {
    const meta = {
      tags: [null, 7, { name: 5 }],
      knowledge: "none",
      capabilities: [1],
      suggestion_prompts: {},
    };
    const id = "odd/id ?&#% <b>日本</b>";
    expectOk(await create(ann, pirate({ id, meta, params: { system: 5, custom_params: [1] } })));
    expect(await idsOf(ann)).toContain(id);
    expect(expectOk(await ann.get("/api/v1/models/tags"))).toEqual([]);
    expect(expectOk(await read(ann, id)).id).toBe(id);
    expect((await ask(ann, id)).status).toBeLessThan(500);
    expectOk(await ann.delete(`/api/v1/models/model/delete?id=${encodeURIComponent(id)}`));
  });
});

describe("who may use a model", () => {
  const grants = (...given: [string, string, string][]) => ({
    access_grants: given.map(([principal_type, principal_id, permission]) => ({
      principal_type,
      principal_id,
      permission,
    })),
  });

  test("nobody but its owner and administrators, at first: to others it is not there", async () => {
    expectOk(await create(owner, pirate()));
    for (const call of [
      read(ann, "pirate"),
      ann.post("/api/v1/models/model/update", pirate()),
      ann.post("/api/v1/models/model/toggle?id=pirate"),
      ann.post("/api/v1/models/model/access/update", { id: "pirate", access_grants: [] }),
      ann.post("/api/v1/models/model/delete", { id: "pirate" }),
      ann.delete("/api/v1/models/model/delete?id=pirate"),
    ]) {
      const reply = await call;
      expect(reply.status).toBe(404);
      expect(detailOf(reply)).toContain('not found: "pirate"');
    }
    const foreign = await ask(ann, "pirate");
    const unknown = await ask(ann, "nothing");
    expect([foreign.status, detailOf(foreign)]).toEqual([
      unknown.status,
      detailOf(unknown).replace("nothing", "pirate"),
    ]);
    expect(await idsOf(ann)).toEqual(["gpt-4o", "gpt-4o-mini"]);
    expect(expectOk(await ann.get("/api/v1/models/list?page=1"))).toEqual({ items: [], total: 0 });
    expect(await idsOf(owner)).toContain("pirate");
  });

  test("users by name, in both spellings; who may only ask does not change it", async () => {
    for (const access of [
      { access_control: { read: { user_ids: [annId], group_ids: [] } } },
      grants(["user", annId, "read"]),
    ]) {
      expectOk(await create(owner, pirate(access)));
      expectOk(await ask(ann, "pirate"));
      expect((await ask(bob, "pirate")).status).toBe(400);
      expect((await ann.post("/api/v1/models/model/update", pirate())).status).toBe(403);
      expect(expectOk(await ann.get("/api/v1/models/"))).toEqual([]);
      expect(expectOk(await ann.get("/api/v1/models/list?page=1")).total).toBe(1);
      expectOk(await owner.post("/api/v1/models/model/delete", { id: "pirate" }));
    }
  });

  test("groups, from when one is in them until one is not", async () => {
    const group = expectOk(
      await owner.post("/api/v1/groups/create", { name: "Crew", description: "", user_ids: [annId] }),
    );
    expectOk(await create(owner, pirate()));
    const access = { id: "pirate", ...grants(["group", group.id, "read"]) };
    const shared = expectOk(await owner.post("/api/v1/models/model/access/update", access));
    expect(shared.access_control.read.group_ids).toEqual([group.id]);
    expectOk(await ask(ann, "pirate"));
    expect((await ask(bob, "pirate")).status).toBe(400);
    const members = `/api/v1/groups/id/${group.id}/users`;
    expectOk(await owner.post(`${members}/remove`, { user_ids: [annId] }));
    expect((await ask(ann, "pirate")).status).toBe(400);
    expectOk(await owner.post(`${members}/add`, { user_ids: [annId] }));
    expectOk(await ask(ann, "pirate"));
    expectOk(await owner.delete(`/api/v1/groups/id/${group.id}/delete`));
    expect((await ask(ann, "pirate")).status).toBe(400);
  });

  test("a page that knows one spelling sends the other back as it was", async () => {
    const made = expectOk(await create(owner, pirate({ access_control: {} })));
    expectOk(await owner.post("/api/v1/models/model/update", { ...made, access_control: null }));
    expect(await idsOf(ann)).toContain("pirate");
    const shared = expectOk(await read(owner, "pirate"));
    expectOk(
      await owner.post("/api/v1/models/model/update", { ...shared, ...grants(["user", annId, "read"]) }),
    );
    expect([await idsOf(ann), await idsOf(bob)].map((ids) => ids.includes("pirate"))).toEqual([true, false]);
    const again = expectOk(await read(owner, "pirate"));
    expectOk(await owner.post("/api/v1/models/model/update", { ...again, name: "Same" }));
    expect(expectOk(await read(owner, "pirate"))).toMatchObject(grants(["user", annId, "read"]));
  });

  test("a body that says nothing of access leaves it", async () => {
    expectOk(await create(owner, pirate(PUBLIC)));
    expectOk(await owner.post("/api/v1/models/model/update", pirate({ name: "Captain" })));
    expect(await idsOf(ann)).toContain("pirate");
    expectOk(await owner.post("/api/v1/models/model/update", pirate({ access_control: {} })));
    expect(await idsOf(ann)).not.toContain("pirate");
  });
});

describe("settings of a provider's model", () => {
  test("rename and describe it for everybody, and are asked along", async () => {
    expectOk(await create(owner, settings({ meta: { description: "Ours", hidden: true } })));
    const [row] = await listed(ann);
    expect(row).toMatchObject({
      id: "gpt-4o",
      name: "My GPT",
      info: { meta: { description: "Ours", hidden: true } },
    });
    expect(row).not.toHaveProperty("preset");
    expectOk(await ask(ann, "gpt-4o"));
    expect(sent()).toMatchObject({ model: "gpt-4o", temperature: 0.1 });
    expect(sent().messages[0]).toEqual({ role: "system", content: "Be brief." });
  });

  test("are not its workspace models'", async () => {
    expectOk(await create(owner, settings()));
    expectOk(await create(ann, pirate({ params: {} })));
    expectOk(await ask(ann, "pirate"));
    expect(sent()).not.toHaveProperty("temperature");
    expect(sent().messages).toHaveLength(1);
  });

  test("switch it off for everybody, and what is built on it", async () => {
    expectOk(await create(ann, pirate(PUBLIC)));
    expectOk(await create(owner, settings({ is_active: false })));
    for (const caller of [owner, ann]) {
      expect(await idsOf(caller)).toEqual(["gpt-4o-mini"]);
      for (const id of ["gpt-4o", "pirate"]) {
        const reply = await ask(caller, id);
        expect([reply.status, detailOf(reply)]).toEqual([400, expect.stringContaining(`not found: "${id}"`)]);
      }
    }
    const base = expectOk(await owner.get("/api/models/base")).data;
    expect(base.map(({ id, is_active }: Json) => [id, is_active])).toEqual([
      ["gpt-4o", false],
      ["gpt-4o-mini", true],
    ]);
    expect(expectOk(await owner.get("/api/v1/models/base"))).toMatchObject([
      { id: "gpt-4o", is_active: false },
    ]);
    expectOk(await owner.post("/api/v1/models/model/toggle?id=gpt-4o"));
    expectOk(await ask(ann, "pirate"));
  });

  test("do not close it where web UIs only switch it off and on, nor if they do so twice", async () => {
    for (const bare of [{ access_control: {} }, { access_grants: [] }]) {
      expectOk(await create(owner, settings({ ...bare, is_active: false })));
      expect(await idsOf(ann)).toEqual(["gpt-4o-mini"]);
      expectOk(await create(owner, settings({ ...bare, is_active: true })));
      expect(await idsOf(ann)).toContain("gpt-4o");
    }
  });

  test("close it to who is not named; a workspace model lends its owner's rights", async () => {
    expectOk(await create(owner, settings(CLOSED)));
    expect(await idsOf(ann)).toEqual(["gpt-4o-mini"]);
    expect((await ask(ann, "gpt-4o")).status).toBe(400);
    expect((await create(ann, pirate())).status).toBe(400);
    expectOk(await create(owner, pirate(PUBLIC)));
    expectOk(await ask(ann, "pirate"));
  });

  test("take a model from who built on it while they might", async () => {
    expectOk(await create(ann, pirate(PUBLIC)));
    expectOk(await create(owner, settings(CLOSED)));
    for (const caller of [ann, bob, owner]) expect((await ask(caller, "pirate")).status).toBe(400);
    expect(await idsOf(ann)).toEqual(["gpt-4o-mini"]);
  });

  test("are an administrator's business", async () => {
    expect((await create(ann, settings())).status).toBe(403);
    expectOk(await create(owner, settings()));
    expect((await ann.post("/api/v1/models/model/update", settings())).status).toBe(403);
    expect((await ann.post("/api/v1/models/model/toggle?id=gpt-4o")).status).toBe(403);
    for (const path of ["models/base", "models/base/tags", "models/export", "configs/models"])
      expect((await ann.get(`/api/v1/${path}`)).status, path).toBe(403);
    for (const path of ["models/import", "models/sync", "configs/models"])
      expect((await ann.post(`/api/v1/${path}`, { models: [] })).status, path).toBe(403);
    expect((await ann.get("/api/models/base")).status).toBe(403);
    expect((await ann.delete("/api/v1/models/delete/all")).status).toBe(403);
  });
});

describe("what is set for all models", () => {
  test("orders their list, and says which are chosen at first", async () => {
    expectOk(await create(ann, pirate(PUBLIC)));
    const set = { DEFAULT_MODELS: "pirate", DEFAULT_PINNED_MODELS: "gpt-4o", MODEL_ORDER_LIST: ["pirate"] };
    expect(expectOk(await owner.post("/api/v1/configs/models", set))).toEqual({ ...NO_SETTINGS, ...set });
    expect(await idsOf(ann)).toEqual(["pirate", "gpt-4o", "gpt-4o-mini"]);
    expect(expectOk(await ann.get("/api/config"))).toMatchObject({
      default_models: "pirate",
      default_pinned_models: "gpt-4o",
    });
    const older = { DEFAULT_MODELS: null, MODEL_ORDER_LIST: ["gpt-4o-mini", "gone"] };
    expect(expectOk(await owner.post("/api/v1/configs/models", older))).toEqual({
      ...NO_SETTINGS,
      ...older,
      DEFAULT_PINNED_MODELS: "gpt-4o",
    });
    expect(await idsOf(ann), "the rest by name").toEqual(["gpt-4o-mini", "pirate", "gpt-4o"]);
  });

  test("gives facts and params to those that have none of their own", async () => {
    expectOk(await create(ann, pirate(PUBLIC)));
    expectOk(
      await owner.post("/api/v1/configs/models", {
        DEFAULT_MODEL_METADATA: { capabilities: { vision: false, usage: true } },
        DEFAULT_MODEL_PARAMS: { temperature: 0.55, top_p: 0.2 },
      }),
    );
    const capabilities = (await listed(ann)).map(({ info }) => info.meta.capabilities);
    expect(capabilities).toEqual([
      { vision: false, usage: true },
      { vision: false, usage: true },
      { vision: true, usage: true },
    ]);
    expectOk(await ask(ann, "gpt-4o"));
    expect(sent()).toMatchObject({ temperature: 0.55, top_p: 0.2 });
    expectOk(await ask(ann, "pirate"));
    expect(sent()).toMatchObject({ temperature: 0.3, top_p: 0.2 });
    expect(expectOk(await ann.get("/api/v1/configs/models/defaults"))).toEqual({
      DEFAULT_MODEL_METADATA: { capabilities: { vision: false, usage: true } },
    });
  });

  test.each([{ MODEL_ORDER_LIST: "x" }, { DEFAULT_MODELS: 7 }, { DEFAULT_MODEL_PARAMS: [1] }, "x"])(
    "%j is refused, and changes nothing",
    async (body) => {
      expect((await owner.post("/api/v1/configs/models", body)).status).toBe(422);
      expect(expectOk(await owner.get("/api/v1/configs/models"))).toEqual(NO_SETTINGS);
    },
  );
});

describe("many models", () => {
  const names = (items: Json[]) => items.map(({ id }) => id);

  test("are paged, found, ordered and tagged", async () => {
    const forms = Array.from({ length: 32 }, (_, index) => pirate({ id: `p${index}`, name: `P ${index}` }));
    expect(expectOk(await owner.post("/api/v1/models/import", { models: forms }))).toBe(true);
    const page = async (query: string) => expectOk(await owner.get(`/api/v1/models/list?${query}`));
    expect([(await page("page=1")).items.length, (await page("page=2")).items.length]).toEqual([30, 2]);
    expect(names((await page("query=P%2031")).items)).toEqual(["p31"]);
    expect(names((await page("order_by=name&direction=desc")).items).slice(0, 2)).toEqual(["p31", "p30"]);
    expect((await page("tag=sea")).total).toBe(32);
    expect((await page("tag=land")).total).toBe(0);
    expect((await page("view_option=shared")).total).toBe(0);
    expect(expectOk(await owner.get("/api/v1/models/tags"))).toEqual(["sea"]);
    expect(expectOk(await ann.get("/api/v1/models/tags"))).toEqual([]);
  });

  test("are exported and taken over elsewhere, or put in the place of all", async () => {
    expectOk(await create(owner, pirate()));
    expectOk(await create(owner, settings()));
    const all = expectOk(await owner.get("/api/v1/models/export"));
    expect(names(all).toSorted()).toEqual(["gpt-4o", "pirate"]);
    const [one] = expectOk(await owner.get("/api/v1/models/export?ids=pirate"));
    expectOk(await owner.delete("/api/v1/models/delete/all"));
    expectOk(await owner.post("/api/v1/models/import", { models: [one] }));
    expect(expectOk(await read(owner, "pirate"))).toMatchObject({ name: "Pirate", params: pirate().params });
    expectOk(await owner.post("/api/v1/models/import", { models: [{ id: "pirate", name: "Renamed" }] }));
    expect(expectOk(await read(owner, "pirate"))).toMatchObject({ name: "Renamed", params: pirate().params });
    const left = expectOk(await owner.post("/api/v1/models/sync", { models: [settings()] }));
    expect(names(left)).toEqual(["gpt-4o"]);
    expect((await owner.post("/api/v1/models/import", { models: [{ nope: 1 }] })).status).toBe(422);
  });
});
