import type { BegunTurn, FlowRecord, Lane, Step } from "./flows.ts";
import { flawOf } from "./flows.ts";
import { EXPECTED_ANSWER, type InputMessage, QUESTION } from "./inputs.ts";

/** What a server has acknowledged of one turn. */
export interface LedgerEntry {
  turn: BegunTurn;
  lane: Lane;
  /** The last step of the tutorial that it said yes to. */
  step: Step;
}

/** Remembers what a server has said yes to, by chat. */
export interface Ledger {
  note(step: Step, turn: BegunTurn, lane: Lane): void;
  entries(): LedgerEntry[];
}

export function createLedger(): Ledger {
  const entries = new Map<string, LedgerEntry>();
  return {
    note: (step, turn, lane) => void entries.set(turn.chatId, { turn, lane, step }),
    entries: () => [...entries.values()],
  };
}

/** What a server that was started again has of a turn. */
export interface FoundTurn {
  /** Null where it has no such chat. */
  record: FlowRecord | null;
  /** The journals of its answer. */
  attempts: readonly { steps: readonly { step: string }[] }[];
}

/** `asked`: its answer was not asked for, or nobody was told so. `interrupted`: the message says that it breaks off. */
export type Fate = "whole" | "interrupted" | "asked" | { loss: string };

/** A question whose answer is long in coming, and that answer. */
export const SLOW_QUESTION = "[[tokens=1000]] [[delay=10]]";
const SLOW_ANSWER = Array.from({ length: 1_000 }, (_, index) => `tok${index} `).join("");
const ANSWERS: Record<string, string> = { [QUESTION]: EXPECTED_ANSWER, [SLOW_QUESTION]: SLOW_ANSWER };

/** What became of a turn whose server was killed, or what of the acknowledged is missing. */
export function fateOf({ turn, step }: Pick<LedgerEntry, "turn" | "step">, found: FoundTurn): Fate {
  const { record, attempts } = found;
  const { userId, answerId } = turn.ids;
  if (record === null) return { loss: "the chat is gone" };
  const { messages } = record.chat.history;
  if (messages[userId]?.content !== turn.question) return { loss: "the question is gone" };
  const answer = messages[answerId] as (InputMessage & { error?: object | null }) | undefined;
  if (step === "1 create") return "asked";
  if (answer === undefined) return { loss: "the placeholder is gone" };
  if (step === "3 save placeholder") return "asked";
  if (answer.done !== true) return { loss: "the answer neither ended nor was marked" };
  const whole = ANSWERS[turn.question] ?? "";
  const hasStep = (name: string) => attempts.some(({ steps }) => steps.some(({ step }) => step === name));
  if (answer.error) {
    if (step === "7 fetch") return { loss: "a finished answer was marked as interrupted" };
    if (!whole.startsWith(answer.content)) return { loss: "an interrupted answer's text is another" };
    // One that had only just begun has none.
    if (attempts.length > 0 && !hasStep("interrupted"))
      return { loss: "the journal does not tell of the interruption" };
    return "interrupted";
  }
  if (answer.content.trim() !== whole.trim()) return { loss: "the answer's text is not whole" };
  if (!hasStep("answer_stored")) return { loss: "the journal of a stored answer does not tell of it" };
  const flaw = step === "7 fetch" ? flawOf(record, turn.ids, true) : null;
  return flaw === null ? "whole" : { loss: flaw };
}
