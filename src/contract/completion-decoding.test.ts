import { describe, expect, it } from "vitest";
import { recordedExchange } from "../../test/support/recordings.ts";
import { completionText, decodeAck, decodeChunk } from "./completion-decoding.ts";
import type { JsonObject } from "./json-shape.ts";

const delta = (fields: object, finish_reason: string | null = null) => ({
  choices: [{ delta: fields, finish_reason }],
});

describe("a chunk", () => {
  it.each([
    ["text", delta({ content: "Paris" }), { text: "Paris" }],
    ["thinking", delta({ reasoning_content: "hm" }), { text: "", reasoning: "hm" }],
    ["thinking by its other name", delta({ reasoning: "hm" }), { reasoning: "hm" }],
    ["a finish reason", delta({}, "stop"), { text: "", finishReason: "stop" }],
    ["sources", { sources: [{ document: ["a"] }] }, { sources: [{ document: ["a"] }] }],
    ["usage", { choices: [], usage: { total_tokens: 3 } }, { usage: { total_tokens: 3 } }],
    ["an error", { error: { message: "down" } }, { error: { content: "down", message: "down" } }],
    ["nothing known", { choices: "x" }, { text: "", reasoning: "", sources: null, usage: null, error: null }],
  ])("of %s", (_name, chunk, expected) => {
    expect(decodeChunk(chunk)).toMatchObject({ ...expected, chunk });
  });
});

describe("an answer that is no stream", () => {
  it("names one task on 0.6.15, and a list and the chat on 0.12.4", () => {
    const old = recordedExchange("0.6.15/13_step4_completions").response.body as JsonObject;
    expect(decodeAck(old)).toEqual({ taskIds: [old.task_id], chatId: null });
    const recent = recordedExchange("0.12.4/70-one-call-session", "one call").response.body as JsonObject;
    expect(decodeAck(recent)).toEqual({ taskIds: recent.task_ids, chatId: recent.chat_id });
  });

  it("may name no task at all", () => {
    expect(decodeAck({ status: true, task_ids: [] })).toEqual({ taskIds: [], chatId: null });
    expect(decodeAck({ status: true })).toBeNull();
  });

  it("holds the whole text", () => {
    const body = recordedExchange("0.6.15/35_plain_nostream").response.body as JsonObject;
    expect(completionText(body)).toBe("You said: plain (gpt-4o, 1 messages)");
    expect(completionText({ task_id: "t" })).toBeNull();
  });
});
