import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTracing } from "../../src/server/tracing/open-tracing.ts";
import { tracingConfigFromEnv } from "../../src/server/tracing/tracing-config.ts";
import { askedChat, completionBody, expectOk, MODEL, noTasks } from "../support/chat.ts";
import { uploadProcessed } from "../support/knowledge.ts";
import type { RecordedRequest } from "../support/provider.ts";
import { openStage } from "../support/server.ts";
import { type CollectedSpan, startTraceCollector, type TraceCollector } from "../support/trace-collector.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER_SPAN = "00f067aa0ba902b7";
const SECRET_WORD = "kumquat";
const INSIDE = 1;
const SERVER = 2;
const CLIENT = 3;

const tracedTo = (collector: TraceCollector, more = {}) => ({
  tracing: tracingConfigFromEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...more }),
});

describe("with a collector named", () => {
  let collector: TraceCollector;
  let requests: RecordedRequest[];
  let chat: Awaited<ReturnType<typeof askedChat>>;
  beforeAll(async () => {
    collector = await startTraceCollector();
    const stage = await openStage({ server: tracedTo(collector) });
    const { owner, provider } = stage;
    const file = await uploadProcessed(owner, "fruit.txt", `The ${SECRET_WORD} is ripe in May.`);
    chat = await askedChat(owner, `When is the ${SECRET_WORD} ripe?`);
    const body = completionBody(chat, {
      files: [{ type: "file", id: file.id }],
      background_tasks: { title_generation: true },
    });
    const headers = { traceparent: `00-${TRACE}-${CALLER_SPAN}-01`, "x-request-id": "order-7" };
    expectOk(await owner.call("POST", "/api/chat/completions", { body, headers }));
    await noTasks(owner, chat.chatId);
    const messages = [{ role: "user", content: `[[status=500]] ${SECRET_WORD}` }];
    await owner.post("/api/chat/completions", { model: MODEL, messages });
    await owner.post("/api/chat/completions", {
      model: MODEL,
      stream: true,
      messages: [{ role: "user", content: SECRET_WORD }],
    });
    await owner.get(`/api/v1/chats/${SECRET_WORD}`);
    requests = [...provider.requests];
    await stage.close();
  });
  afterAll(() => collector?.close());

  const find = (name: string, parent?: CollectedSpan): CollectedSpan => {
    const found = collector.spans.filter(
      (span) => span.name === name && (!parent || span.parentSpanId === parent.spanId),
    );
    expect(found, `spans "${name}"`).toHaveLength(1);
    return found[0]!;
  };
  const ofCaller = () => collector.spans.find(({ parentSpanId }) => parentSpanId === CALLER_SPAN)!;

  test("a request goes on with its caller's trace, by its route, its id and its status", () => {
    expect(ofCaller()).toMatchObject({
      traceId: TRACE,
      name: "POST /api/chat/completions",
      kind: SERVER,
      attributes: {
        "http.request.method": "POST",
        "http.route": "/api/chat/completions",
        "http.response.status_code": 200,
        "offstage.request.id": "order-7",
      },
    });
    expect(find("GET /api/v1/chats/:id").attributes["http.response.status_code"]).toBe(401);
  });

  test("an answer, its search, its provider's call and its tasks stand under their request", () => {
    const answer = find("answer", ofCaller());
    expect(answer).toMatchObject({
      kind: INSIDE,
      attributes: {
        "gen_ai.conversation.id": chat.chatId,
        "offstage.message.id": chat.answerId,
        "gen_ai.request.model": MODEL,
        "offstage.answer.outcome": "finished",
        "offstage.answer.first_text_ms": expect.any(Number),
        "gen_ai.usage.output_tokens": expect.any(Number),
      },
    });
    expect(find("search knowledge", answer).attributes).toMatchObject({ "offstage.search.found": 1 });
    expect(find(`chat ${MODEL}`, answer)).toMatchObject({
      kind: CLIENT,
      traceId: TRACE,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": expect.stringContaining("127.0.0.1"),
        "gen_ai.usage.input_tokens": expect.any(Number),
      },
    });
    find(`chat ${MODEL}`, find("task title", answer));
  });

  test("the provider is told the span that calls it", () => {
    const told = requests
      .filter(({ path }) => path === "/chat/completions")
      .map(({ headers }) => headers.traceparent);
    const called = collector.spans
      .filter(({ kind }) => kind === CLIENT)
      .map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
    expect(told.toSorted()).toEqual(called.toSorted());
    expect(told).toHaveLength(4);
  });

  test("a file that is read and embedded stands under its upload", () => {
    const read = find("read file", find("POST /api/v1/files/"));
    expect(find("embed file", read).attributes).toEqual(read.attributes);
  });

  test("an answer without a chat is one too, and says when its provider failed", () => {
    const answers = collector.spans.filter(
      ({ name, attributes }) => name === "answer" && attributes["offstage.message.id"] === undefined,
    );
    const outcomes = answers.map(({ attributes }) => attributes["offstage.answer.outcome"]);
    expect(outcomes).toEqual(["failed", "finished"]);
    const failed = find(`chat ${MODEL}`, answers[0]);
    expect(failed).toMatchObject({ status: { code: 2 }, attributes: { "error.type": "500" } });
  });

  test("what they come from is named, and none holds a text, a path or a key", () => {
    expect(collector.resource).toMatchObject({
      "service.name": "offstage",
      "service.version": expect.any(String),
    });
    const all = JSON.stringify(collector.spans);
    for (const secret of [SECRET_WORD, "provider-key", "Bearer", "fruit.txt", "example.org"])
      expect(all).not.toContain(secret);
  });
});

test("a sampler that takes none sends none, and the provider is told so", async () => {
  const collector = await startTraceCollector();
  const stage = await openStage({ server: tracedTo(collector, { OTEL_TRACES_SAMPLER: "always_off" }) });
  await stage.owner.post("/api/chat/completions", {
    model: MODEL,
    messages: [{ role: "user", content: "Hi" }],
  });
  expect(stage.provider.requests.at(-1)!.headers.traceparent).toMatch(/-00$/);
  await stage.close();
  expect(collector.spans).toEqual([]);
  await collector.close();
});

test("a collector that refuses holds up neither answers nor the end", async () => {
  const collector = await startTraceCollector();
  collector.answer(400);
  const stage = await openStage({ server: tracedTo(collector) });
  expectOk(await stage.owner.get("/api/v1/chats/"));
  await stage.close();
  await collector.close();
});

test("a collector that never answers does not hold up the end", async () => {
  const collector = await startTraceCollector();
  collector.answer(0);
  const tracing = await openTracing(tracedTo(collector).tracing!, pino({ level: "silent" }));
  tracing.begin({ name: "nobody hears of it" }).end();
  await tracing.close();
  expect(collector.spans).toHaveLength(1);
  await collector.close();
});

test("without a collector the provider is told no trace", async () => {
  const stage = await openStage();
  await stage.owner.post("/api/chat/completions", {
    model: MODEL,
    messages: [{ role: "user", content: "Hi" }],
  });
  expect(stage.provider.requests.at(-1)!.headers).not.toHaveProperty("traceparent");
  await stage.close();
});
