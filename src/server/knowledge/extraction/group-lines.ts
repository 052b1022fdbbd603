import type { DocumentBlock } from "../document.ts";

/** About a page's worth: large enough for few blocks, small enough to name a place by. */
const GROUP_CHARS = 2_000;

/** Lines that belong to no larger unit, put together into blocks of about 2,000 characters. */
export function groupLines(kind: DocumentBlock["kind"], lines: Iterable<string>): DocumentBlock[] {
  const blocks: DocumentBlock[] = [];
  let group: string[] = [];
  let chars = 0;
  for (const line of lines) {
    if (chars + line.length > GROUP_CHARS && group.length > 0) {
      blocks.push({ kind, text: group.join("\n") });
      group = [];
      chars = 0;
    }
    group.push(line);
    chars += line.length + 1;
  }
  if (group.length > 0) blocks.push({ kind, text: group.join("\n") });
  return blocks;
}
