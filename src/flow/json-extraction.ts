import { jsonrepair } from "jsonrepair";
import { OffstageError } from "../errors.ts";

/** A text may open brackets without end; each is looked at from its start, so this bounds the work. */
const MAX_BRACKETS = 64;
const FENCE_START = /```[^\n`]*\n/g;

/**
 * The first JSON value in an answer: the whole text, else in a fence (with or without `json`), else cut out of the prose.
 * What is nearly JSON (single quotes, trailing commas, cut off) is repaired, after everything that needs no repair.
 * @throws answer_invalid where there is none.
 */
export function extractJson(text: string): unknown {
  for (const value of jsonCandidates(text)) return value;
  throw new OffstageError("answer_invalid", `The answer holds no JSON: ${excerpt(text)}`, {
    details: { text },
  });
}

/** Every JSON value that an answer may mean, best first; for a schema to choose from. */
export function* jsonCandidates(text: string): Generator<unknown, void, void> {
  const whole = parsed(text.trim());
  if (whole !== undefined) {
    yield whole;
    return;
  }
  const pieces = [...fencedPieces(text), ...bracketedPieces(text)];
  for (const piece of pieces) {
    const value = parsed(piece);
    if (value !== undefined) yield value;
  }
  for (const piece of pieces) {
    if (parsed(piece) !== undefined) continue;
    const value = repaired(piece);
    if (value !== undefined) yield value;
  }
}

/** What stands in fences: cut by brackets where there are some, since a string in it may hold a fence too. */
function* fencedPieces(text: string): Generator<string, void, void> {
  for (const fence of text.matchAll(FENCE_START)) {
    const start = fence.index + fence[0].length;
    const close = text.indexOf("```", start);
    const inside = text.slice(start, close === -1 ? undefined : close);
    const indent = inside.length - inside.trimStart().length;
    const opener = inside[indent];
    if (opener === "{" || opener === "[") {
      const end = closingBracket(text, start + indent);
      yield end === -1 ? inside.trim() : text.slice(start + indent, end + 1);
    } else if (inside.trim() !== "") {
      yield inside.trim();
    }
  }
}

/** The outermost bracketed stretches of the text, in order; one that never closes reaches to the end. */
function* bracketedPieces(text: string): Generator<string, void, void> {
  const opener = /[[{]/g;
  for (let brackets = 0; brackets < MAX_BRACKETS; brackets++) {
    const match = opener.exec(text);
    if (match === null) return;
    const end = closingBracket(text, match.index);
    yield end === -1 ? text.slice(match.index) : text.slice(match.index, end + 1);
    if (end !== -1) opener.lastIndex = end + 1;
  }
}

/** Where the bracket at `start` closes, not counting brackets in strings; -1 where it does not. */
function closingBracket(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      depth--;
      if (depth === 0) return index;
    }
  }
  return -1;
}

function parsed(piece: string): unknown {
  try {
    return JSON.parse(piece);
  } catch {
    return undefined;
  }
}

/** A repaired object or list; a lone word, which any text could be repaired to, is none. */
function repaired(piece: string): unknown {
  if (!/^[[{]/.test(piece)) return undefined;
  try {
    return JSON.parse(jsonrepair(piece));
  } catch {
    return undefined;
  }
}

export function excerpt(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line === "" ? "it is empty." : `'${line.length > 200 ? `${line.slice(0, 200)}…` : line}'.`;
}
