import { describe, expect, it } from "vitest";
import { collect } from "../../test/support/collect.ts";
import { recordedExchange, recordedResponse } from "../../test/support/recordings.ts";
import { scriptedFetch } from "../../test/support/scripted-fetch.ts";
import type { CompletionEvent } from "../contract/observed-event.ts";
import { createOpenWebUiClient } from "./open-webui-client.ts";

const body = { model: "gpt-4o", chat_id: "c", id: "a", stream: true };

function clientOf(answer: (signal: AbortSignal) => Response, completionTimeoutMs = 1_000) {
  const { fetch, seen } = scriptedFetch((_request, signal) => answer(signal));
  return {
    client: createOpenWebUiClient({ baseUrl: "http://owui.test", token: "jwt", fetch, completionTimeoutMs }),
    seen,
  };
}

/** A stream of these pieces of text, which then ends, or breaks, or (null) says nothing more. */
function streamed(
  pieces: string[],
  end: "closed" | "broken" | null = "closed",
  signal?: AbortSignal,
): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      signal?.addEventListener("abort", () => controller.error(signal.reason));
    },
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(encoder.encode(piece));
      else if (end === "closed") controller.close();
      else if (end === "broken") controller.error(new TypeError("terminated"));
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

const chunk = (text: string, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ delta: { content: text }, finish_reason }] })}\n\n`;

/** What a stream gave, and how it ended. */
async function readAll(answer: (signal: AbortSignal) => Response, completionTimeoutMs?: number) {
  const { client } = clientOf(answer, completionTimeoutMs);
  const started = await client.startCompletion(body, { want: "events" });
  if (started.kind !== "events") throw new Error(started.kind);
  const events: CompletionEvent[] = [];
  try {
    for await (const event of started.events) events.push(event);
    return { events, text: events.map((event) => event.text).join(""), error: null };
  } catch (error) {
    return { events, text: events.map((event) => event.text).join(""), error };
  }
}

describe("what servers answer to a completion", () => {
  it.each([
    [
      "one task",
      "0.6.15/13_step4_completions",
      undefined,
      { kind: "ack", chatId: null, taskIds: [expect.any(String)] },
    ],
    [
      "tasks and the chat",
      "0.12.4/70-one-call-session",
      "one call",
      { kind: "ack", chatId: expect.any(String) },
    ],
    ["null", "0.12.4/14-no-session-stream", "4 completions", { kind: "empty", chatId: null }],
    [
      "the whole text",
      "0.12.4/15-no-session-nostream",
      "4 completions",
      { kind: "completion", text: "The capital of France is Paris." },
    ],
    ["a stream", "0.6.15/21_stream_nosession_b_comp", undefined, { kind: "events" }],
  ])("is told apart: %s", async (_name, recording, step, expected) => {
    const { client } = clientOf(() => recordedResponse(recording, step));
    expect(await client.startCompletion(body)).toMatchObject(expected);
  });

  it("may name the chat in a header, and tasks beside the text", async () => {
    const answer = { choices: [{ message: { content: "Paris" } }], task_ids: ["t"], chat_id: "c" };
    const { client } = clientOf(() => Response.json(answer, { headers: { "x-chat-id": "made" } }));
    expect(await client.startCompletion(body)).toEqual({
      kind: "completion",
      text: "Paris",
      body: answer,
      chatId: "made",
    });
  });

  it.each([
    ["application/json", "ack"],
    ["application/json", "completion"],
    ["text/event-stream", "events"],
  ] as const)("is asked for as %s for %s", async (accept, want) => {
    const { client, seen } = clientOf(() => recordedResponse("0.6.15/13_step4_completions"));
    await client.startCompletion(body, { want });
    expect(seen[0]).toMatchObject({ path: "/api/chat/completions", body });
    expect(seen[0]!.headers.get("accept")).toBe(accept);
  });

  it("with status 200 and no answer in it is the model's failure", async () => {
    const { client } = clientOf(() => Response.json({ error: { message: "no such model" } }));
    await expect(client.startCompletion(body)).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("no such model"),
    });
  });

  it("as an error says what the provider said", async () => {
    const { client } = clientOf(() => recordedResponse("0.6.15/99_up500_b"));
    await expect(client.startCompletion(body)).rejects.toMatchObject({ code: "model_failed", status: 400 });
  });
});

describe("a streamed completion", () => {
  it("as 0.6.15 sent it has the whole text", async () => {
    const { text, error } = await readAll(() => recordedResponse("0.6.15/21_stream_nosession_b_comp"));
    expect({ text, error }).toEqual({
      text: "The capital of France is Paris. (gpt-4o, 1 messages)",
      error: null,
    });
  });

  it("as 0.6.15 sent it with knowledge begins with its sources", async () => {
    const { events } = await readAll(() => recordedResponse("0.6.15/87_rag_sse_b"));
    expect(events[0]).toMatchObject({ text: "", sources: [{ source: { type: "collection" } }] });
  });

  it("as 0.6.15 sent it when its provider was lost ends with an error after what came", async () => {
    const { text, error } = await readAll(() => recordedResponse("0.6.15/9d_abort_mid_sse_b"));
    expect(text).toMatch(/^tok0 /);
    expect(error).toMatchObject({ code: "answer_lost", details: { textLength: text.length } });
  });

  it("is the same wherever the network cuts it", async () => {
    const whole = `: hello\r\n\r\n${chunk("Pà")}${chunk("ris 🗼", "stop")}data: [DONE]\n\n`;
    const bytes = new TextEncoder().encode(whole);
    for (let at = 0; at <= bytes.length; at++) {
      const { client } = clientOf(() => {
        const parts = [bytes.slice(0, at), bytes.slice(at)];
        const stream = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            const part = parts.shift();
            if (part) controller.enqueue(part);
            else controller.close();
          },
        });
        return new Response(stream, { headers: { "content-type": "text/event-stream" } });
      });
      let text = "";
      for await (const event of client.streamCompletion(body)) text += event.text;
      expect(text).toBe("Pàris 🗼");
    }
  });

  it("ends at [DONE], whatever comes then", async () => {
    expect(
      await readAll(() => streamed([`${chunk("a")}data: [DONE]\n\n${chunk("b")}`], "broken")),
    ).toMatchObject({
      text: "a",
      error: null,
    });
  });

  it("may end without [DONE] after a finish reason or an error", async () => {
    expect(await readAll(() => streamed([chunk("a"), chunk("", "stop")]))).toMatchObject({
      text: "a",
      error: null,
    });
    const failed = await readAll(() =>
      streamed([chunk("a"), 'data: {"error":{"message":"overloaded"}}\n\n']),
    );
    expect(failed).toMatchObject({
      text: "a",
      error: null,
      events: [{}, { error: { content: "overloaded" } }],
    });
  });

  it.each(["closed", "broken"] as const)("that is %s before its end throws after what came", async (end) => {
    expect(await readAll(() => streamed([chunk("a"), chunk("b")], end))).toMatchObject({
      text: "ab",
      error: { code: "answer_lost", details: { textLength: 2 } },
    });
  });

  it("that falls silent throws after what came", async () => {
    expect(await readAll((signal) => streamed([chunk("a")], null, signal), 20)).toMatchObject({
      text: "a",
      error: { code: "timed_out" },
    });
  });

  it("that holds something else throws after what came", async () => {
    expect(await readAll(() => streamed([chunk("a"), "data: {oops\n\n"]))).toMatchObject({
      text: "a",
      error: { code: "answer_lost" },
    });
  });

  it("is closed by a reader who leaves", async () => {
    let closed = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(chunk("a"))),
      cancel: () => {
        closed = true;
      },
    });
    const { client } = clientOf(
      () => new Response(stream, { headers: { "content-type": "text/event-stream" } }),
    );
    for await (const _event of client.streamCompletion(body)) break;
    expect(closed).toBe(true);
  });

  it("is ended by its caller", async () => {
    const caller = new AbortController();
    const { client } = clientOf((signal) => streamed([chunk("a")], null, signal));
    const read = async () => {
      for await (const _event of client.streamCompletion(body, { signal: caller.signal })) caller.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: "cancelled" });
  });

  it("that comes whole is one event, and an ack is refused", async () => {
    const whole = clientOf(() => recordedResponse("0.6.15/35_plain_nostream"));
    const events = await collect(whole.client.streamCompletion(body));
    expect(events).toMatchObject([{ text: "You said: plain (gpt-4o, 1 messages)", finishReason: "stop" }]);
    const ack = clientOf(() => recordedResponse("0.6.15/13_step4_completions"));
    await expect(collect(ack.client.streamCompletion(body))).rejects.toMatchObject({
      code: "bad_input",
    });
  });
});

it("completed gives back what the server echoes", async () => {
  const { response } = recordedExchange("0.12.4/14-no-session-stream", "6 completed");
  const { client, seen } = clientOf(() => Response.json(response.body));
  const sent = { model: "gpt-4o", chat_id: "c", id: "a", session_id: "s" };
  expect(await client.completed(sent)).toEqual(response.body);
  expect(seen).toMatchObject([{ method: "POST", path: "/api/chat/completed", body: sent }]);
});
