import { filledString, isJsonObject, type JsonObject, stringItems } from "./json-shape.ts";

/** A passage that an answer drew on. */
export interface CitedPassage {
  /** What the answer cites it by, from 1: passages of one document share it. */
  number: number;
  /** The document's name. */
  name: string;
  text: string;
  /** From 1; null where the document has no pages, or the server does not tell. */
  page: number | null;
  /** From the outermost on. */
  headings: string[];
  /** Higher is nearer; null where the server does not tell. */
  similarity: number | null;
  fileId: string | null;
}

/**
 * The passages among an answer's `sources` as servers store and send them (0.6.15 to 0.12.4 and our own), by number. All of
 * them number the distinct documents in the order of the sources. What is no passage is left out.
 */
export function citedPassages(sources: unknown): CitedPassage[] {
  const numbers = new Map<string, number>();
  const passages = (Array.isArray(sources) ? sources : []).filter(isJsonObject).flatMap((entry) => {
    const source = isJsonObject(entry.source) ? entry.source : {};
    return listOf(entry.document).flatMap((text, place) => {
      const stated = listOf(entry.metadata)[place];
      const metadata = isJsonObject(stated) ? stated : {};
      const key = filledString(metadata.source) ?? filledString(source.id) ?? "";
      if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
      const passage = decodePassage(text, metadata, source, listOf(entry.distances)[place]);
      return passage === null ? [] : [{ number: numbers.get(key)!, ...passage }];
    });
  });
  return passages.sort((first, second) => first.number - second.number);
}

function decodePassage(
  text: unknown,
  metadata: JsonObject,
  source: JsonObject,
  similarity: unknown,
): Omit<CitedPassage, "number"> | null {
  if (typeof text !== "string") return null;
  const { page } = metadata;
  return {
    name: filledString(metadata.name) ?? filledString(metadata.source) ?? filledString(source.name) ?? "",
    text,
    page: typeof page === "number" ? page + 1 : null,
    headings: stringItems(metadata.headings),
    similarity: typeof similarity === "number" ? similarity : null,
    fileId: filledString(metadata.file_id),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
