import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectOk, MODEL } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, detailOf, type Json } from "../support/http.ts";
import { startPostgres } from "../support/postgres.ts";
import { account } from "../support/server.ts";
import { openTwoNodes, type TwoNodes } from "../support/two-nodes.ts";

const postgres = await startPostgres();
let nodes: TwoNodes;

beforeAll(async () => {
  if (postgres) nodes = await openTwoNodes(postgres);
});
afterAll(async () => {
  await nodes?.close();
  await postgres?.stop();
});

/** A new user with this quota, at both servers. */
async function userWith(name: string, quota: Json): Promise<{ id: string; at: readonly [Caller, Caller] }> {
  const [owner] = nodes.owner;
  const { id } = expectOk(await owner.post("/api/v1/auths/add", { ...account(name), role: "user" }));
  expectOk(await owner.post(`/api/offstage/users/${id}/quotas`, { quota }));
  const signedIn = await createCaller(nodes.urls[0], "").post("/api/v1/auths/signin", account(name));
  const { token } = expectOk(signedIn);
  return { id, at: [createCaller(nodes.urls[0], token), createCaller(nodes.urls[1], token)] };
}

const ask = (caller: Caller, content = "Hi", more: Json = {}) =>
  caller.post("/api/chat/completions", { model: MODEL, messages: [{ role: "user", content }], ...more });

const usedAt = async (caller: Caller) => expectOk(await caller.get("/api/offstage/quotas"))[0].today;

describe.skipIf(postgres === null)("what is used at one of two servers on one database", () => {
  test("counts at the other: answers and tokens of a day are for both together", async () => {
    const { at } = await userWith("ann", { answers_per_day: 2 });
    const [near, far] = at;
    expectOk(await ask(near));
    await eventually("the first answer counts at the other", async () => (await usedAt(far)).answers === 1);
    expectOk(await ask(far));
    await eventually("both count at the first", async () => (await usedAt(near)).answers === 2);
    for (const caller of at) {
      const refused = await ask(caller);
      expect(refused.status).toBe(429);
      expect(detailOf(refused)).toMatch(/2 answers a day, of which 2 are used/);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  });

  test("stops the other once the tokens of the day are used up", async () => {
    const { at } = await userWith("bob", { tokens_per_day: 5 });
    const [near, far] = at;
    expectOk(await ask(near, "[[tokens=20]]"));
    await eventually("the tokens count at the other", async () => (await usedAt(far)).tokens > 5);
    const refused = await ask(far);
    expect(refused.status).toBe(429);
    expect(detailOf(refused)).toMatch(/5 tokens a day/);
  });

  test("adds up where both are asked at once, and no answer is lost from the count", async () => {
    const { at } = await userWith("carl", {});
    const replies = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(at[index % 2 ? 1 : 0])));
    for (const reply of replies) expectOk(reply);
    for (const caller of at)
      await eventually("all ten count", async () => (await usedAt(caller)).answers === 10);
  });

  test("leaves requests a minute to each server, as the documentation says", async () => {
    const { at } = await userWith("dora", { requests_per_minute: 3 });
    for (const caller of at) {
      const statuses: number[] = [];
      for (let count = 0; count < 4; count++) statuses.push((await caller.get("/api/v1/chats/")).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
    }
  });
});
