import type { Token, Tokens } from "marked";
import { parseBlocks, printBlock } from "./parse.ts";
import { sanitise } from "./sanitise.ts";

/** A piece of a rendered text. A block keeps its `key` for life; one whose `html` or `text` is the same is the same. */
export type Block =
  | { key: number; kind: "html"; html: string }
  | { key: number; kind: "table"; html: string }
  | { key: number; kind: "code"; language: string; text: string; isOpen: boolean }
  | { key: number; kind: "plain"; text: string };

/** A paragraph longer than this is shown as it is: reading its emphasis would hold up the page. */
const LONGEST_RENDERED = 40_000;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n([\s\S]*)$/;

/**
 * Renders a growing text. What is settled (all blocks but the last) is never read again, so that the work for a new
 * word does not grow with the text.
 */
export class MarkdownBlocks {
  #settled: Block[] = [];
  #settledLength = 0;
  #source = "";
  #key = 0;

  /** The blocks of the text so far. A text that does not go on from the last one is read anew. */
  update(source: string): Block[] {
    if (!source.startsWith(this.#source)) this.#reset();
    this.#source = source;
    const tail = source.slice(this.#settledLength);
    const open = openFence(tail);
    if (open) return [...this.#settled, { key: this.#key, ...open }];
    const tokens = parseBlocks(tail);
    const growing = lastGrowing(tokens);
    for (const token of tokens.slice(0, growing)) {
      this.#settled.push(...this.#render(token, tokens.links));
      this.#settledLength += token.raw.length;
    }
    const last = tokens.slice(growing).flatMap((token, index) => this.#peek(token, tokens.links, index));
    return [...this.#settled, ...last];
  }

  #reset(): void {
    this.#settled = [];
    this.#settledLength = 0;
  }

  #render(token: Token, links: Parameters<typeof printBlock>[1]): Block[] {
    const blocks = this.#peek(token, links, 0);
    this.#key += 1;
    return blocks;
  }

  #peek(token: Token, links: Parameters<typeof printBlock>[1], ahead: number): Block[] {
    const key = this.#key + ahead;
    if (token.type === "space" || token.type === "def") return [];
    if (token.type === "code") {
      const { lang, text } = token as Tokens.Code;
      return [{ key, kind: "code", language: languageOf(lang), text, isOpen: false }];
    }
    if (token.raw.length > LONGEST_RENDERED && token.type !== "table" && token.type !== "list")
      return [{ key, kind: "plain", text: token.raw }];
    const html = sanitise(printBlock(token, links));
    return [{ key, kind: token.type === "table" ? "table" : "html", html }];
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
