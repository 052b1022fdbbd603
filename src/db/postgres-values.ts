import type { CustomTypesConfig } from "pg";
import type { SqlValue } from "./database.ts";

/** PostgreSQL's numbers of the types that are not read as text. */
const typeId = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701, numeric: 1700 };

const parsers = new Map<number, (text: string) => unknown>([
  [typeId.bool, (text) => Number(text === "t")],
  [typeId.bytea, parseBytes],
  ...[typeId.int8, typeId.int2, typeId.int4, typeId.float4, typeId.float8, typeId.numeric].map(
    (id): [number, (text: string) => unknown] => [id, Number],
  ),
]);

const asText = (text: string) => text;

/**
 * How values are read: as SQLite gives them. Whole numbers are exact up to 2^53, which counts and times never reach;
 * bytes are a Uint8Array, flags 0 and 1, all else text.
 */
export const valueTypes: CustomTypesConfig = {
  getTypeParser: (id: number) => (parsers.get(id) ?? asText) as never,
};

/** `\x00ff…`, the form that PostgreSQL gives by default. */
function parseBytes(text: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text.slice(2), "hex");
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * A value as PostgreSQL takes it. Its text has no NUL character: one becomes U+FFFD, as half of a surrogate pair does in
 * UTF-8, wherever it is written or looked for. JSON text spells both as escapes and is kept.
 */
export function storable(value: SqlValue): SqlValue {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
}
