import type { Identity } from "../auth/authenticate.ts";
import type { Context } from "../context.ts";

/**
 * One call of a model, beside answers, within what its asker may use: it counts as an answer, and `spend` takes its tokens.
 * @throws OffstageError `rate_limited`; what `work` throws
 */
export async function meteredCall<T>(
  { quotas }: Context,
  identity: Identity,
  work: (spend: (tokens: number) => void) => Promise<T>,
): Promise<T> {
  const admission = await quotas.admit(identity, 1);
  try {
    return await work(admission.spend);
  } finally {
    admission.ended();
  }
}
