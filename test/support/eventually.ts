import { setTimeout as pause } from "node:timers/promises";

/**
 * Looks again and again until `look` gives something other than undefined, false or null, and resolves with it.
 * Rejects after `timeoutMs` with `what` and what `look` threw last.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 50)) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await pause(waitMs);
  }
}
