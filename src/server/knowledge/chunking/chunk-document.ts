import { blockOffsets, type Chunk, documentText, type ExtractedDocument } from "../document.ts";
import { Passage } from "./passage.ts";
import { type TextUnit, textUnits, type UnitOptions } from "./text-units.ts";

export interface ChunkOptions {
  countTokens: UnitOptions["countTokens"];
  maxTokens?: number;
  /** At most so many are repeated from the end of one chunk at the beginning of the next, in whole sentences. */
  overlapTokens?: number;
}

const MAX_TOKENS = 200;
const OVERLAP_TOKENS = 30;
/** Of a full chunk: what one must have for a new section to begin another. */
const SECTION_SHARE = 1 / 4;
/** Of a full chunk: what one must have for a block without room in it to begin another instead of being parted. */
const BLOCK_SHARE = 1 / 2;

/**
 * A document in passages of at most `maxTokens`, parted where its structure parts it: before headings, between blocks,
 * between the rows of tables and the lines of lists and code, between sentences, and only then between words. Every
 * character but white space is in one; headings stand with what follows them. The time is linear in the text's
 * length. A chunk's `tokenCount` is the sum of its parts'.
 */
export function chunkDocument(document: ExtractedDocument, options: ChunkOptions): Chunk[] {
  return [...chunksOf(document, options)];
}

/** The chunks of `chunkDocument` one by one: each is little work, however long the document. */
export function* chunksOf(document: ExtractedDocument, options: ChunkOptions): Generator<Chunk> {
  const { countTokens, maxTokens = MAX_TOKENS, overlapTokens = OVERLAP_TOKENS } = options;
  const text = documentText(document);
  const offsets = blockOffsets(document);
  const passage = new Passage(text, maxTokens, overlapTokens);
  let path: { level: number; text: string }[] = [];
  for (const [index, block] of document.blocks.entries()) {
    if (block.kind === "heading") {
      const { level = 1 } = block;
      path = [...path.filter((above) => above.level < level), { level, text: block.text }];
      if (passage.tokenCount >= maxTokens * SECTION_SHARE) yield* passage.endSection();
    }
    const range = {
      start: offsets[index]!,
      end: offsets[index + 1] ?? text.length,
      isProse: block.kind === "paragraph",
    };
    const units = textUnits(text, range, { countTokens, maxTokens });
    const first = takeUnits(units, maxTokens);
    const partsBlock = first.isAll && !passage.hasRoom(first.tokenCount);
    if (partsBlock && passage.tokenCount >= maxTokens * BLOCK_SHARE) yield* passage.endFor(first.tokenCount);
    const headings = path.map((heading) => heading.text);
    for (const unit of first.units) yield* passage.add({ ...unit, block, headings });
    for (const unit of units) yield* passage.add({ ...unit, block, headings });
  }
  yield* passage.end();
}

/** Units until they have more tokens than `maxTokens`, or are all there are. */
function takeUnits(units: Iterator<TextUnit>, maxTokens: number) {
  const taken: TextUnit[] = [];
  let tokenCount = 0;
  while (tokenCount <= maxTokens) {
    const { done, value } = units.next();
    if (done) return { units: taken, tokenCount, isAll: true };
    taken.push(value);
    tokenCount += value.tokenCount;
  }
  return { units: taken, tokenCount, isAll: false };
}
