import { OffstageError } from "../../../errors.ts";

/**
 * Runs an embedding until its caller's signal or the embedder's `closing` is aborted.
 * @throws OffstageError `cancelled` then, whatever the work made of it; else what the work throws
 */
export async function untilStopped<Result>(
  signal: AbortSignal | undefined,
  closing: AbortSignal,
  work: (stop: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
  try {
    return await work(stop);
  } catch (cause) {
    if (!stop.aborted) throw cause;
    const why = closing.aborted ? ": the server is stopping" : "";
    throw new OffstageError("cancelled", `The embedding of texts was cancelled${why}.`, { cause });
  }
}
