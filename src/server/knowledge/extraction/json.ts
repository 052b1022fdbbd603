import type { ExtractedDocument } from "../document.ts";
import { groupLines } from "./group-lines.ts";
import { damaged, refusal } from "./refusal.ts";

const MAX_DEPTH = 200;
const MAX_ROW_CHARS = 1_000;
const MAX_LISTED_ITEMS = 20;

/**
 * JSON as a line for each value, with the path to it: `user.name: Ann`; a record of a list has one line, if it is no
 * tree: `users[0]: name: Ann; age: 3`. Values one after another, a line each (JSON Lines), are the items of a list.
 * @throws OffstageError `bad_input` for what is not JSON, with where it breaks
 */
export function extractJson(text: string, name: string): ExtractedDocument {
  const lines = [...valueLines(parseJson(text, name), "", name, 0)];
  return { title: null, blocks: groupLines("list", lines), pageCount: null };
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const lines = text.split("\n");
    if (lines.length === 1 || !isJson(lines[0]!)) throw thrown;
    return lines.flatMap((line, index) => (line.trim() === "" ? [] : [parseLine(line, index + 1, name)]));
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseLine(line: string, number: number, name: string): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    throw damaged(name, `JSON Lines (line ${number})`, thrown);
  }
}

function* valueLines(value: unknown, path: string, name: string, depth: number): Generator<string> {
  if (depth > MAX_DEPTH)
    throw refusal("damaged", `${name} is nested more than ${MAX_DEPTH} levels deep. Flatten it.`);
  const inOneLine = plainText(value) ?? (path.endsWith("]") ? rowText(value) : null);
  if (inOneLine !== null) {
    if (inOneLine !== "") yield path === "" ? inOneLine : `${path}: ${inOneLine}`;
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* valueLines(item, `${path}[${index}]`, name, depth + 1);
  } else {
    for (const [key, item] of Object.entries(value as object))
      yield* valueLines(item, pathTo(path, key), name, depth + 1);
  }
}

function pathTo(path: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** A value without parts, or a short list of such; null for any other. */
function plainText(value: unknown): string | null {
  if (value === null) return "";
  if (typeof value !== "object") return String(value).replace(/\s+/g, " ").trim();
  if (!Array.isArray(value) || value.length > MAX_LISTED_ITEMS) return null;
  return value.some((item) => typeof item === "object" && item !== null)
    ? null
    : value.map(plainText).join(", ");
}

/** An object of plain values as one line, if that is not long. */
function rowText(value: unknown): string | null {
  const cells: string[] = [];
  for (const [key, item] of Object.entries(value as object)) {
    const text = plainText(item);
    if (text === null) return null;
    if (text !== "") cells.push(`${key}: ${text}`);
  }
  const row = cells.join("; ");
  return row.length <= MAX_ROW_CHARS ? row : null;
}
