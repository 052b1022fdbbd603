import type { AnswerJournal } from "../../contract/journal.ts";
import { clip, createMask, hideIn } from "./mask.ts";

/** Longest that any text is cut to before all of them are left out. */
const LEAST_CHARS = 64;

/**
 * A journal as it is kept and answered: JSON text of at most about `maxBytes`, in which none of the secrets stands. Texts
 * are cut shorter and shorter until it fits.
 */
export function sealedText(
  build: (clip: (text: string) => string) => AnswerJournal,
  { maxBytes, secrets }: { maxBytes: number; secrets: Iterable<string> },
): string {
  const mask = createMask(secrets);
  for (let limit = Math.floor(maxBytes / 4); ; limit = Math.floor(limit / 2)) {
    const isLast = limit < LEAST_CHARS;
    const journal = build((text) => (isLast ? "…" : clip(text, limit, mask)));
    const text = JSON.stringify(journal);
    if (!isLast && Buffer.byteLength(text) > maxBytes) continue;
    // Hardly ever does a secret stand in one: then alone its texts are gone through.
    return mask.hide(text) === text ? text : JSON.stringify(hideIn(journal, mask));
  }
}
