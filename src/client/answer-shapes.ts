import { isJsonObject, type JsonObject } from "../contract/json-shape.ts";
import { decodeStoredChat, type StoredChat } from "../contract/stored-chat.ts";
import { OffstageError } from "../errors.ts";

/** A row or record with an id, as it came. */
export type Identified = JsonObject & { id: string };

/** The answer as an object. @throws `not_open_webui` */
export function objectAnswer(what: string, body: unknown): JsonObject {
  if (isJsonObject(body)) return body;
  throw unexpected(what, body);
}

/** The answer as a list of rows that have an id, whether it stands alone or under `items` or `data`. @throws `not_open_webui` */
export function rowsAnswer(what: string, body: unknown): Identified[] {
  const rows = isJsonObject(body) ? (body.items ?? body.data) : body;
  if (Array.isArray(rows) && rows.every(isIdentified)) return rows;
  throw unexpected(what, body);
}

/** The answer as a record with an id; `null`, as old servers answer for what is not yours, is `not_found`. */
export function recordAnswer(what: string, body: unknown): Identified {
  if (body === null) {
    throw new OffstageError("not_found", `The server has no ${what}. Check its id, and that you may see it.`);
  }
  if (isIdentified(body)) return body;
  throw unexpected(what, body);
}

/** The answer as a chat's record. @throws `not_open_webui`, or `not_found` where it is `null`. */
export function chatAnswer(body: unknown): StoredChat {
  const chat = decodeStoredChat(recordAnswer("such chat", body));
  if (chat === null) throw unexpected("a chat", body);
  return chat;
}

/** The answer's field as a string. @throws `not_open_webui` */
export function stringField(what: string, body: unknown, field: string): string {
  const value = objectAnswer(what, body)[field];
  if (typeof value === "string") return value;
  throw unexpected(`${what} with a "${field}"`, body);
}

function isIdentified(value: unknown): value is Identified {
  return isJsonObject(value) && typeof value.id === "string";
}

function unexpected(what: string, body: unknown): OffstageError {
  const seen = JSON.stringify(body) ?? "nothing";
  return new OffstageError(
    "not_open_webui",
    `Expected ${what} but the server answered ${seen.slice(0, 200)}. Check that the base URL is that of an Open WebUI.`,
  );
}
