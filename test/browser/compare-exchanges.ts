import type { ExchangeKind, Shape } from "./exchanges.ts";

type Kinds = ReadonlyMap<string, ExchangeKind>;

/**
 * What differs between the exchanges of the same pages with the real server and with ours, a line each: what only one of
 * them was asked, other statuses, and places of the JSON that ours lacks, has more, or fills with another type. `null`
 * goes with every type, and places within what one of them lacks are not told.
 */
export function compareExchanges(real: Kinds, own: Kinds): string[] {
  const names = [...new Set([...real.keys(), ...own.keys()])].toSorted();
  return names.flatMap((name) => {
    const [there, here] = [real.get(name), own.get(name)];
    if (!there || !here) return [`${name}: asked only of ${there ? "the real server" : "ours"}`];
    const differences = compareShapes(there.answered, here.answered);
    if (!isSame(there.statuses, here.statuses)) {
      differences.unshift(`status ${list(there.statuses)} there, ${list(here.statuses)} here`);
    }
    return differences.map((difference) => `${name}: ${difference}`);
  });
}

function compareShapes(there: Shape, here: Shape): string[] {
  const missing = outermost(there, here).map((place) => `lacks ${place} (${list(there.get(place))})`);
  const more = outermost(here, there).map((place) => `has also ${place} (${list(here.get(place))})`);
  const others = [...there].flatMap(([place, types]) => {
    const types2 = here.get(place);
    if (!types2 || [...types].some((type) => type === "null" || types2.has(type)) || types2.has("null"))
      return [];
    return [`${place || "the answer"} is ${list(types)} there, ${list(types2)} here`];
  });
  return [...missing, ...others, ...more];
}

/** Places of one shape that the other lacks, though it has what they are in. */
function outermost(shape: Shape, other: Shape): string[] {
  return [...shape.keys()].filter((place) => {
    if (place === "" || other.has(place)) return false;
    const parent = place.endsWith("[]") ? place.slice(0, -2) : place.slice(0, place.lastIndexOf("."));
    const types = other.get(parent);
    // An empty list has nothing to compare, and neither has what was null.
    return types?.has("object") === true && !place.endsWith("[]");
  });
}

const list = (values: Iterable<unknown> = []) => [...values].toSorted().join("/");
const isSame = (one: Set<unknown>, other: Set<unknown>) => list(one) === list(other);
