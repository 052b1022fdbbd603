import { describe, expect, it } from "vitest";
import type { AnswerOutcome, EventSink, RunningAnswer } from "./answer-registry.ts";
import { streamAnswer } from "./caller-stream.ts";

function fakeAnswer() {
  const sinks = new Set<EventSink>();
  const ended = Promise.withResolvers<AnswerOutcome>();
  const outcome: AnswerOutcome = {
    text: "Hi",
    error: null,
    stopped: false,
    usage: null,
    firstTextMs: null,
    completion: null,
  };
  const answer = { sinks, ended: ended.promise } as Partial<RunningAnswer> as RunningAnswer;
  const send = (...data: string[]) => {
    const events = data.map((text) => ({ data: text, chunk: text === "[DONE]" ? null : JSON.parse(text) }));
    for (const sink of sinks) sink(events);
  };
  return {
    answer,
    send,
    end: (error: AnswerOutcome["error"] = null) => ended.resolve({ ...outcome, error }),
  };
}

const options = { maxWaitingBytes: 1_000, chatId: null, wantsUsage: false, missed: "" };

describe("an answer streamed to its caller", () => {
  it("passes chunks on as they are and holds [DONE] back until the end is stored", async () => {
    const { answer, send, end } = fakeAnswer();
    const reader = streamAnswer(answer, options).pipeThrough(new TextDecoderStream()).getReader();
    send('{"choices":[{"delta":{"content":"Hi"}}]}', "[DONE]");
    expect((await reader.read()).value).toBe('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n');
    end();
    expect((await reader.read()).value).toBe("data: [DONE]\n\n");
    expect((await reader.read()).done).toBe(true);
  });

  it("names a new chat in the first chunk and leaves out usage that nobody asked for", async () => {
    const { answer, send, end } = fakeAnswer();
    const text = new Response(streamAnswer(answer, { ...options, chatId: "c" })).text();
    send('{"id":1}', '{"choices":[],"usage":{"total_tokens":1}}', '{"id":2}');
    end();
    expect(await text).toBe('data: {"id":1,"chat_id":"c"}\n\ndata: {"id":2}\n\ndata: [DONE]\n\n');
  });

  it("tells a caller who joins what it missed, and everybody what went wrong", async () => {
    const { answer, end } = fakeAnswer();
    const text = new Response(streamAnswer(answer, { ...options, missed: "Hi" })).text();
    end({ content: "500: no" });
    expect(await text).toContain('"content":"Hi"');
    expect(await text).toContain('"message":"500: no"');
  });

  it("drops a caller who does not read, and only that one", async () => {
    const { answer, send } = fakeAnswer();
    const slow = streamAnswer(answer, options);
    send(JSON.stringify({ text: "x".repeat(2_000) }));
    expect(answer.sinks.size).toBe(0);
    await expect(new Response(slow).text()).rejects.toThrow("reads too slowly");
  });
});
