import type { LocalTurn } from "./local-request.ts";

/** A model's way between text and tokens; `detokenize` undoes `tokenize`. */
export interface TokenCounter<Token> {
  tokenize(text: string): Token[];
  detokenize(tokens: Token[]): string;
}

/** Tokens that a template may put around a turn. */
export const TURN_OVERHEAD = 8;
/** No token is longer than this on average in any long text; texts beyond it are cut before they are tokenized. */
const MAX_TOKEN_LENGTH = 16;
const GAP = "\n…\n";

/**
 * The conversation in at most `budget` tokens, as turns for a model without system messages: the system text opens the
 * first user turn. What is too long loses its oldest turns; a last turn that is too long by itself loses its middle, for
 * instructions stand at a text's beginning or end; a system text keeps at most half of the budget.
 */
export function fitPrompt<Token>(
  system: string,
  turns: readonly LocalTurn[],
  budget: number,
  counter: TokenCounter<Token>,
): LocalTurn[] {
  const opening = system === "" ? "" : `${shorten(system, Math.floor(budget / 2), counter).text}\n\n`;
  let left = budget - TURN_OVERHEAD - (opening === "" ? 0 : counter.tokenize(opening).length);
  const kept: LocalTurn[] = [];
  for (const turn of turns.toReversed()) {
    const room = left - TURN_OVERHEAD;
    if (kept.length > 0 && (room < 1 || turn.text.length > room * MAX_TOKEN_LENGTH)) break;
    const { text, count } = shorten(turn.text, Math.max(room, 1), counter);
    if (kept.length > 0 && text !== turn.text) break;
    kept.unshift({ role: turn.role, text });
    left = room - count;
  }
  // An answer whose question was cut off says nothing.
  if (kept.length > 1 && kept.length < turns.length && kept[0]!.role === "assistant") kept.shift();
  if (opening === "") return kept;
  const [first, ...rest] = kept;
  if (first!.role === "assistant") return [{ role: "user", text: opening.trimEnd() }, ...kept];
  return [{ role: "user", text: opening + first!.text }, ...rest];
}

/** A text in at most `limit` tokens, its middle taken out if it has more. */
function shorten<Token>(
  text: string,
  limit: number,
  counter: TokenCounter<Token>,
): { text: string; count: number } {
  const half = limit * MAX_TOKEN_LENGTH;
  const bounded = text.length > 2 * half ? text.slice(0, half) + text.slice(-half) : text;
  const tokens = counter.tokenize(bounded);
  if (tokens.length <= limit) return { text: bounded, count: tokens.length };
  const gap = counter.tokenize(GAP).length;
  // Tokens at the cuts may join otherwise than before.
  const each = Math.max(0, Math.floor((limit - gap) / 2) - 2);
  const head = counter.detokenize(tokens.slice(0, each));
  const tail = each === 0 ? "" : counter.detokenize(tokens.slice(-each));
  return { text: head + GAP + tail, count: limit };
}
