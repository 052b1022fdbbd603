/** Cuts texts into requests: at most `maxTexts`, and `maxCharacters` unless one text alone has more. Keeps their order. */
export function splitBatches(
  texts: readonly string[],
  { maxTexts, maxCharacters }: { maxTexts: number; maxCharacters: number },
): string[][] {
  const batches: string[][] = [];
  let characters = 0;
  for (const text of texts) {
    const batch = batches.at(-1);
    characters += text.length;
    if (batch === undefined || batch.length === maxTexts || characters > maxCharacters) {
      batches.push([text]);
      characters = text.length;
    } else {
      batch.push(text);
    }
  }
  return batches;
}
