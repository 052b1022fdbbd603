/** Beyond this many tokens at once the model is no faster a token, only larger. */
const MAX_BATCH_TOKENS = 128;
const MAX_BATCH_TEXTS = 8;

/**
 * Groups texts, by the number of their tokens, into batches for one run of the model: texts of like length together,
 * since all are padded to the longest, and long ones alone. Gives their positions; each is in one batch.
 */
export function planBatches(lengths: readonly number[]): number[][] {
  const byLength = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  const batches: number[][] = [];
  for (const position of byLength) {
    const batch = batches.at(-1);
    const fits = batch !== undefined && (batch.length + 1) * lengths[position]! <= MAX_BATCH_TOKENS;
    if (fits && batch.length < MAX_BATCH_TEXTS) batch.push(position);
    else batches.push([position]);
  }
  return batches;
}
