import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectOk } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const KEYS = "/api/v1/auths/api_keys";
const MAIN = "/api/v1/auths/api_key";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage?.close());

const keys = async (): Promise<Json[]> => expectOk(await owner.get(KEYS));
const whoIs = async (key: string) => (await createCaller(stage.url, key).get("/api/v1/auths/")).status;

describe("API keys", () => {
  test("are several, each with a name; the key is shown once and its beginning always", async () => {
    const made = expectOk(await owner.post(KEYS, { name: "CI" }));
    expect(made).toMatchObject({ name: "CI", is_main: false, last_used_at: null });
    expect(made.api_key).toMatch(/^sk-[\da-f]{48}$/);
    const other = expectOk(await owner.post(KEYS, { name: "CI" }));
    const listed = await keys();
    expect(listed.map(({ id }) => id)).toEqual([made.id, other.id]);
    expect(listed[0].prefix).toBe(made.api_key.slice(0, 9));
    expect(JSON.stringify(listed)).not.toContain(made.api_key.slice(9));
    expect(await whoIs(made.api_key)).toBe(200);
    await eventually("its use is noted", async () => (await keys())[0].last_used_at !== null);
  });

  test("are revoked one by one", async () => {
    const [one, other] = [
      expectOk(await owner.post(KEYS, { name: "one" })),
      expectOk(await owner.post(KEYS, { name: "other" })),
    ];
    expect(await whoIs(one.api_key)).toBe(200);
    expect((await owner.delete(`${KEYS}/${one.id}`)).body).toBe(true);
    expect([await whoIs(one.api_key), await whoIs(other.api_key)]).toEqual([401, 200]);
    expect((await owner.delete(`${KEYS}/${one.id}`)).status).toBe(404);
  });

  test("the one of Open WebUI's routes stands among them, and is replaced alone", async () => {
    const named = expectOk(await owner.post(KEYS, { name: "stays" }));
    const first = expectOk(await owner.post(MAIN)).api_key;
    const second = expectOk(await owner.post(MAIN)).api_key;
    expect([await whoIs(first), await whoIs(second), await whoIs(named.api_key)]).toEqual([401, 200, 200]);
    expect((await keys()).filter(({ is_main }) => is_main)).toHaveLength(1);
    expect(expectOk(await owner.get(MAIN))).toEqual({ api_key: null, exists: true });
    expect((await owner.delete(MAIN)).body).toBe(true);
    expect([await whoIs(second), await whoIs(named.api_key)]).toEqual([401, 200]);
    expect((await owner.delete(MAIN)).body).toBe(false);
    expect(expectOk(await owner.get(MAIN))).toEqual({ api_key: null, exists: false });
  });

  test.each([[{}], [{ name: "" }], [{ name: 7 }], [{ name: "x".repeat(300) }], [[]]])(
    "refuses %j for a name",
    async (body) => {
      expect(await owner.post(KEYS, body)).toMatchObject({ status: 422 });
    },
  );
});
