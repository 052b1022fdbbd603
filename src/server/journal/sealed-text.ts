import { clip, hideIn, type Mask } from "./mask.ts";

/** Longest that any text is cut to before all of them are left out. */
const LEAST_CHARS = 64;
/** Of one UTF-16 unit at most. */
const MAX_UTF8_BYTES = 3;

/**
 * What is seen of an answer as it is kept: JSON text of at most about `maxBytes`, in which none of the mask's secrets
 * stands. Texts are cut shorter and shorter until it fits.
 */
export function sealedText(
  build: (clip: (text: string) => string) => object,
  { maxBytes, mask }: { maxBytes: number; mask: Mask },
): string {
  for (let limit = Math.floor(maxBytes / 4); ; limit = Math.floor(limit / 2)) {
    const isLast = limit < LEAST_CHARS;
    const seen = build((text) => (isLast ? "…" : clip(text, limit, mask)));
    const text = JSON.stringify(seen);
    if (!isLast && text.length > maxBytes / MAX_UTF8_BYTES && Buffer.byteLength(text) > maxBytes) continue;
    // Hardly ever does a secret stand in one: then alone its texts are gone through.
    return mask.hide(text) === text ? text : JSON.stringify(hideIn(seen, mask));
  }
}
