import type { Bus } from "../events/bus.ts";
import type { AnswerText } from "./answer-text.ts";

/** How often growing text is told at most, and how often the whole of it at least (while it grows). */
const DELTA_INTERVAL_MS = 33;
const SNAPSHOT_INTERVAL_MS = 1_000;

/** Tells a user's open pages how an answer grows: the first text at once, then coalesced. */
export interface LiveText {
  add(delta: string, reasoningDelta: string): void;
  /** Tells at once what waits to be told. */
  flush(): void;
  /** Stops for good. What has not been told yet stands in the event that ends the answer. */
  finish(): void;
}

export function createLiveText(options: {
  bus: Bus;
  userId: string;
  about: { chatId: string; messageId: string; model: string };
  text: AnswerText;
  nowMs: () => number;
}): LiveText {
  const { bus, userId, about, text } = options;
  let delta = "";
  let reasoningDelta = "";
  let timer: NodeJS.Timeout | null = null;
  // 0 until a snapshot has been told to the audience that is there now.
  let snapshotAtMs = 0;
  // True while the text told last was reasoning: what follows it needs a snapshot that closes the block.
  let inReasoning = false;

  function tell(): void {
    if (delta === "" && reasoningDelta === "") return;
    if (!bus.hasAudience(userId)) {
      snapshotAtMs = 0;
    } else {
      const nowMs = options.nowMs();
      const isTurning = inReasoning && delta !== "";
      const isDue = isTurning || nowMs - snapshotAtMs >= SNAPSHOT_INTERVAL_MS;
      if (isDue) snapshotAtMs = nowMs;
      bus.publish(userId, {
        type: "answer-delta",
        ...about,
        delta,
        reasoningDelta,
        hasReasoning: text.hasReasoning,
        snapshot: isDue ? text.snapshot() : null,
      });
      inReasoning = reasoningDelta !== "" && delta === "";
    }
    delta = "";
    reasoningDelta = "";
  }

  function tick(): void {
    timer = null;
    if (delta === "" && reasoningDelta === "") return;
    tell();
    timer = setTimeout(tick, DELTA_INTERVAL_MS);
  }

  return {
    add(addedDelta, addedReasoning) {
      delta += addedDelta;
      reasoningDelta += addedReasoning;
      if (timer !== null) return;
      tell();
      timer = setTimeout(tick, DELTA_INTERVAL_MS);
    },
    flush: tell,
    finish() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
