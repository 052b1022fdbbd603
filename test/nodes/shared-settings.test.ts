import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectOk } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, type Json, type Reply } from "../support/http.ts";
import { startPostgres } from "../support/postgres.ts";
import { account } from "../support/server.ts";
import { openTwoNodes, type TwoNodes } from "../support/two-nodes.ts";

/** Less than what is kept in memory may be old without being told. */
const SOON_MS = 1_500;

const postgres = await startPostgres();
let nodes: TwoNodes;
/** An ordinary user, at the second server. */
let ann: Caller;
let annId: string;

beforeAll(async () => {
  if (!postgres) return;
  nodes = await openTwoNodes(postgres);
  const [owner] = nodes.owner;
  annId = expectOk(await owner.post("/api/v1/auths/add", { ...account("ann"), role: "user" })).id;
  ann = createCaller(nodes.urls[1], "");
  ann = createCaller(nodes.urls[1], expectOk(await ann.post("/api/v1/auths/signin", account("ann"))).token);
});
afterAll(async () => {
  await nodes?.close();
  await postgres?.stop();
});

const modelIds = async () =>
  expectOk(await ann.get("/api/models")).data.map(({ id }: Json): string => id) as string[];
const modelForm = (more: Json = {}) => ({
  id: "gpt-4o",
  base_model_id: null,
  name: "My GPT",
  meta: {},
  params: {},
  ...more,
});
const CLOSED = { access_control: { read: { user_ids: [], group_ids: [] } } };
const providersWith = (change: Json) => async (owner: Caller) =>
  owner.post("/openai/config/update", { ...expectOk(await owner.get("/openai/config")), ...change });

/** What an administrator changes at the first server, one after the other, and how the second shows it. */
const CHANGES: {
  what: string;
  change: (owner: Caller) => Promise<Reply>;
  isSeen: () => Promise<boolean>;
}[] = [
  {
    what: "a setting",
    change: (owner) => owner.post("/api/v1/auths/admin/config", { PENDING_USER_OVERLAY_TITLE: "Patience" }),
    isSeen: async () => {
      const config = expectOk(await nodes.owner[1].get("/api/v1/auths/admin/config"));
      return config.PENDING_USER_OVERLAY_TITLE === "Patience";
    },
  },
  {
    what: "providers that are switched off",
    change: providersWith({ ENABLE_OPENAI_API: false }),
    isSeen: async () => (await modelIds()).length === 0,
  },
  {
    what: "providers that are switched on",
    change: providersWith({ ENABLE_OPENAI_API: true }),
    isSeen: async () => (await modelIds()).includes("gpt-4o"),
  },
  {
    what: "settings of a model, which nobody else may use",
    change: (owner) => owner.post("/api/v1/models/create", modelForm(CLOSED)),
    isSeen: async () => !(await modelIds()).includes("gpt-4o"),
  },
  {
    what: "a group that may use it",
    change: async (owner) => {
      const group = expectOk(
        await owner.post("/api/v1/groups/create", { name: "Testers", description: "", user_ids: [annId] }),
      );
      const grant = { principal_type: "group", principal_id: group.id, permission: "read" };
      return owner.post("/api/v1/models/model/access/update", { id: "gpt-4o", access_grants: [grant] });
    },
    isSeen: async () => (await modelIds()).includes("gpt-4o"),
  },
  {
    what: "a group that is emptied",
    change: async (owner) => {
      const [group] = expectOk(await owner.get("/api/v1/groups/"));
      return owner.post(`/api/v1/groups/id/${group.id}/users/remove`, { user_ids: [annId] });
    },
    isSeen: async () => !(await modelIds()).includes("gpt-4o"),
  },
  {
    what: "the order of models",
    change: (owner) => owner.post("/api/v1/configs/models", { MODEL_ORDER_LIST: ["gpt-4o-mini", "gpt-4o"] }),
    isSeen: async () =>
      expectOk(await nodes.owner[1].get("/api/v1/configs/models")).MODEL_ORDER_LIST[0] === "gpt-4o-mini",
  },
  {
    what: "a role",
    change: (owner) => owner.post(`/api/v1/users/${annId}/update`, { role: "pending" }),
    isSeen: async () => (await ann.get("/api/models")).status === 401,
  },
  {
    what: "a quota",
    change: (owner) =>
      owner.post(`/api/offstage/users/${annId}/quotas`, { quota: { requests_per_minute: 7 } }),
    isSeen: async () => {
      const [state] = expectOk(await nodes.owner[1].get(`/api/offstage/users/${annId}/quotas`));
      return state.quota.requests_per_minute === 7;
    },
  },
];

describe.skipIf(postgres === null)("what is changed at one of two servers on one database", () => {
  test.each(CHANGES)("$what takes effect at the other at once", async ({ what, change, isSeen }) => {
    expect(await isSeen(), "it was so before").toBe(false);
    expectOk(await change(nodes.owner[0]));
    await eventually(what, isSeen, SOON_MS);
  });
});
