const BUCKETS = 4096;

/**
 * Where the highest scores stand, highest first, equals by their place; about `count` of them and never fewer where
 * there are so many. Takes one pass and a half: sorting all of them would take longer than making them.
 */
export function highestScores(scores: Float64Array, count: number): number[] {
  const places: number[] = [];
  const least = scores.length > count ? leastOfHighest(scores, count) : Number.NEGATIVE_INFINITY;
  for (let place = 0; place < scores.length; place++) {
    if (scores[place]! >= least) places.push(place);
  }
  return places.sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** A score that at least `count` reach, and few more unless many are all but equal. */
function leastOfHighest(scores: Float64Array, count: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  const width = (highest - lowest) / BUCKETS;
  if (!(width > 0)) return lowest;
  const sizes = new Uint32Array(BUCKETS + 1);
  for (const score of scores) sizes[Math.floor((score - lowest) / width)]!++;
  let reached = 0;
  let bucket = BUCKETS + 1;
  while (reached < count) reached += sizes[--bucket]!;
  // Rounding may put a score one bucket too high.
  return lowest + (bucket - 1) * width;
}
