import { isJsonObject } from "../contract/json-shape.ts";
import { type Identified, rowsAnswer } from "./answer-shapes.ts";

/** Every row of a list, whether a server answers all of it at once or `{items, total}` a page. `path` has no `page`. */
export async function allRows(
  what: string,
  path: string,
  read: (path: string) => Promise<unknown>,
): Promise<Identified[]> {
  const first = await read(path);
  const rows = [...rowsAnswer(what, first)];
  const total = isJsonObject(first) ? Number(first.total ?? 0) : rows.length;
  for (let page = 2; rows.length < total; page++) {
    const more = rowsAnswer(what, await read(`${path}${path.includes("?") ? "&" : "?"}page=${page}`));
    if (more.length === 0) break;
    rows.push(...more);
  }
  return rows;
}
