import type { FileReference } from "../../../contract/chat.ts";
import type { Passage } from "./passages.ts";
import type { RequestedItem } from "./requested-item.ts";

/**
 * What an answer drew on, of one requested item, as Open WebUI tells it (0.6.15 to 0.12.4, observed): the lists run
 * alike, one place for each passage.
 */
export interface Source {
  /** The request's own item, as it came. */
  source: FileReference;
  document: string[];
  metadata: SourceMetadata[];
  /** Cosines, higher is nearer; absent unless known of every passage. */
  distances?: number[];
}

export interface SourceMetadata {
  file_id: string;
  /** The file's name; told apart by a number where another file has the same. */
  name: string;
  /** Equal to `name`. */
  source: string;
  hash: string;
  /** Where the passage begins in the file's text, in UTF-16 units. */
  start_index: number;
  /** The passage's page, from 0: web UIs add one. */
  page?: number;
  headings?: string[];
}

/** A passage and the number that answers cite it by. */
export interface NumberedPassage {
  number: number;
  /** The file's name as in its source. */
  name: string;
  passage: Passage;
}

/**
 * The sources of an answer, and its passages by number. Web UIs count citations by the distinct `metadata.source` (for
 * what they open) or `metadata.name` (for what they print) in the order of the sources; here these are the same, and
 * passages of one file share a number. Sources stand in the order of their best passage, and so do the passages in each.
 * Passages of contents that no item holds are left out; a content that several hold is its first holder's.
 */
export function citeSources(
  passages: readonly Passage[],
  items: readonly RequestedItem[],
): { sources: Source[]; numbered: NumberedPassage[] } {
  const holders = holdersOf(items);
  const byItem = new Map<RequestedItem, { passage: Passage; name: string; metadata: SourceMetadata }[]>();
  const names = new DistinctNames();
  for (const passage of passages) {
    const holder = holders.get(passage.contentId);
    if (holder === undefined) continue;
    const name = names.of(holder.file.fileId, holder.file.name);
    const entry = { passage, name, metadata: metadataOf(passage, holder.file, name) };
    byItem.set(holder.item, [...(byItem.get(holder.item) ?? []), entry]);
  }
  const numbers = new Map<string, number>();
  const numbered: NumberedPassage[] = [];
  const sources: Source[] = [];
  for (const [{ item }, entries] of byItem) {
    for (const { passage, name } of entries) {
      if (!numbers.has(name)) numbers.set(name, numbers.size + 1);
      numbered.push({ number: numbers.get(name)!, name, passage });
    }
    const similarities = entries.flatMap(({ passage: { similarity } }) => similarity ?? []);
    sources.push({
      source: item,
      document: entries.map(({ passage }) => passage.text),
      metadata: entries.map(({ metadata }) => metadata),
      ...(similarities.length === entries.length && { distances: similarities }),
    });
  }
  return { sources, numbered };
}

type HeldFile = RequestedItem["contents"][number];

function holdersOf(items: readonly RequestedItem[]): Map<string, { item: RequestedItem; file: HeldFile }> {
  const holders = new Map<string, { item: RequestedItem; file: HeldFile }>();
  for (const item of items) {
    for (const file of item.contents) {
      if (!holders.has(file.contentId)) holders.set(file.contentId, { item, file });
    }
  }
  return holders;
}

function metadataOf(passage: Passage, file: HeldFile, name: string): SourceMetadata {
  return {
    file_id: file.fileId,
    name,
    source: name,
    hash: file.hash,
    start_index: passage.startOffset,
    ...(passage.page !== null && { page: passage.page - 1 }),
    ...(passage.headings.length > 0 && { headings: passage.headings }),
  };
}

/** Gives each file a name that no other has: its own, or with a number behind it. */
class DistinctNames {
  readonly #byFile = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(fileId: string, name: string): string {
    const given = this.#byFile.get(fileId);
    if (given !== undefined) return given;
    let distinct = name;
    for (let count = 2; this.#taken.has(distinct); count++) distinct = `${name} (${count})`;
    this.#taken.add(distinct);
    this.#byFile.set(fileId, distinct);
    return distinct;
  }
}
