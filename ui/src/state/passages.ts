import type { WireSource } from "../api/shapes.ts";

/** A passage that an answer draws on. */
export interface Passage {
  passage: string;
  name: string;
  page: number | undefined;
  headings: string[];
}

/** The passages of sources in the order in which answers number them, from 1. */
export function passagesOf(sources: readonly WireSource[]): Passage[] {
  return sources.flatMap(({ source, document = [], metadata = [] }) =>
    document.map((passage, index) => ({
      passage,
      name: metadata[index]?.name ?? source?.name ?? metadata[index]?.source ?? "",
      page: metadata[index]?.page,
      headings: metadata[index]?.headings ?? [],
    })),
  );
}
