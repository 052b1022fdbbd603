import type { CitedPassage } from "../index.ts";

/** What an answer drew on, a line for each number that it is cited by: `[1] report.pdf, pages 2, 5`. */
export function sourceLines(passages: readonly CitedPassage[]): string[] {
  return [...Map.groupBy(passages, ({ number }) => number)].map(([number, cited]) => {
    const pages = [...new Set(cited.flatMap(({ page }) => page ?? []))].sort((one, other) => one - other);
    const place = pages.length === 0 ? "" : `, ${pages.length > 1 ? "pages" : "page"} ${pages.join(", ")}`;
    return `[${number}] ${cited[0]?.name ?? ""}${place}`;
  });
}
