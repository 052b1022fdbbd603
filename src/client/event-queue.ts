import type { LiveEvent } from "./client-interface.ts";

/** Live events that wait for their reader. */
export interface EventQueue {
  push(event: LiveEvent): void;
  /** The oldest event, as soon as there is one. */
  next(): Promise<LiveEvent>;
}

/** Consecutive deltas of one answer become one while they wait, so that a slow reader costs no more than the text. */
export function createEventQueue(): EventQueue {
  const waiting: LiveEvent[] = [];
  /** The reader that waits; only while `waiting` is empty. */
  let reader: ((event: LiveEvent) => void) | null = null;

  return {
    push: (event) => {
      if (reader) {
        reader(event);
        reader = null;
        return;
      }
      const last = waiting.at(-1);
      const merged = last && mergedDeltas(last, event);
      if (merged) waiting[waiting.length - 1] = merged;
      else waiting.push(event);
    },
    next: async () => {
      const event = waiting.shift();
      if (event) return event;
      const { promise, resolve } = Promise.withResolvers<LiveEvent>();
      reader = resolve;
      return promise;
    },
  };
}

function mergedDeltas(first: LiveEvent, second: LiveEvent): LiveEvent | null {
  if (first.type !== "answer-delta" || second.type !== "answer-delta") return null;
  if (first.chatId !== second.chatId || first.messageId !== second.messageId) return null;
  // A replaced text has no delta that could be joined.
  if (first.delta === "" || second.delta === "") return null;
  return { ...second, delta: first.delta + second.delta };
}
