import { parse } from "csv-parse";
import type { ExtractedDocument } from "../document.ts";
import { groupLines } from "./group-lines.ts";
import { rowLines } from "./table-text.ts";

const DELIMITERS = [",", ";", "\t", "|"];

/**
 * CSV, TSV and their kin: the delimiter is found in the first line, the first row names the columns if it looks like
 * names. Rows may differ in length.
 * @throws CsvError for an open quote that never ends
 */
export async function extractDelimited(text: string): Promise<ExtractedDocument> {
  const parser = parse(text, {
    delimiter: delimiterOf(text),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const lines: string[] = [];
  let header: string[] | null | undefined;
  for await (const row of parser as AsyncIterable<string[]>) {
    const first = header === undefined;
    if (header === undefined) header = looksLikeHeader(row) ? row : null;
    if (!first || header === null) lines.push(...rowLines(header, [row]));
  }
  if (lines.length === 0 && header) lines.push(...rowLines(null, [header]));
  return { title: null, blocks: groupLines("table", lines), pageCount: null };
}

function delimiterOf(text: string): string {
  const end = text.indexOf("\n");
  const line = (end === -1 ? text : text.slice(0, end)).replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** Distinct short names or years; the first may be left out, as for a column of row numbers. */
function looksLikeHeader(row: readonly string[]): boolean {
  const names = row.map((cell) => cell.trim());
  if (new Set(names).size < names.length || !names.some((name) => /\p{L}/u.test(name))) return false;
  return names.every(
    (name, index) =>
      name.length <= 100 && (/\p{L}|^(?:19|20)\d\d$/u.test(name) || (index === 0 && name === "")),
  );
}
