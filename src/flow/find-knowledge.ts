import { OffstageError } from "../errors.ts";

/** What a collection is found by. */
export interface NamedKnowledge {
  id: string;
  name: string;
}

const NAMES_TOLD = 10;

/**
 * The collection that `wanted` means: the one with this id, else the only one with exactly this name, else the only one
 * whose name differs by case alone.
 * @throws OffstageError `bad_input` where there is none, or more than one; it names those that there are
 */
export function findKnowledge<Knowledge extends NamedKnowledge>(
  all: readonly Knowledge[],
  wanted: string,
): Knowledge {
  const byId = all.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId;
  const exact = all.filter(({ name }) => name === wanted);
  const folded = wanted.toLowerCase();
  const found = exact.length > 0 ? exact : all.filter(({ name }) => name.toLowerCase() === folded);
  if (found.length === 1) return found[0]!;
  const details = {
    wanted,
    candidates: (found.length > 0 ? found : all).map(({ id, name }) => ({ id, name })),
  };
  if (found.length > 1) {
    const ids = found.map(({ id, name }) => `${id} ("${name}")`).join(", ");
    throw new OffstageError(
      "bad_input",
      `${found.length} collections are called "${wanted}": ${ids}. Give the id of the one that you mean.`,
      { details },
    );
  }
  throw new OffstageError("bad_input", `No collection has the name or id "${wanted}". ${tellNames(all)}`, {
    details,
  });
}

function tellNames(all: readonly NamedKnowledge[]): string {
  if (all.length === 0) return "There is none that you may read; make one first.";
  const names = all.slice(0, NAMES_TOLD).map(({ name }) => `"${name}"`);
  const more = all.length - names.length;
  return `Those that you may read: ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}
