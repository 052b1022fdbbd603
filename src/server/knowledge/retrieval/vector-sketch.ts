/** Bytes that the sketch of a vector of `dimensions` numbers takes. */
export const sketchBytes = (dimensions: number) => Math.ceil(dimensions / 8);

/** Which numbers of a vector are positive: one bit each, the first number's lowest. */
export function sketchOf(vector: Float32Array): Uint8Array {
  const sketch = new Uint8Array(sketchBytes(vector.length));
  for (let index = 0; index < vector.length; index++) {
    if (vector[index]! > 0) sketch[index >> 3]! |= 1 << (index & 7);
  }
  return sketch;
}

/**
 * For each byte of a sketch and each value of it, what it adds to the estimate of the cosine with `vector`: the query
 * keeps its numbers, only the sketch has lost them. At `byte * 256 + value`.
 */
export function sketchTable(vector: Float32Array): Float32Array {
  const bytes = sketchBytes(vector.length);
  const table = new Float32Array(bytes * 256);
  for (let byte = 0; byte < bytes; byte++) {
    for (let value = 0; value < 256; value++) {
      let sum = 0;
      for (let bit = 0; bit < 8; bit++) {
        const number = vector[byte * 8 + bit] ?? 0;
        sum += (value >> bit) & 1 ? number : -number;
      }
      table[byte * 256 + value] = sum;
    }
  }
  return table;
}

/** Estimates the cosine of a query with each of `sketches`, and writes them to `scores` from `offset` on. */
export function scoreSketches(
  table: Float32Array,
  sketches: Uint8Array,
  scores: Float64Array,
  offset: number,
): void {
  const bytes = table.length / 256;
  const count = sketches.length / bytes;
  let at = 0;
  for (let index = 0; index < count; index++) {
    let score = 0;
    for (let byte = 0; byte < bytes; byte++) score += table[(byte << 8) + sketches[at++]!]!;
    scores[offset + index] = score;
  }
}

/** The exact cosine of two vectors of length 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
