import { describe, expect, it } from "vitest";
import { OffstageError } from "../errors.ts";
import { EventLog } from "./event-log.ts";
import type { TurnEvent } from "./turn-event.ts";

const delta = (text: string, snapshot: string): TurnEvent => ({
  type: "answer-delta",
  messageId: "a",
  model: "m",
  delta: text,
  snapshot,
});
const state = (name: "queued" | "triggered"): TurnEvent => ({
  type: "state",
  state: name,
  messageId: "a",
  model: "m",
});

async function read(log: EventLog): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of log.read()) events.push(event);
  return events;
}

describe("a turn's events", () => {
  it("come from the first one on, also to who reads late", async () => {
    const log = new EventLog();
    log.tell(state("queued"));
    const early = read(log);
    log.tell(state("triggered"));
    log.end(null);
    expect(await early).toEqual([state("queued"), state("triggered")]);
    expect(await read(log)).toEqual(await early);
  });

  it("are joined where nobody took them yet", async () => {
    const log = new EventLog();
    for (const [text, snapshot] of [
      ["a", "a"],
      ["b", "ab"],
      ["c", "abc"],
    ] as const)
      log.tell(delta(text, snapshot));
    log.end(null);
    expect(await read(log)).toEqual([delta("abc", "abc")]);
  });

  it("say that a text was replaced even when joined", async () => {
    const log = new EventLog();
    log.tell(delta("a", "a"));
    log.tell(delta("", "x"));
    log.tell(delta("y", "xy"));
    log.end(null);
    expect(await read(log)).toEqual([delta("", "xy")]);
  });

  it("reach one reader whatever another does", async () => {
    const log = new EventLog();
    log.tell(state("queued"));
    for await (const _ of log.read()) break;
    const rest = read(log);
    log.tell(state("triggered"));
    log.end(null);
    expect(await rest).toHaveLength(2);
  });

  it("end with the error, after everything that came before it", async () => {
    const log = new EventLog();
    log.tell(state("queued"));
    log.end(new OffstageError("timed_out", "late"));
    const reader = log.read();
    expect((await reader.next()).value).toEqual(state("queued"));
    await expect(reader.next()).rejects.toThrow("late");
  });
});
