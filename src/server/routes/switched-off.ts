import { OffstageError } from "../../errors.ts";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Forms post what they were given in other spellings: nothing as null or "", numbers as text. */
function isSame(posted: unknown, held: unknown): boolean {
  if (isFields(held)) return isFields(posted) && changedFields(posted, held).length === 0;
  if (Array.isArray(held)) {
    const list = [posted].flat().filter((one) => !isMissing(one));
    return list.length === held.length && held.every((one, index) => isSame(list[index], one));
  }
  return String(posted ?? "") === String(held ?? "");
}

const isMissing = (value: unknown) => value === undefined || value === null || value === "";

/** The names of those fields that a form would change. What it leaves out stays, and what nobody knows is not looked at. */
function changedFields(posted: Fields, held: Fields): string[] {
  return Object.keys(held).filter((name) => !isMissing(posted[name]) && !isSame(posted[name], held[name]));
}

/**
 * Lets a whole form pass that changes nothing of what is as it is on this server.
 * @throws OffstageError `bad_input` naming what it would change
 */
export function assertUnchanged(posted: Fields, held: Fields): void {
  const changed = changedFields(posted, held);
  if (changed.length === 0) return;
  throw new OffstageError(
    "bad_input",
    `This cannot be changed on this server: ${changed.join(", ")}. Nothing of the form was stored.`,
  );
}
