/** A vector of the same direction and length 1, or null where there is no direction: all zero, or not all numbers. */
export function unitVector(vector: ArrayLike<number>): Float32Array | null {
  let squares = 0;
  for (let index = 0; index < vector.length; index++) squares += vector[index]! ** 2;
  const length = Math.sqrt(squares);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) return null;
  return Float32Array.from(vector, (value) => value / length);
}
