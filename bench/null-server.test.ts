import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, connectApi } from "./api.ts";
import { type FlowRecord, flawOf, measureFlows } from "./flows.ts";
import { completionBody, newTurnIds, POSTED_TITLE, QUESTION, tutorialChats } from "./inputs.ts";
import { type NullServer, startNullServer } from "./null-server.ts";

let server: NullServer;
let api: Api;

beforeEach(async () => {
  server = await startNullServer();
  api = connectApi({ baseUrl: server.url, token: "none" }, 1);
});

afterEach(async () => {
  await api.close();
  await server.close();
});

test("a flow against the null server ends in a record without a flaw", async () => {
  const ids = newTurnIds();
  const { created, enriched } = tutorialChats(ids, { model: "gpt-4o", question: QUESTION, nowMs: 1 });
  const { id } = (await api.call("POST", "/api/v1/chats/new", { chat: created })) as FlowRecord;
  await api.call("POST", `/api/v1/chats/${id}`, { chat: enriched });
  const body = completionBody(ids, {
    chatId: id,
    model: "gpt-4o",
    question: QUESTION,
    titleGeneration: true,
  });
  expect(await api.call("POST", "/api/chat/completions", body)).toMatchObject({ status: true });
  const record = (await api.call("GET", `/api/v1/chats/${id}`)) as FlowRecord;
  expect(record.title).not.toBe(POSTED_TITLE);
  expect(flawOf(record, ids, true)).toBeNull();
});

test("the driver counts each flow once and finds no error", async () => {
  const target = {
    name: "null server",
    baseUrl: server.url,
    token: "none",
    model: "gpt-4o",
    keepsTutorial: true,
    pid: null,
  };
  const plan = { concurrency: 3, warmUpFlows: 2, flows: 10, rounds: 2, pollMs: 1 };
  const figures = await measureFlows(target, plan);
  expect(figures.errors).toEqual({});
  expect(figures.lateTitles).toBe(0);
  expect(figures.pollsPerFlow).toBe(1);
  expect(figures.steps.flow.count).toBe(10);
  expect(figures.steps["5 wait"].count).toBe(10);
});

test("a reply that is not a 200 is an error that names path and status", async () => {
  await expect(api.call("GET", "/api/v1/chats/none")).rejects.toThrow("GET /api/v1/chats/none: HTTP 404");
});
