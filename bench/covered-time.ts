/** A stretch of time, by any clock. */
export interface Interval {
  fromMs: number;
  toMs: number;
}

/** How much of `whole` the intervals cover together; where several overlap it counts once. */
export function coveredMs(whole: Interval, intervals: readonly Interval[]): number {
  let covered = 0;
  let reachedMs = whole.fromMs;
  for (const { fromMs, toMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const endMs = Math.min(toMs, whole.toMs);
    covered += Math.max(0, endMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, endMs);
  }
  return covered;
}
