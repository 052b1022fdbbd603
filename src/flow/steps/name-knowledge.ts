import type { RemoteKnowledge } from "../../client/open-webui-client.ts";
import type { FileReference } from "../../contract/chat.ts";
import { OffstageError } from "../../errors.ts";
import { findKnowledge } from "../find-knowledge.ts";
import type { Run } from "../run.ts";

/**
 * Before step 1: which collections are meant, among those that the user may read.
 *
 * Effect: none.
 * Safe to repeat because: it only reads.
 * Known done when: each name has its id, and something is in each.
 * If the process dies here: nothing was written.
 */
export async function nameKnowledge(run: Run): Promise<void> {
  const { material, plan } = run;
  if (material.collections !== null) return;
  const all = await run.context.client.listKnowledge(run.call);
  const found = plan.knowledge.map((wanted) => findKnowledge(all, wanted));
  for (const knowledge of new Set(found)) await assertFilled(run, knowledge);
  material.collections = found.map(collectionReference);
}

/** Real servers answer from an empty collection as if there were none. */
async function assertFilled(run: Run, { id, name, fileCount }: RemoteKnowledge): Promise<void> {
  const count = fileCount ?? (await run.context.client.listKnowledgeFiles(id, run.call)).length;
  if (count > 0) return;
  throw new OffstageError("bad_input", `The collection "${name}" (${id}) is empty. Add files to it first.`);
}

/** `status` is left out where it still has to become `processed`. */
function collectionReference({ id, name, description, status }: RemoteKnowledge): FileReference {
  return { type: "collection", id, name, description, ...(status === "processed" && { status }) };
}
