import { createHash } from "node:crypto";

export const SPLITS = ["tune", "report"] as const;
/** Which half a question belongs to: the one to try things out on, or the one that results are reported on. */
export type Split = (typeof SPLITS)[number];

/**
 * The split of each question by its id: half of each kind each, by the order of their ids' hashes, so that neither half
 * was picked. Of an odd kind the larger half alternates.
 */
export function assignSplits(questions: readonly { id: string; kind: string }[]): Map<string, Split> {
  const splits = new Map<string, Split>();
  const kinds = Map.groupBy(questions, ({ kind }) => kind);
  let turn = 0;
  for (const kind of [...kinds.keys()].sort()) {
    const ids = kinds.get(kind)!.map(({ id }) => id);
    ids.sort((one, other) => (hashOf(one) < hashOf(other) ? -1 : 1));
    for (const id of ids) {
      splits.set(id, SPLITS[turn % 2]!);
      turn += 1;
    }
  }
  return splits;
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
