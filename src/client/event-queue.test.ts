import { describe, expect, it } from "vitest";
import { createEventQueue } from "./event-queue.ts";

const delta = (messageId: string, text: string, snapshot: string) =>
  ({ type: "answer-delta", chatId: "c", messageId, delta: text, snapshot }) as const;
const ended = { type: "closed", error: null } as const;

describe("the queue of live events", () => {
  it("gives events in their order, waiting for the next one", async () => {
    const queue = createEventQueue();
    const first = queue.next();
    queue.push({ type: "connected", sessionId: "s" });
    queue.push(ended);
    expect(await first).toEqual({ type: "connected", sessionId: "s" });
    expect(await queue.next()).toEqual(ended);
  });

  it("joins the deltas of one answer that nobody read yet", async () => {
    const queue = createEventQueue();
    queue.push(delta("m", "a", "a"));
    queue.push(delta("m", "b", "ab"));
    queue.push(delta("n", "x", "x"));
    queue.push(delta("m", "c", "abc"));
    expect(await queue.next()).toEqual(delta("m", "ab", "ab"));
    expect(await queue.next()).toEqual(delta("n", "x", "x"));
    expect(await queue.next()).toEqual(delta("m", "c", "abc"));
  });

  it("keeps a replaced text apart", async () => {
    const queue = createEventQueue();
    queue.push(delta("m", "a", "a"));
    queue.push(delta("m", "", "b"));
    queue.push(delta("m", "c", "bc"));
    expect(await queue.next()).toEqual(delta("m", "a", "a"));
    expect(await queue.next()).toEqual(delta("m", "", "b"));
    expect(await queue.next()).toEqual(delta("m", "c", "bc"));
  });
});
