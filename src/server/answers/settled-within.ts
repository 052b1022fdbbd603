/** Resolves when the promise has settled, and at the latest after `maxMs`; never rejects. */
export async function settledWithin(promise: Promise<unknown>, maxMs: number): Promise<void> {
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, maxMs);
  promise.then(
    () => resolve(),
    () => resolve(),
  );
  await settled;
  clearTimeout(timer);
}
