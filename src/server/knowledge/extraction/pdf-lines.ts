/** A run of text as a PDF places it. Its page's coordinates rise to the right and upwards, in points. */
export interface PlacedText {
  str: string;
  /** A matrix: the last two are the place where the run begins, on its baseline. */
  transform: readonly number[];
  width: number;
  hasEOL: boolean;
}

/** A line of a page, or of one of its columns. */
export interface PdfLine {
  text: string;
  /** Of its largest part, in points. */
  size: number;
  left: number;
  right: number;
  baseline: number;
}

/** Pages of fewer have no running titles that could be told from text. */
const MIN_PAGES_FOR_RUNNING_LINES = 4;
/** Left and right pages may have titles of their own. */
const MIN_RUNNING_SHARE = 0.4;
const EDGE_LINES = 2;
const PAGE_NUMBER = /^\W*(?:page\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:of|\/)\s*\d{1,4})?\W*$/i;

/** A page's text as lines in reading order. */
export function linesOf(items: Iterable<PlacedText>): PdfLine[] {
  const lines: PdfLine[] = [];
  let line: PdfLine | null = null;
  for (const { str, transform, width, hasEOL } of items) {
    const [, , skew = 0, height = 0, left = 0, baseline = 0] = transform;
    const size = Math.hypot(skew, height);
    if (str !== "") {
      if (line && Math.abs(line.baseline - baseline) > Math.max(line.size, size) / 2) line = null;
      if (!line) {
        line = { text: "", size: 0, left, right: left, baseline };
        lines.push(line);
      }
      line.text += str;
      if (str.trim() !== "") line.size = Math.max(line.size, size);
      line.left = Math.min(line.left, left);
      line.right = Math.max(line.right, left + width);
    }
    if (hasEOL) line = null;
  }
  return inReadingOrder(lines.filter(({ text }) => text.trim() !== ""));
}

/**
 * Most programs write a page as it is read, column after column; one whose lines jump up and down within a column is
 * sorted, by halves if a gutter parts it.
 */
function inReadingOrder(lines: PdfLine[]): PdfLine[] {
  const jumps = lines.filter((line, index) => {
    const before = lines[index - 1];
    return before && line.baseline > before.baseline + line.size && overlap(line, before);
  });
  if (jumps.length <= 2 + lines.length / 20) return lines;
  const left = lines.reduce((least, line) => Math.min(least, line.left), Infinity);
  const right = lines.reduce((most, line) => Math.max(most, line.right), -Infinity);
  const middle = (left + right) / 2;
  const crossing = lines.filter((line) => line.left < middle && line.right > middle).length;
  const column = (line: PdfLine) => (crossing < lines.length * 0.15 && line.left >= middle ? 1 : 0);
  return lines.toSorted((a, b) => column(a) - column(b) || b.baseline - a.baseline || a.left - b.left);
}

function overlap(a: PdfLine, b: PdfLine): boolean {
  return a.left < b.right && b.left < a.right;
}

/**
 * The pages without page numbers, and with running titles and footers, which stand at one place of many pages, where they
 * come first.
 */
export function withoutRunningLines(pages: PdfLine[][]): PdfLine[][] {
  if (pages.length < MIN_PAGES_FOR_RUNNING_LINES) return pages;
  const counts = new Map<string, number>();
  for (const key of pages.flatMap((lines) => edgeLines(lines).map(placedKey)))
    counts.set(key, (counts.get(key) ?? 0) + 1);
  const least = Math.max(3, pages.length * MIN_RUNNING_SHARE);
  const kept = new Set<string>();
  return pages.map((lines) => {
    const edges = edgeLines(lines);
    const dropped = new Set<PdfLine>();
    for (const line of [edges[0], edges.at(-1)]) if (line && PAGE_NUMBER.test(line.text)) dropped.add(line);
    for (const line of edges) {
      const key = placedKey(line);
      if (kept.has(key)) dropped.add(line);
      else if (counts.get(key)! >= least) kept.add(key);
    }
    return lines.filter((line) => !dropped.has(line));
  });
}

function edgeLines(lines: PdfLine[]): PdfLine[] {
  const byHeight = lines.toSorted((a, b) => b.baseline - a.baseline);
  return [...new Set([...byHeight.slice(0, EDGE_LINES), ...byHeight.slice(-EDGE_LINES)])];
}

function placedKey({ text, baseline }: PdfLine): string {
  return `${Math.round(baseline / 2)} ${text.replace(/\d+/g, "0").trim()}`;
}
