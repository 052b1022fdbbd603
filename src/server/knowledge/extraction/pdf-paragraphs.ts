import type { PdfLine } from "./pdf-lines.ts";

/** Lines that read on. */
export interface PdfParagraph {
  text: string;
  /** Of its first line, in points. */
  size: number;
  isListItem: boolean;
}

/** Lines of one paragraph, and how far they reach. */
interface LineGroup {
  lines: PdfLine[];
  left: number;
  right: number;
}

const BULLET = /^[•‣▪◦●○■–*-]\s+(?=\S)/;
const LIST_MARK = /^(?:[•‣▪◦●○■–*-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/;
/** The dots of a table of contents. */
const LEADERS = /\s*(?:\.\s?){5,}/g;
const SENTENCE_END = /[.!?:;。！？]["'”’)\]]*\s*$/;
const HYPHENATED = /\p{L}[-\u00ad\u2010]$/u;
const NO_SPACES_BETWEEN = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u;

/** A page's lines as paragraphs: by the space between lines, indentation, size, short last lines and list marks. */
export function paragraphsOf(lines: readonly PdfLine[]): PdfParagraph[] {
  const leading = medianLeading(lines);
  const groups: LineGroup[] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    if (group && !begins(line, group, leading)) {
      group.lines.push(line);
      group.left = Math.min(group.left, line.left);
      group.right = Math.max(group.right, line.right);
    } else groups.push({ lines: [line], left: line.left, right: line.right });
  }
  return groups.map((group) => {
    const text = joinLines(group.lines).replace(LEADERS, " … ");
    const isListItem = LIST_MARK.test(text);
    return { text: isListItem ? text.replace(BULLET, "- ") : text, size: group.lines[0]!.size, isListItem };
  });
}

/** The usual distance of two lines that follow each other in a column. */
function medianLeading(lines: readonly PdfLine[]): number {
  const gaps = lines.slice(1).map((line, index) => lines[index]!.baseline - line.baseline);
  const usual = gaps.filter((gap, index) => gap > 0 && gap < lines[index]!.size * 3).sort((a, b) => a - b);
  return usual[Math.floor(usual.length / 2)] ?? 0;
}

function begins(line: PdfLine, { lines, left, right }: LineGroup, leading: number): boolean {
  const before = lines.at(-1)!;
  if (Math.abs(line.size - before.size) > before.size * 0.08) return true;
  if (LIST_MARK.test(line.text.trimStart())) return true;
  const gap = before.baseline - line.baseline;
  // The next column, or what stands beside: a sentence may go on there.
  if (gap <= line.size / 2) return SENTENCE_END.test(before.text);
  if (gap > Math.max(leading, line.size) * 1.3) return true;
  const indented = line.left - left > line.size * 0.8 && line.left - left < line.size * 5;
  const endsShort = before.right < right - (right - left) * 0.15;
  return SENTENCE_END.test(before.text) && (indented || endsShort);
}

function joinLines(lines: readonly PdfLine[]): string {
  let text = "";
  for (const line of lines.map((placed) => placed.text.replace(/\s+/g, " ").trim())) {
    if (HYPHENATED.test(text) && /^\p{Ll}/u.test(line)) text = text.slice(0, -1) + line;
    else if (NO_SPACES_BETWEEN.test(text.slice(-1)) && NO_SPACES_BETWEEN.test(line.slice(0, 1))) text += line;
    else text += text === "" ? line : ` ${line}`;
  }
  return text;
}
