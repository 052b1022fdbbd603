import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/server/app.ts";
import type { Route } from "../../src/server/routes/route.ts";
import { mutated } from "../fuzz/mutations.ts";
import { chatOf, expectOk, MODEL, placeholder, userMessage } from "../support/chat.ts";
import type { Json, Reply } from "../support/http.ts";
import { type Possessions, pathWith, possess } from "../support/possessions.ts";
import { fieldNames, sampleOf } from "../support/schema-sample.ts";
import { openStage, type Stage } from "../support/server.ts";

const SEED = 20_251_121;
const CHANGED_BODIES = 24;
const MAX_BODY_BYTES = 256 * 1024;

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

/** Bodies that fit no route's form, each as it is sent; most routes must refuse them, none may break. */
const ODD_BODIES: readonly string[] = [
  "",
  "{",
  "nul",
  "null",
  "true",
  "1e999",
  '"text"',
  "[]",
  "[null]",
  "[[{}]]",
  "{}",
  '{"":{"":[]}}',
  '{"__proto__":{"admin":true},"constructor":{"prototype":1}}',
  deep(150),
  deep(50_000),
  `{"name":${deep(50_000)}}`,
  '"\ud800"',
];

/** Values of fields in a query, each as it stands in an address. */
const ODD_TEXTS = [
  "",
  "-1",
  "0",
  "1e308",
  "NaN",
  "null",
  "[]",
  "%00",
  "%F0%9F",
  "%",
  "*",
  "_",
  "\\",
  '"',
  "'",
].concat(["a".repeat(3_000), "__proto__", "../..", "999999999999999999999", "true"]);

/** Ids that nobody has, each as it stands in an address. */
const ODD_IDS = [
  "%00",
  "%0a",
  "%2e%2e%2fetc",
  "%ff",
  "%F0%9F%87%AB",
  "%ED%A0%80",
  "__proto__",
  "%20",
  "*",
].concat("a".repeat(3_000));

let stage: Stage;
let ids: Possessions;
let bobId: string;

const nameOf = ({ method, path }: Route) => `${method} ${path}`;
/** Those that change the whole server come last, so that the others still find models. */
const isSetting = ({ path }: Route) => /config|sync|permissions/.test(path);
const routes = ROUTES.toSorted((a, b) => Number(isSetting(a)) - Number(isSetting(b)));
const named = (which: Route[]) => which.map((route) => [nameOf(route), route] as const);

beforeAll(async () => {
  stage = await openStage({
    provider: { record: false },
    server: { limits: { maxBodyBytes: MAX_BODY_BYTES } },
  });
  bobId = expectOk(await (await stage.addUser("bob")).get("/api/v1/auths/")).id;
  ids = await possess(stage, stage.owner, "Hello");
  expectOk(await stage.owner.post(`/api/tasks/stop/${ids.task}`));
});
afterAll(() => stage?.close());

/** Fields that lead to something where they are right. */
const known = (): Record<string, Json> => ({
  model: MODEL,
  base_model_id: MODEL,
  chat_id: ids.chat,
  message_id: ids.message,
  chat: chatOf([userMessage("u", "Hi"), placeholder("a", "u", { content: "Hello", done: true })]),
  parent_id: null,
  folder_id: null,
  file_id: ids.file,
  version_id: ids.version,
  user_ids: [bobId],
  email: "zoe@example.org",
  url: stage.provider.url,
  OPENAI_API_BASE_URLS: [stage.provider.url],
  messages: [{ role: "user", content: "Hi" }],
});

const pathOf = (route: Route) => pathWith(route, ids, { userId: bobId, modelId: MODEL });
const sampleBody = (route: Route) => (route.body ? sampleOf(route.body, known()) : undefined);

/** What is wrong with an answer to something hostile; nothing where it was done or refused clearly. */
function flaw(reply: Reply): string[] {
  if (reply.status < 400) return [];
  if (reply.status >= 500) return [`${reply.status} ${reply.text.slice(0, 300)}`];
  return reply.body?.detail === undefined
    ? [`${reply.status} without a detail: ${reply.text.slice(0, 300)}`]
    : [];
}

async function flawsOf<Item>(
  items: readonly Item[],
  send: (item: Item) => Promise<Reply>,
): Promise<string[]> {
  const flaws: string[] = [];
  for (const item of items) {
    const found = flaw(await send(item));
    flaws.push(...found.map((text) => `${JSON.stringify(item).slice(0, 400)}: ${text}`));
  }
  return flaws;
}

describe("hostile bodies are done or refused, and break nothing", () => {
  test.each(named(routes.filter(({ body }) => body)))("%s", async (_name, route) => {
    const sample = sampleBody(route);
    const changed = fc.sample(mutated(fc.constant(sample)), { numRuns: CHANGED_BODIES, seed: SEED });
    const bodies = [...ODD_BODIES, JSON.stringify([sample]), JSON.stringify(sample), ...changed];
    const send = (body: string) => stage.owner.call(route.method, pathOf(route), { body });
    expect(await flawsOf(bodies, send)).toEqual([]);
    const huge = JSON.stringify({ ...sample, more: "x".repeat(MAX_BODY_BYTES) });
    expect((await send(huge)).status).toBe(413);
  });
});

describe("hostile queries are done or refused, and break nothing", () => {
  test.each(named(routes.filter(({ query }) => query)))("%s", async (_name, route) => {
    const queries = fieldNames(route.query!).flatMap((field) => [
      `${field}=1&${field}=x`,
      ...ODD_TEXTS.map((text) => `${field}=${text}`),
    ]);
    const body = sampleBody(route);
    const send = (query: string) =>
      stage.owner.call(route.method, `${pathOf(route)}?${query}`, body === undefined ? {} : { body });
    expect(await flawsOf(queries, send)).toEqual([]);
  });
});

describe("hostile ids are refused, and break nothing", () => {
  test.each(named(routes.filter(({ path }) => path.includes("/:"))))("%s", async (_name, route) => {
    const body = sampleBody(route);
    const send = (id: string) =>
      stage.owner.call(route.method, route.path.replaceAll(/:\w+/g, id), body === undefined ? {} : { body });
    expect(await flawsOf(ODD_IDS, send)).toEqual([]);
  });
});

test("afterwards the server goes on", async () => {
  expectOk(await stage.owner.get("/api/v1/chats/"));
  expectOk(await stage.owner.get("/ready"));
});
