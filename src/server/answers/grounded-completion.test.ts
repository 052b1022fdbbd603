import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collect } from "../../../test/support/collect.ts";
import { OffstageError } from "../../errors.ts";
import { createCitationFilter, dropUnknownCitations } from "../knowledge/retrieval/citations.ts";
import type { CompletionChunk, ProviderEvent, ProviderResponse } from "../providers/provider.ts";
import { groundResponse } from "./grounded-completion.ts";

const SOURCES = [{ source: { id: "k" }, document: ["The ferry leaves at 09:40."] }];
const FOUND = { sources: SOURCES, statuses: [] };
const DONE: ProviderEvent = { data: "[DONE]", chunk: null };

const event = (chunk: CompletionChunk): ProviderEvent => ({ data: JSON.stringify(chunk), chunk });
const delta = (content: string | null, more: Record<string, unknown> = {}) =>
  event({ choices: [{ index: 0, delta: { content }, ...more }] });

async function* stream(batches: ProviderEvent[][], failure?: Error): AsyncGenerator<ProviderEvent[]> {
  yield* batches;
  if (failure) throw failure;
}

function ground(events: AsyncIterable<ProviderEvent[]>): AsyncIterable<ProviderEvent[]> {
  const grounding = { found: FOUND, citations: createCitationFilter(1) };
  const response = groundResponse({ status: 200, kind: "events", events }, grounding);
  if (response.kind !== "events") throw new Error("a stream became JSON");
  return response.events;
}

const eventsOf = async (...batches: ProviderEvent[][]) => (await collect(ground(stream(batches)))).flat();
const textOf = (events: readonly ProviderEvent[]) =>
  events.map(({ chunk }) => chunk?.choices?.[0]?.delta?.content ?? "").join("");

describe("a stream", () => {
  test("begins with the sources and ends with [DONE]", async () => {
    const events = await eventsOf([delta("At 09:40 [1]")], [delta("", { finish_reason: "stop" })], [DONE]);
    expect(JSON.parse(events[0]!.data)).toEqual({ sources: SOURCES });
    expect(events[0]!.found).toBe(FOUND);
    expect(events.at(-1)).toBe(DONE);
    expect(textOf(events)).toBe("At 09:40 [1]");
  });

  test("gives the same text wherever it is split, and tells in data what it tells in the chunk", async () => {
    const word = fc.constantFrom(
      "At",
      " 09:40",
      " [1]",
      "[1]",
      " [7]",
      "[1, 9]",
      "[",
      "]",
      "`",
      "\n",
      "a[0]",
    );
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(40), { maxLength: 8 }), async (whole, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const parts = at.slice(1).map((end, index) => whole.slice(at[index], end));
        const events = await eventsOf(...parts.map((part) => [delta(part)]), [
          delta(null, { finish_reason: "stop" }),
          DONE,
        ]);
        expect(textOf(events)).toBe(dropUnknownCitations(whole, 1));
        for (const { data, chunk } of events.slice(0, -1)) expect(JSON.parse(data)).toEqual(chunk);
      }),
    );
  });

  test.each<[string, ProviderEvent, ((event: ProviderEvent) => unknown) | null]>([
    ["a finish_reason", delta(null, { finish_reason: "stop" }), (e) => e.chunk?.choices?.[0]?.finish_reason],
    ["an error chunk", event({ error: { message: "overloaded" } }), (e) => e.chunk?.error],
    ["[DONE]", DONE, null],
  ])("lets what it held go before %s", async (_case, end, isEnd) => {
    const events = await eventsOf([delta("See [1")], [end], end === DONE ? [] : [DONE]);
    expect(textOf(events)).toBe("See [1");
    const held = events.findIndex(({ chunk }) => chunk?.choices?.[0]?.delta?.content?.endsWith("[1"));
    expect(held).toBeGreaterThan(0);
    if (isEnd) expect(held).toBeLessThan(events.findIndex((one) => isEnd(one)));
    expect(events.at(-1)).toBe(DONE);
  });

  test("keeps a finish_reason that comes with text, and what is beside the text", async () => {
    const last = { id: "c1", ...delta(" [9] there [1", { finish_reason: "length" }).chunk, system: "x" };
    const [, only] = await eventsOf([event(last)]);
    expect(only!.chunk).toMatchObject({
      id: "c1",
      system: "x",
      choices: [{ index: 0, finish_reason: "length", delta: { content: " there [1" } }],
    });
  });

  test("passes what is no text on as it is", async () => {
    const tool = event({ choices: [{ index: 0, delta: { content: null, tool_calls: [{ id: "t" }] } }] });
    const reasoning = event({ choices: [{ index: 0, delta: { reasoning_content: "Let me see [9]." } }] });
    const usage = event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
    const odd: ProviderEvent = { data: "keep-alive", chunk: null };
    const events = await eventsOf([reasoning, tool], [usage], [odd], [DONE]);
    expect(events.slice(1)).toEqual([reasoning, tool, usage, odd, DONE]);
  });

  test("that breaks gives what it held, then breaks", async () => {
    const broken = new OffstageError("model_failed", "The stream was cut.");
    const events: ProviderEvent[] = [];
    const reading = (async () => {
      for await (const batch of ground(stream([[delta("At 09:40 [1")]], broken))) events.push(...batch);
    })();
    await expect(reading).rejects.toBe(broken);
    expect(textOf(events)).toBe("At 09:40 [1");
  });

  test("that nobody reads any more is let go of", async () => {
    let isReleased = false;
    async function* endless() {
      try {
        for (;;) yield [delta("on and ")];
      } finally {
        isReleased = true;
      }
    }
    let count = 0;
    for await (const _ of ground(endless())) if (++count === 3) break;
    expect(isReleased).toBe(true);
  });
});

describe("a JSON answer", () => {
  const json = (status: number, body: unknown): ProviderResponse =>
    groundResponse({ status, kind: "json", body }, { found: FOUND, citations: createCitationFilter(1) });

  test("carries the sources, and no citation of others", () => {
    const message = { role: "assistant", content: "At 09:40 [1][4]." };
    expect(json(200, { id: "c", choices: [{ index: 0, message, finish_reason: "stop" }] })).toEqual({
      status: 200,
      kind: "json",
      found: FOUND,
      body: {
        id: "c",
        sources: SOURCES,
        choices: [
          { index: 0, message: { role: "assistant", content: "At 09:40 [1]." }, finish_reason: "stop" },
        ],
      },
    });
  });

  test.each([
    ["with a tool call only", { choices: [{ message: { content: null, tool_calls: [{ id: "t" }] } }] }],
    ["without choices", { object: "nothing" }],
  ])("%s stays as it is beside them", (_case, body) => {
    expect(json(200, body)).toMatchObject({ body: { ...body, sources: SOURCES } });
  });

  test("that is a refusal stays as it is", () => {
    const body = { error: { message: "no [9]" } };
    expect(json(429, body)).toEqual({ status: 429, kind: "json", body });
  });
});
