import type { Token, Tokens, TokensList } from "marked";
import { parseBlocks, printBlock, printInline } from "./parse.ts";
import { sanitise } from "./sanitise.ts";

/** A piece of a rendered text. A block keeps its `key` for life, and its last state once the text has gone on. */
export type Block =
  | { key: number; kind: "html" | "table"; html: string }
  /** A paragraph, in pieces of which only the last may still change. */
  | { key: number; kind: "paragraph"; pieces: string[] }
  | { key: number; kind: "code"; language: string; text: string; isOpen: boolean }
  | { key: number; kind: "plain"; text: string };

/** What is longer than this without a break is shown as it is: reading it would hold up the page. */
const LONGEST_RENDERED = 40_000;
/** A growing paragraph is settled in pieces of about this length. */
const PIECE = 1_200;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n([\s\S]*)$/;
/** Signs with which something within a paragraph may begin, or the next line turn into something else. */
const MEANS_SOMETHING = /[*_~`[\]<>&!\\|:=@#\n]/;
/** The last space before a word that can only be a word. */
const LAST_WORD = /^[\s\S]* (?=\p{L})/u;

/**
 * Renders a growing text. What is settled (all blocks but the last, and of a long paragraph all but its end) is never read
 * again, so that the work for a new word does not grow with the text.
 */
export class MarkdownBlocks {
  #settled: Block[] = [];
  #settledLength = 0;
  #source = "";
  #key = 0;
  /** The settled pieces of a paragraph that goes on; empty between paragraphs. */
  #pieces: string[] = [];

  /** The blocks of the text so far. A text that does not go on from the last one is read anew. */
  update(source: string): Block[] {
    if (!source.startsWith(this.#source)) this.#reset();
    this.#source = source;
    const open = this.#pieces.length === 0 ? openFence(source.slice(this.#settledLength)) : null;
    if (open) return [...this.#settled, { key: this.#key, ...open }];
    try {
      return this.#read(source);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Nested deeper than can be read.
      return [...this.#settled, { key: this.#key, kind: "plain", text: source.slice(this.#settledLength) }];
    }
  }

  #read(source: string): Block[] {
    const tokens = parseBlocks(source.slice(this.#settledLength));
    const growing = lastGrowing(tokens);
    for (const token of tokens.slice(0, growing)) {
      const block = this.#render(token, tokens.links);
      if (block) this.#settled.push(block);
      this.#settledLength += token.raw.length;
      this.#pieces = [];
      this.#key += 1;
    }
    const last = tokens[growing];
    if (!last) return this.#settled;
    this.#settlePiece(last);
    // What was settled of it is read no more.
    const rest = this.#pieces.length === 0 ? last : parseBlocks(source.slice(this.#settledLength))[0];
    const block = rest ? this.#render(rest, tokens.links) : this.#paragraph("");
    return block ? [...this.#settled, block] : [...this.#settled];
  }

  #reset(): void {
    this.#settled = [];
    this.#settledLength = 0;
    this.#pieces = [];
  }

  /** Settles a long paragraph up to the last word at which nothing is open. */
  #settlePiece(token: Token): void {
    if (token.type !== "paragraph" || token.raw.length < PIECE) return;
    const { tokens } = token as Tokens.Paragraph;
    const end = tokens.at(-1);
    if (end?.type !== "text" || MEANS_SOMETHING.test(end.raw)) return;
    const cut = LAST_WORD.exec(end.raw)?.[0];
    if (cut === undefined) return;
    const before = tokens.slice(0, -1);
    const length = before.reduce((sum, { raw }) => sum + raw.length, cut.length);
    this.#pieces.push(
      sanitise(printInline([...before, { ...end, raw: cut, text: cut, tokens: undefined } as Token])),
    );
    this.#settledLength += length;
  }

  #render(token: Token, links: TokensList["links"]): Block | null {
    const key = this.#key;
    if (token.type === "space" || token.type === "def")
      return this.#pieces.length > 0 ? this.#paragraph("") : null;
    if (token.type === "paragraph" && token.raw.length <= LONGEST_RENDERED)
      return this.#paragraph(sanitise(printInline((token as Tokens.Paragraph).tokens)));
    if (token.type === "code") {
      const { lang, text } = token as Tokens.Code;
      return { key, kind: "code", language: languageOf(lang), text, isOpen: false };
    }
    if (token.raw.length > LONGEST_RENDERED && token.type !== "table" && token.type !== "list")
      return { key, kind: "plain", text: token.raw };
    return { key, kind: token.type === "table" ? "table" : "html", html: sanitise(printBlock(token, links)) };
  }

  #paragraph(end: string): Block {
    return { key: this.#key, kind: "paragraph", pieces: [...this.#pieces, end] };
  }
}

/** From which token on the text may still change what it is: the last one that is not space. */
function lastGrowing(tokens: readonly Token[]): number {
  let index = tokens.length - 1;
  while (index > 0 && tokens[index]!.type === "space") index -= 1;
  return Math.max(index, 0);
}

const languageOf = (info: string | undefined) => (info ?? "").trim().split(/\s/, 1)[0]!.toLowerCase();

/** The code of a fence at the beginning of the text that nothing closes yet. */
function openFence(tail: string): Omit<Extract<Block, { kind: "code" }>, "key"> | null {
  const match = FENCE.exec(tail);
  if (!match) return null;
  const [, fence, info, code] = match as unknown as [string, string, string, string];
  const closes = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`, "m").test(code);
  return closes ? null : { kind: "code", language: languageOf(info), text: code, isOpen: true };
}
