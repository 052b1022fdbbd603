/** Numbers that depend on the seed alone, so that every run of a measurement has the same input. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  /** With a mean of 0 and a variance of 1. */
  normal(): number;
}

/** Marsaglia's xorshift of 32 bits (Journal of Statistical Software 8, 2003) and the polar method. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  let spare: number | null = null;

  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  }

  function normal(): number {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const x = 2 * next() - 1;
      const y = 2 * next() - 1;
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  }

  return { next, below: (count) => Math.floor(next() * count), normal };
}

/** How many of the commonest ranks are flattened: a text's stop words are not among those that are drawn. */
const FLATTENED = 10;

/**
 * Draws ranks from 0 to below `count` as often as words of such a rank stand in texts (Zipf's law as Mandelbrot has it):
 * in proportion to `1 / (rank + 10)`.
 */
export function createRankSource(random: Random, count: number): () => number {
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + FLATTENED);
    upTo[rank] = sum;
  }
  return () => {
    const drawn = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
