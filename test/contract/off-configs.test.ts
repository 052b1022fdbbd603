import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { offConfigRoutes } from "../../src/server/routes/off-config-routes.ts";
import { OFF_CONFIGS } from "../../src/server/routes/off-configs.ts";
import { expectOk } from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let user: Caller;

beforeAll(async () => {
  stage = await openStage();
  user = await stage.addUser("plain");
});
afterAll(() => stage?.close());

/** What forms make of what they were given: nothing as "", lists as text, numbers as text. */
const asForm = (held: Json): Json =>
  Object.fromEntries(
    Object.entries(held as Record<string, Json>).map(([name, value]) => {
      if (value === null) return [name, ""];
      if (typeof value === "number") return [name, String(value)];
      if (Array.isArray(value) && value.length === 0) return [name, [""]];
      if (typeof value === "object" && !Array.isArray(value)) return [name, asForm(value)];
      return [name, value];
    }),
  );

/** The form with its first switch turned. */
function switched(held: Json): { form: Json; name: string } {
  for (const [name, value] of Object.entries(held as Record<string, Json>)) {
    if (typeof value === "boolean") return { form: { ...held, [name]: !value }, name };
    if (value === "") return { form: { ...held, [name]: "something" }, name };
    if (Array.isArray(value)) return { form: { ...held, [name]: [{ url: "http://127.0.0.1" }] }, name };
    if (value && typeof value === "object" && Object.keys(value).length > 0) {
      return { form: { ...held, [name]: switched(value).form }, name };
    }
  }
  throw new Error("Nothing can be switched.");
}

describe.each(OFF_CONFIGS)("$get", ({ get, post }) => {
  test("is shown, and takes a form that changes nothing", async () => {
    const held = expectOk(await stage.owner.get(get));
    expect(expectOk(await stage.owner.post(post, held))).toEqual(held);
    expect(expectOk(await stage.owner.post(post, asForm(held)))).toEqual(held);
    expect(expectOk(await stage.owner.post(post, {}))).toEqual(held);
  });

  test("refuses a change by its name, and stays as it is", async () => {
    const held = expectOk(await stage.owner.get(get));
    const { form, name } = switched(held);
    const reply = await stage.owner.post(post, form);
    expect([reply.status, detailOf(reply)]).toEqual([400, expect.stringContaining(name)]);
    expect(expectOk(await stage.owner.get(get))).toEqual(held);
  });

  test.each([[[]], ["text"], [null], [7]])("refuses %o", async (body) => {
    expect((await stage.owner.post(post, body)).status).toBe(422);
  });
});

test("all of it is an administrator's", async () => {
  for (const { method, path } of offConfigRoutes) {
    const reply = await user.call(method, path, method === "POST" ? { body: {} } : {});
    expect(reply.status, path).toBe(403);
  }
});

test("which parts of their interface pages show is kept, and told to them", async () => {
  const visibility = { models: false };
  const posted = await stage.owner.post("/api/v1/configs/interface/visibility", { visibility });
  expect(expectOk(posted)).toEqual({ visibility });
  expect(expectOk(await user.get("/api/config")).ui.visibility).toEqual(visibility);
  const wrong = await stage.owner.post("/api/v1/configs/interface/visibility", { visibility: { models: 1 } });
  expect(wrong.status).toBe(422);
});
