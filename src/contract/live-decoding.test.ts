import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RecordedEvent, readRecording } from "../../test/support/recordings.ts";
import { createLiveDecoder } from "./live-decoding.ts";
import type { ObservedEvent } from "./observed-event.ts";

/** What one listener of a recording understood, of one chat's answer. */
function decodeAll(events: RecordedEvent[]): ObservedEvent[] {
  const decode = createLiveDecoder();
  return events.flatMap((event) => decode(event.args[0]));
}

const recordingOf = (name: string, tab: string) =>
  readRecording<RecordedEvent[]>(name).filter((event) => event.tab === tab);
const socket0124 = readRecording<Record<string, { events: RecordedEvent[] }>>("0.12.4/socket");
const phaseOf = (phase: string) => socket0124[phase]!.events.filter((event) => event.client === "A-admin");

function textOf(events: ObservedEvent[]) {
  const deltas = events.filter((event) => event.type === "answer-delta");
  return { joined: deltas.map((event) => event.delta).join(""), last: deltas.at(-1)?.snapshot };
}

const at = { chat_id: "c", message_id: "m" };
const event = (type: string, data: unknown) => ({ ...at, data: { type, data } });
const place = { chatId: "c", messageId: "m" };

describe("live events as recorded", () => {
  it("of 0.6.15 grow the text, finish, and name title, tags and follow-ups", () => {
    const events = decodeAll(recordingOf("0.6.15/70_sock_own_session_socket_events", "A"));
    const text = "The capital of France is Paris. (gpt-4o, 1 messages)";
    expect(textOf(events)).toEqual({ joined: text, last: text });
    expect(events.filter((seen) => seen.type === "answer-finished")).toMatchObject([
      { text, error: null, stopped: false },
    ]);
    expect(events.map((seen) => seen.type)).toEqual(
      expect.arrayContaining(["follow-ups-made", "title-made", "tags-made"]),
    );
    expect(events.filter((seen) => seen.type === "other")).toEqual([]);
  });

  it("of 0.6.15 tell the model's thinking while it grows, apart from the text", () => {
    const events = decodeAll(recordingOf("0.6.15/76_reasoning_socket_events", "A"));
    expect(textOf(events).last).toBeTruthy();
    const thinking = events.filter((seen) => seen.type === "answer-reasoning");
    expect(thinking.map(({ delta }) => delta).join("")).toBe("think0 think1 think2");
    expect(thinking.at(-1)?.snapshot).toBe("think0 think1 think2");
    for (const seen of events)
      if (seen.type === "answer-delta") expect(seen.snapshot).not.toContain("<details");
  });

  it("of 0.6.15 tell that an answer was stopped", () => {
    const events = decodeAll(recordingOf("0.6.15/75_stop_socket_events", "A"));
    expect(events.at(-1)).toMatchObject({ type: "answer-finished", stopped: true });
  });

  it("of 0.6.15 name the error of a stream when it finishes", () => {
    const decode = createLiveDecoder();
    const events = readRecording<[string, unknown][]>("0.6.15/c2_sseerror_events").flatMap(([, sent]) =>
      decode(sent),
    );
    expect(events.find((seen) => seen.type === "answer-finished")).toMatchObject({
      text: "tok0 tok1 tok2 tok3 tok4",
      error: { content: "mock mid-stream error" },
    });
  });

  it.each(["literal-foreign-session", "session-is-A-socket", "no-session", "nonstream-session", "think"])(
    "of 0.12.4 grow the text and finish: %s",
    (phase) => {
      const events = decodeAll(phaseOf(phase));
      const text = "The capital of France is Paris.";
      expect(textOf(events)).toEqual({ joined: text, last: text });
      expect(events.find((seen) => seen.type === "answer-finished")).toMatchObject({ text, error: null });
      expect(events.filter((seen) => seen.type === "title-made")).toHaveLength(1);
    },
  );

  it("of 0.12.4 keep the thinking apart", () => {
    const thinking = decodeAll(phaseOf("think")).filter((seen) => seen.type === "answer-reasoning");
    expect(thinking.map((seen) => seen.delta).join("")).toBe("Let me think. Done.");
  });

  it.each([
    ["fail", "mock provider failure"],
    ["midfail", "mid-stream failure"],
  ])("of 0.12.4 name the error: %s", (phase, content) => {
    const finished = decodeAll(phaseOf(phase)).find((seen) => seen.type === "answer-finished");
    expect(finished).toMatchObject({ error: { content } });
  });
});

describe("one live event", () => {
  it.each([
    ["status", { description: "searching" }, { type: "answer-status", status: { description: "searching" } }],
    ["source", { document: ["a"] }, { type: "answer-sources", sources: [{ document: ["a"] }] }],
    ["chat:completion", { sources: [1] }, { type: "answer-sources", sources: [1] }],
    ["chat:completion", { usage: { total_tokens: 3 } }, { type: "answer-usage", usage: { total_tokens: 3 } }],
    [
      "chat:completion",
      { output: [{ type: "message", content: [{ text: "a" }] }] },
      { type: "answer-delta", delta: "a", snapshot: "a" },
    ],
    [
      "response:completion",
      { choices: [{ delta: { content: "a" } }] },
      { type: "answer-delta", delta: "a", snapshot: "a" },
    ],
    ["chat:message", { content: "b" }, { type: "answer-delta", delta: "b", snapshot: "b" }],
    ["chat:tasks:cancel", null, { type: "answer-finished", stopped: true, text: null, error: null }],
    ["chat:tags", ["a", 1], { type: "tags-made", tags: ["a"] }],
    [
      "notification",
      { content: "x" },
      { type: "other", event: { type: "notification", data: { content: "x" } } },
    ],
  ])("%s %j", (type, data, expected) => {
    expect(createLiveDecoder()(event(type, data))).toEqual([
      expect.objectContaining({ ...place, ...expected }),
    ]);
  });

  it("with a replaced text has an empty delta and the new snapshot", () => {
    const decode = createLiveDecoder();
    decode(event("chat:completion", { content: "The capitol" }));
    expect(decode(event("replace", { content: "The capital" }))).toEqual([
      { type: "answer-delta", ...place, delta: "", snapshot: "The capital" },
    ]);
  });

  it("of one answer does not grow another's text", () => {
    const decode = createLiveDecoder();
    decode(event("message", { content: "a" }));
    expect(decode({ ...event("message", { content: "b" }), message_id: "n" })).toMatchObject([
      { snapshot: "b" },
    ]);
    expect(decode(event("message", { content: "c" }))).toMatchObject([{ snapshot: "ac" }]);
  });

  it("after the end starts a new text", () => {
    const decode = createLiveDecoder();
    decode(event("message", { content: "a" }));
    decode(event("chat:completion", { done: true }));
    expect(decode(event("message", { content: "b" }))).toMatchObject([{ snapshot: "b" }]);
  });

  it("of very many answers that never end makes the oldest forgotten", () => {
    const decode = createLiveDecoder();
    const of = (id: number, content: string) => ({ ...event("message", { content }), message_id: `m${id}` });
    for (let id = 0; id <= 1_000; id++) decode(of(id, "a"));
    expect(decode(of(1_000, "b"))).toMatchObject([{ snapshot: "ab" }]);
    expect(decode(of(0, "b"))).toMatchObject([{ snapshot: "b" }]);
  });

  it("of any shape is decoded or left out, never a failure", () => {
    const types = fc.constantFrom(
      "chat:completion",
      "response:completion",
      "message",
      "chat:title",
      "status",
      "x",
    );
    fc.assert(
      fc.property(fc.jsonValue(), types, (data, type) => {
        const decode = createLiveDecoder();
        expect(Array.isArray(decode(data))).toBe(true);
        expect(Array.isArray(decode(event(type, data)))).toBe(true);
      }),
    );
  });

  it("deltas join to the snapshot, whichever way servers send the text", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.boolean())), (pieces) => {
        const decode = createLiveDecoder();
        let text = "";
        let joined = "";
        for (const [piece, cumulative] of pieces) {
          if (piece.includes("<")) continue;
          text += piece;
          const sent = cumulative ? { content: text } : { type: "response.output_text.delta", delta: piece };
          for (const seen of decode(event("chat:completion", sent))) {
            if (seen.type !== "answer-delta") continue;
            joined += seen.delta;
            expect(seen.snapshot).toBe(text);
          }
        }
        expect(joined).toBe(text);
      }),
    );
  });
});
