/** Years are not citations, and nobody numbers a thousand sources. */
const GROUP = /^\s*\d{1,3}(\s*,\s*\d{1,3})*\s*$/;
/** Blanks and a bracket with what a citation may hold, which no list of citations outgrows. */
const MAX_INNER_LENGTH = 60;
const BRACKET = new RegExp(`([ \\t]*)(?:(\\[)([\\d, \\t]{0,${MAX_INNER_LENGTH}})(\\])?)?`, "y");
/** What an index may stand at: `a[0]`, `f(x)[1]`, `a[0][1]`. */
const INDEXED = /[\p{L}\p{N}_)\]$]$/u;

/** Takes citations out of a text that grows. */
export interface CitationFilter {
  /** What is certain after `text` has come. */
  push(text: string): string;
  /** What was held back, once nothing more comes. */
  end(): string;
}

/**
 * Drops citations of sources that are not there. A citation is one to three digits in brackets, several with commas
 * between them (`[1]`, `[1, 2]`, `[1][2]`); `[1, 9]` becomes `[1]`, and the blanks before one that goes go with it.
 *
 * Not citations, and left as they are: what stands in a fenced code block, or between backticks on a line; what follows
 * a letter, a digit, `_`, `)`, `]` or `$` directly (`a[0]`), unless that is a citation; the text of a link (`[1](url)`,
 * `[1][name]`) and, at the beginning of a line, its definition (`[1]: url`); after a backslash; with a zero; and everything in a text that begins
 * with `{`, `[{` or `["`, which is data.
 */
export function dropUnknownCitations(text: string, sourceCount: number): string {
  const filter = createCitationFilter(sourceCount);
  return filter.push(text) + filter.end();
}

/**
 * The same for a text that comes in pieces: what it gives out, joined, is what the whole text gives, wherever it was
 * split. Held back is at most what may still become a citation that goes or a mark of code: at the end of what has
 * come, blanks, a bracket with digits, backticks or tildes.
 */
export function createCitationFilter(sourceCount: number): CitationFilter {
  const scanner = new CitationScanner(sourceCount);
  let held = "";
  const advance = (text: string, isEnd: boolean) => {
    const { out, rest } = scanner.scan(held + text, isEnd);
    held = rest;
    return out;
  };
  return { push: (text) => advance(text, false), end: () => advance("", true) };
}

/** What is read next, and what becomes of it; `wait`: more text has to come first. */
type Step = { length: number; out: string } | "wait";

/** Where the text read so far ends: in a text, in code between backticks, in a fenced block, or in data. */
type Place = { in: "start" | "text" | "data" } | { in: "code" | "fence"; mark: string };

/**
 * start → data | text; text ⇄ code (backticks, to the same again or the end of the line); text ⇄ fence.
 */
class CitationScanner {
  readonly #sourceCount: number;
  #place: Place = { in: "start" };
  #atLineStart = true;
  /** What was read last, at most one character; empty before all. */
  #before = "";
  /** Whether that was the end of a citation, kept or dropped. */
  #afterCitation = false;

  constructor(sourceCount: number) {
    this.#sourceCount = sourceCount;
  }

  /** Reads as far as it can be sure; `rest` is to come again with what follows. */
  scan(text: string, isEnd: boolean): { out: string; rest: string } {
    let out = "";
    let at = 0;
    while (at < text.length) {
      const step = this.#step(text, at, isEnd);
      if (step === "wait") break;
      out += step.out;
      at += step.length;
    }
    return { out, rest: text.slice(at) };
  }

  #step(text: string, at: number, isEnd: boolean): Step {
    switch (this.#place.in) {
      case "start":
        return this.#begin(text, at, isEnd);
      case "data":
        return { length: text.length - at, out: text.slice(at) };
      case "fence":
        return this.#readFence(this.#place.mark, text, at, isEnd);
      case "code":
        return this.#readCode(this.#place.mark, text, at, isEnd);
      case "text":
        return this.#readText(text, at, isEnd);
    }
  }

  #begin(text: string, at: number, isEnd: boolean): Step {
    const [opening] = match(/\s*(\{|\[\s*["{]|\[\s*)?/y, text, at);
    if (at + opening.length === text.length && !isEnd && !/[{"]$/.test(opening)) return "wait";
    this.#place = { in: /[{"]$/.test(opening) ? "data" : "text" };
    return { length: 0, out: "" };
  }

  #readText(text: string, at: number, isEnd: boolean): Step {
    if (this.#atLineStart) {
      const [opening, mark] = match(/ {0,3}(`+|~+)?/y, text, at);
      if (at + opening.length === text.length && !isEnd) return "wait";
      this.#atLineStart = false;
      if (mark !== undefined && mark.length >= 3) {
        this.#place = { in: "fence", mark };
        return this.#pass(opening);
      }
    }
    const character = text[at]!;
    if (character === "\n") this.#atLineStart = true;
    if (character === "`") {
      const [mark] = match(/`+/y, text, at);
      if (at + mark.length === text.length && !isEnd) return "wait";
      this.#place = { in: "code", mark };
      return this.#pass(mark);
    }
    if (character === "\\") {
      if (at + 1 === text.length && !isEnd) return "wait";
      return this.#pass(text[at + 1] === "[" ? "\\[" : character);
    }
    if (/[ \t[]/.test(character)) return this.#readBracket(text, at, isEnd);
    return this.#pass(match(/[^\n`\\ \t[]+|\n/y, text, at)[0]);
  }

  /** Blanks, and a bracket if one follows. */
  #readBracket(text: string, at: number, isEnd: boolean): Step {
    const [whole, blanks = "", open, inner = "", close] = match(BRACKET, text, at);
    const end = at + whole.length;
    const mayGrow = close === undefined && inner.length < MAX_INNER_LENGTH;
    if (end === text.length && mayGrow && !isEnd) return "wait";
    if (open === undefined) return this.#pass(blanks);
    const numbers = GROUP.test(inner) ? inner.split(",").map(Number) : [];
    if (close === undefined || numbers.length === 0 || numbers.includes(0)) return this.#pass(`${blanks}[`);
    if (blanks === "" && !this.#afterCitation && INDEXED.test(this.#before)) return this.#pass(whole);
    const known = numbers.filter((number) => number <= this.#sourceCount);
    if (known.length === numbers.length) return this.#pass(whole, true);
    const opensLine = this.#before === "" || this.#before === "\n";
    const isLink = linkFollows(text, end, isEnd, opensLine);
    if (isLink === "wait") return "wait";
    if (isLink) return this.#pass(whole);
    this.#afterCitation = true;
    const kept = known.length > 0 ? `${blanks}[${known.join(", ")}]` : "";
    return { length: whole.length, out: kept };
  }

  /** Between backticks: to as many again, or to the end of the line. */
  #readCode(mark: string, text: string, at: number, isEnd: boolean): Step {
    const [run] = match(/`+|\n|[^`\n]+/y, text, at);
    if (run.startsWith("`") && at + run.length === text.length && !isEnd) return "wait";
    if (run === mark || run === "\n") this.#place = { in: "text" };
    this.#atLineStart = run === "\n";
    return this.#pass(run);
  }

  /** In a fenced block: to a line of as many marks or more. */
  #readFence(mark: string, text: string, at: number, isEnd: boolean): Step {
    if (this.#atLineStart) {
      const [line, closing = ""] = match(/ {0,3}(`+|~+)?[ \t]*/y, text, at);
      if (at + line.length === text.length && !isEnd) return "wait";
      this.#atLineStart = false;
      const closes = closing.startsWith(mark) && text[at + line.length] === "\n";
      if (closes) this.#place = { in: "text" };
      if (line !== "") return this.#pass(line);
    }
    const [run] = match(/\n|[^\n]+/y, text, at);
    this.#atLineStart = run === "\n";
    return this.#pass(run);
  }

  #pass(read: string, isCitation = false): Step {
    this.#before = read.slice(-1) || this.#before;
    this.#afterCitation = isCitation;
    return { length: read.length, out: read };
  }
}

/** Whether what stands after a bracket makes it part of a link. */
function linkFollows(text: string, end: number, isEnd: boolean, opensLine: boolean): boolean | "wait" {
  const [following] = match(/\(|:|\[[^\d]?/y, text, end);
  if (!isEnd && (end === text.length || (following === "[" && end + 1 === text.length))) return "wait";
  return following === "(" || (following === ":" && opensLine) || following.length === 2;
}

/** What a sticky expression that matches anything, if only nothing, finds at a place. */
function match(expression: RegExp, text: string, at: number): [string, ...(string | undefined)[]] {
  expression.lastIndex = at;
  return (expression.exec(text) as unknown as [string, ...(string | undefined)[]] | null) ?? [""];
}
