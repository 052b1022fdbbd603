/** A figure at a time, in minutes from the first. */
export interface Point {
  minute: number;
  value: number;
}

/** How a figure went after warm-up, which is the first third of the points. */
export interface Steadiness {
  /** Slope of the line that fits the last two thirds best, a minute. */
  perMinute: number;
  /** Mean of the last third over the mean of the second: 1.1 is ten percent more. */
  lastOverSecond: number;
}

/** NaN where there are fewer than two points in each third. */
export function steadinessOf(points: readonly Point[]): Steadiness {
  const third = Math.floor(points.length / 3);
  if (third < 2) return { perMinute: Number.NaN, lastOverSecond: Number.NaN };
  const last = points.slice(-third);
  const second = points.slice(-2 * third, -third);
  const mean = (of: readonly Point[]) => of.reduce((sum, { value }) => sum + value, 0) / of.length;
  return { perMinute: slopeOf([...second, ...last]), lastOverSecond: mean(last) / mean(second) };
}

/** Of the line with the least squares. */
function slopeOf(points: readonly Point[]): number {
  const meanMinute = points.reduce((sum, { minute }) => sum + minute, 0) / points.length;
  let over = 0;
  let under = 0;
  for (const { minute, value } of points) {
    over += (minute - meanMinute) * value;
    under += (minute - meanMinute) ** 2;
  }
  return over / under;
}
