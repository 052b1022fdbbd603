import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, MODEL } from "../support/chat.ts";
import { createCaller } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";
import { openTab } from "../support/socket.ts";

const TOKEN = "scrape me";

describe("the figures", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ server: { guard: { metrics: { token: TOKEN } } } });
  });
  afterAll(() => stage?.close());

  /** The samples by name and labels. */
  async function read(): Promise<Record<string, number>> {
    const reply = await createCaller(stage.url, TOKEN).get("/metrics");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toContain("text/plain");
    const samples = reply.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return Object.fromEntries(
      samples.map((line) => [
        line.slice(0, line.lastIndexOf(" ")),
        Number(line.slice(line.lastIndexOf(" "))),
      ]),
    );
  }

  test("tell of answers, tokens, failures, routes, sockets, queues and the process", async () => {
    const { owner } = stage;
    const tab = await openTab(stage.url, owner.token);
    expectOk(await complete(owner, completionBody(await askedChat(owner, "[[tokens=10]]"))));
    const messages = [{ role: "user", content: "[[status=500]]" }];
    expect((await owner.post("/api/chat/completions", { model: MODEL, messages })).status).toBe(500);
    await owner.get("/api/v1/chats/none");
    for (const path of ["/openapi.json", "/", "/nowhere/none"]) await owner.get(path);
    const figures = await read();
    expect(figures).toMatchObject({
      'offstage_answers_total{kind="saved",outcome="finished"}': 1,
      'offstage_answers_total{kind="stateless",outcome="failed"}': 1,
      'offstage_answer_first_text_seconds_count{kind="saved"}': 1,
      'offstage_answer_seconds_count{kind="saved"}': 1,
      'offstage_tokens_total{part="answer"}': 10,
      'offstage_http_request_seconds_count{method="POST",route="/api/v1/chats/new",status="200"}': 1,
      'offstage_http_request_seconds_count{method="GET",route="/api/v1/chats/:id",status="401"}': 1,
      'offstage_http_request_seconds_count{method="GET",route="other",status="200"}': 2,
      'offstage_http_request_seconds_count{method="GET",route="other",status="404"}': 1,
      offstage_answers_running: 0,
      offstage_sockets: 1,
      offstage_ingestion_backlog: 0,
      'offstage_event_loop_delay_seconds{quantile="0.99"}': expect.any(Number),
      process_resident_memory_bytes: expect.any(Number),
    });
    expect(figures).toHaveProperty(['offstage_queue_depth{queue="database",state="waiting"}']);
    const failed = Object.entries(figures).filter(([name]) =>
      name.startsWith("offstage_provider_failures_total"),
    );
    expect(failed).toEqual([[expect.stringContaining('failure="500"'), 1]]);
    expect(Object.keys(figures).filter((name) => name.includes("none"))).toEqual([]);
    tab.close();
  });

  test.each(["", "wrong", "scrape me!"])("are not there for who lacks their token: %j", async (token) => {
    const reply = await createCaller(stage.url, token).get("/metrics");
    expect(reply.status).toBe(404);
    expect(reply.body.detail).toBe("There is nothing at GET /metrics.");
  });

  test("are no matter of accounts: an administrator's token does not read them", async () => {
    expect((await stage.owner.get("/metrics")).status).toBe(404);
  });
});

test("unless switched on there are none", async () => {
  const stage = await openStage();
  expect((await stage.owner.get("/metrics")).status).toBe(404);
  await stage.close();
});

test("switched on for this machine, they are not given to what a proxy passes on", async () => {
  const stage = await openStage({ server: { guard: { metrics: "loopback" } } });
  const anonymous = createCaller(stage.url, "");
  expect((await anonymous.get("/metrics")).status).toBe(200);
  const forwarded = { headers: { "x-forwarded-for": "203.0.113.7" } };
  expect((await anonymous.call("GET", "/metrics", forwarded)).status).toBe(404);
  await stage.close();
});
