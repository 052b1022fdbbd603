import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/server/app.ts";
import { expectOk, MODEL } from "../support/chat.ts";
import { type Caller, detailOf, type Json, type Reply } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const UNKNOWN = "nobodys";
const OFF = "gpt-4o-mini";
const PRIVATE = "private-helper";

let stage: Stage;
let ann: Caller;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  const create = async (form: Json) =>
    expectOk(await stage.owner.post("/api/v1/models/create", { meta: {}, params: {}, ...form }));
  await create({ id: PRIVATE, base_model_id: MODEL, name: "Secret", access_control: {} });
  await create({ id: OFF, base_model_id: null, name: "Secret", is_active: false, access_control: null });
});
afterAll(() => stage?.close());

const messages = [{ role: "user", content: "Hi" }];
const posts = (path: string, form: Json) => ({
  name: `POST ${path}`,
  ask: (model: string): Promise<Reply> => ann.post(path, { model, ...form }),
});
const gets = (path: string) => ({
  name: `GET ${path}`,
  ask: (model: string): Promise<Reply> => ann.get(path.replace(":modelId", model)),
});

/** Everything that takes a model's id from a user. */
const WAYS = [
  ...["/api/models/:modelId", "/api/v1/models/:modelId", "/api/v1/models/model?id=:modelId"].map(gets),
  ...ROUTES.filter(({ path }) => path.endsWith("/embeddings")).map(({ path }) => posts(path, { input: "a" })),
  ...ROUTES.filter(({ path, body }) => body && path.endsWith("/completions")).map(({ path }) =>
    // Merging answers asks with these instead of messages.
    posts(path, { messages, prompt: "Hi", responses: ["Hello"] }),
  ),
];

describe.each([
  ["is not shared", PRIVATE],
  ["is switched off", OFF],
])("a model that %s is answered as one that is not there", (_why, id) => {
  test.each(WAYS)("$name", async ({ ask }) => {
    const asked = stage.provider.requests.length;
    const [hidden, unknown] = [await ask(id), await ask(UNKNOWN)];
    expect(hidden.status).toBeGreaterThanOrEqual(400);
    expect(hidden.status).toBe(unknown.status);
    expect(detailOf(hidden).replaceAll(id, UNKNOWN)).toBe(detailOf(unknown));
    expect(stage.provider.requests).toHaveLength(asked);
  });
});

test("once it is shared, it is found and asked in every way", async () => {
  const grants = [{ principal_type: "user", principal_id: "*", permission: "read" }];
  const form = { id: PRIVATE, access_grants: grants };
  expectOk(await stage.owner.post("/api/v1/models/model/access/update", form));
  for (const { ask } of WAYS) expectOk(await ask(PRIVATE));
});
