import { describe, expect, it } from "vitest";
import { advance, DECISIONS, decide, isEnded, OBSERVATIONS, STATES, type State } from "./decision-table.ts";

const ENDS: State[] = ["succeeded", "failed", "cancelled", "lost", "blocked"];
const LIVING = STATES.filter((state) => !ENDS.includes(state));
const before = ["queued", "waiting-for-files", "chat-saved", "triggered"] as const;
const after = ["answered", "settled"] as const;

describe("the decision table", () => {
  it("has a step for every state and observation", () => {
    expect(Object.keys(DECISIONS).sort()).toEqual([...STATES].sort());
    for (const row of Object.values(DECISIONS))
      expect(Object.keys(row).sort()).toEqual([...OBSERVATIONS].sort());
  });

  it.each(ENDS)("leaves a run that is %s alone", (state) => {
    expect(isEnded(state)).toBe(true);
    for (const observation of OBSERVATIONS) expect(decide(state, observation)).toBe("stay");
  });

  it.each(LIVING)("never leaves a run that is %s without a step", (state) => {
    expect(isEnded(state)).toBe(false);
    for (const observation of OBSERVATIONS) expect(decide(state, observation)).not.toBe("stay");
  });

  it.each(["queued", "waiting-for-files"] as const)(
    "%s: does what the chat still lacks, in order",
    (state) => {
      expect(decide(state, "files-pending")).toBe("awaitFiles");
      expect(decide(state, "chat-absent")).toBe("createChat");
      expect(decide(state, "creation-unknown")).toBe("findChat");
      expect(decide(state, "chat-busy")).toBe("awaitTurn");
      expect(decide(state, "turn-missing")).toBe("savePlaceholder");
      expect(decide(state, "turn-ready")).toBe("triggerCompletion");
    },
  );

  it("chat-saved: writes again what somebody removed, and asks", () => {
    expect(decide("chat-saved", "turn-missing")).toBe("savePlaceholder");
    expect(decide("chat-saved", "turn-ready")).toBe("triggerCompletion");
    expect(decide("chat-saved", "chat-absent")).toBe("fail");
    expect(decide("chat-saved", "creation-unknown")).toBe("fail");
  });

  it("triggered: never asks twice nor writes into a running chat, but waits", () => {
    for (const observation of [
      "running",
      "turn-ready",
      "turn-missing",
      "chat-busy",
      "files-pending",
    ] as const) {
      expect(decide("triggered", observation)).toBe("awaitAnswer");
    }
    expect(decide("triggered", "chat-absent")).toBe("lose");
    expect(decide("triggered", "creation-unknown")).toBe("lose");
  });

  it.each(before)(
    "%s: what left no trace is lost if it was accepted, and asked again if nobody knows",
    (state) => {
      expect(decide(state, "silent")).toBe("lose");
      expect(decide(state, "unheard")).toBe("askAgain");
    },
  );

  it.each(before)("%s: ends as it is told", (state) => {
    expect(decide(state, "answer-failed")).toBe("fail");
    expect(decide(state, "refused")).toBe("fail");
    expect(decide(state, "signed-out")).toBe("block");
    expect(decide(state, "overdue")).toBe("timeOut");
    expect(decide(state, "stop-asked")).toBe("stopAnswer");
    expect(decide(state, "stopped")).toBe("cancel");
  });

  it.each(LIVING)("%s: a final answer goes on to its end", (state) => {
    expect(decide(state, "answer-final")).toBe(state === "settled" ? "completeMessage" : "awaitSettling");
    expect(decide(state, "unsettled")).toBe("completeMessage");
    expect(decide(state, "all-done")).toBe("completeMessage");
    expect(decide(state, "completed")).toBe("fetchChat");
  });

  it.each(after)("%s: neither a cancellation nor the deadline takes the answer away", (state) => {
    for (const observation of ["stop-asked", "stopped", "overdue", "silent", "unheard"] as const) {
      expect(decide(state, observation)).toBe("completeMessage");
    }
  });

  it.each(after)("%s: an answer that is gone is lost, one that cannot be read fails", (state) => {
    for (const observation of ["turn-missing", "turn-ready", "chat-absent", "creation-unknown"] as const) {
      expect(decide(state, observation)).toBe("lose");
    }
    expect(decide(state, "answer-failed")).toBe("fail");
    expect(decide(state, "refused")).toBe("fail");
    expect(decide(state, "signed-out")).toBe("block");
  });

  it("an observation proves a state, and takes none back", () => {
    for (const state of STATES) {
      for (const observation of OBSERVATIONS) {
        expect(STATES.indexOf(advance(state, observation))).toBeGreaterThanOrEqual(STATES.indexOf(state));
      }
    }
    expect(advance("queued", "turn-ready")).toBe("chat-saved");
    expect(advance("queued", "running")).toBe("triggered");
    expect(advance("triggered", "unsettled")).toBe("answered");
    expect(advance("answered", "all-done")).toBe("settled");
    expect(advance("triggered", "stop-asked")).toBe("triggered");
  });
});
