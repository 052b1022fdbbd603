import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { renderCliHelp, renderErrorCodes, renderLiveEvents, renderRoutes } from "./docs/parts.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** The documents that hold parts made from the code. */
export const DOCUMENTS = ["docs/contract.md", "docs/cli.md"] as const;

/** What stands between `<!-- made: NAME … -->` and `<!-- /made -->`, by the name's first word. */
const PARTS: Record<string, (argument: string) => string | Promise<string>> = {
  routes: renderRoutes,
  "live-events": renderLiveEvents,
  "error-codes": renderErrorCodes,
  "cli-help": renderCliHelp,
};

const MADE = /(<!-- made: ([\w-]+)(?: ([\w-]+))? -->\n)[\s\S]*?(<!-- \/made -->)/g;

/** A document's text with every made part as the code has it now. @throws Error for a name that is no part's */
export async function renderDocument(text: string): Promise<string> {
  const places = [...text.matchAll(MADE)];
  const made = await Promise.all(
    places.map(async ([, begin, name, argument, end]) => {
      const part = PARTS[name!];
      if (part === undefined) throw new Error(`There is no part "${name}" of the documentation.`);
      return `${begin}\n${await part(argument ?? "")}\n\n${end}`;
    }),
  );
  let next = 0;
  return text.replace(MADE, () => made[next++]!);
}

if (import.meta.main) {
  for (const name of DOCUMENTS) {
    const path = resolve(ROOT, name);
    const text = await readFile(path, "utf8");
    await writeFile(path, await renderDocument(text));
  }
}
