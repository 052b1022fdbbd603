import type { Chunk, DocumentBlock } from "../document.ts";
import type { TextUnit } from "./text-units.ts";

/** A unit, and where in the document it stands. */
export interface PlacedUnit extends TextUnit {
  block: DocumentBlock;
  headings: string[];
}

/** The chunk in the making: units that follow each other, with never more than `maxTokens` together. */
export class Passage {
  readonly #text: string;
  readonly #maxTokens: number;
  readonly #overlapTokens: number;
  #units: PlacedUnit[] = [];
  /** Of all units together. */
  #tokenCount = 0;
  /** How many of the units, from the first, the chunk before has, too. */
  #repeated = 0;
  /** Of the next chunk. */
  #position = 0;

  constructor(text: string, maxTokens: number, overlapTokens: number) {
    this.#text = text;
    this.#maxTokens = maxTokens;
    this.#overlapTokens = overlapTokens;
  }

  get tokenCount(): number {
    return this.#tokenCount;
  }

  hasRoom(tokenCount: number): boolean {
    return this.#tokenCount + tokenCount <= this.#maxTokens;
  }

  /** Yields the chunk that ends because the unit has no room in it. */
  *add(unit: PlacedUnit): Generator<Chunk> {
    if (unit.isAlone) yield* this.end();
    else if (!this.hasRoom(unit.tokenCount)) yield* this.endFor(unit.tokenCount);
    this.#units.push(unit);
    this.#tokenCount += unit.tokenCount;
    if (unit.isAlone) yield* this.end();
  }

  /** Ends the chunk; the next repeats nothing of it. */
  end(): Generator<Chunk> {
    return this.#end(0, -1);
  }

  /** Ends the chunk before a new section; headings at its end go to the next. */
  endSection(): Generator<Chunk> {
    return this.#end(0, this.#maxTokens / 2);
  }

  /** As `endSection`, within a section: the next chunk repeats last sentences, and has room for so many tokens. */
  endFor(tokenCount: number): Generator<Chunk> {
    const room = this.#maxTokens - tokenCount;
    return this.#end(Math.min(this.#overlapTokens, room), room);
  }

  /** Of what ends the chunk, headings of at most `headingRoom` tokens go to the next; else sentences are repeated there. */
  *#end(overlapTokens: number, headingRoom: number): Generator<Chunk> {
    const units = this.#units;
    const headings = trailing(units, this.#repeated + 1, headingRoom, isHeading);
    const overlap = trailing(units, Math.max(this.#repeated, 1), overlapTokens, isRepeatable);
    const ended = units.slice(0, units.length - headings.units.length);
    const chunk = this.#chunkOf(ended, this.#tokenCount - headings.tokenCount);
    const next = headings.units.length > 0 ? headings : overlap;
    this.#units = next.units;
    this.#tokenCount = next.tokenCount;
    this.#repeated = next === overlap ? overlap.units.length : 0;
    if (chunk) yield chunk;
  }

  /** Null if there is nothing in it that the chunk before has not. */
  #chunkOf(units: readonly PlacedUnit[], tokenCount: number): Chunk | null {
    const fresh = units.slice(this.#repeated);
    const [first, last] = [units[0], units.at(-1)];
    if (!first || !last || this.#text.slice(fresh[0]?.start, last.end).trim() === "") return null;
    const whole = this.#text.slice(first.start, last.end);
    const startOffset = first.start + whole.length - whole.trimStart().length;
    const text = whole.trim();
    const content = fresh.find((unit) => !isHeading(unit)) ?? fresh.at(-1)!;
    return {
      position: this.#position++,
      text,
      startOffset,
      endOffset: startOffset + text.length,
      page: fresh[0]!.block.page ?? null,
      headings: content.headings,
      tokenCount,
    };
  }
}

function isHeading({ block }: PlacedUnit): boolean {
  return block.kind === "heading";
}

function isRepeatable({ block, isWhole }: PlacedUnit): boolean {
  return isWhole && (block.kind === "paragraph" || block.kind === "list");
}

/** The last units, not before `least`, that are all of a kind and have at most `maxTokens` together. */
function trailing(
  units: readonly PlacedUnit[],
  least: number,
  maxTokens: number,
  isOfKind: (unit: PlacedUnit) => boolean,
): { units: PlacedUnit[]; tokenCount: number } {
  let index = units.length;
  let tokenCount = 0;
  while (
    index > least &&
    isOfKind(units[index - 1]!) &&
    tokenCount + units[index - 1]!.tokenCount <= maxTokens
  ) {
    index -= 1;
    tokenCount += units[index]!.tokenCount;
  }
  return { units: units.slice(index), tokenCount };
}
