import { OffstageError } from "../../errors.ts";

const UNITS_SEC = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const LIFETIME = /^(\d{1,9}(?:\.\d{1,9})?)(w|d|h|m|s)$/;
const MIN_SEC = 60;
/** Ten years. */
const MAX_SEC = 520 * UNITS_SEC.w;

/**
 * Seconds of a time such as `4w`, `12h` or `1.5d`. A session always ends here, so that Open WebUI's `-1` is refused.
 * @throws OffstageError `bad_input`
 */
export function parseLifetime(text: string): number {
  const [, count, unit] = LIFETIME.exec(text.trim()) ?? [];
  const seconds = Math.round(Number(count) * (UNITS_SEC[unit as keyof typeof UNITS_SEC] ?? Number.NaN));
  if (seconds >= MIN_SEC && seconds <= MAX_SEC) return seconds;
  throw new OffstageError(
    "bad_input",
    `A session cannot last "${text.slice(0, 40)}": give a time between 1m and 520w, such as 4w, 12h or 90m.`,
  );
}

/** A lifetime as people write it: in the largest unit that leaves no rest. */
export function encodeLifetime(seconds: number): string {
  const [unit, length] = Object.entries(UNITS_SEC).find(([, unitSec]) => seconds % unitSec === 0)!;
  return `${seconds / length}${unit}`;
}
