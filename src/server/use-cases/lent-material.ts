import { FileReference } from "../../contract/chat.ts";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { RequestedItem } from "../knowledge/retrieval/requested-item.ts";
import type { AskableModel } from "../models/model-catalogue.ts";
import { resolveMaterial } from "./material.ts";

/** What a model brings along of its own knowledge. */
export interface LentMaterial {
  items: RequestedItem[];
  /** Says what had to be left out; the answer is given without it. */
  statuses: Record<string, unknown>[];
}

/**
 * The material in a model's `meta.knowledge`, less what the request names itself. The model lends what its owner may read, so
 * that whoever may ask it is answered from it. What is gone, failed or still processing is left out.
 */
export async function lentMaterial(
  context: Context,
  tx: Queries,
  { entry }: AskableModel,
  named: readonly RequestedItem[],
): Promise<LentMaterial> {
  const lent: LentMaterial = { items: [], statuses: [] };
  const references = entry ? knowledgeOf(entry.meta) : [];
  if (!entry || references.length === 0) return lent;
  const owner = await context.store.users.findUser(tx, entry.row.user_id);
  const namedIds = new Set(named.map(({ item }) => item.id));
  for (const reference of references) {
    if (!owner || namedIds.has(reference.id)) continue;
    try {
      lent.items.push(...(await resolveMaterial(context, tx, owner, [reference])));
    } catch (thrown) {
      if (!(thrown instanceof OffstageError && thrown.httpStatus === 400)) throw thrown;
      lent.statuses.push({
        action: "knowledge_left_out",
        description: `Left out of what the model knows: ${reference.name ?? "a collection"}`,
        done: true,
        error: true,
      });
    }
  }
  return lent;
}

/** What a model's facts name as its knowledge; entries that name nothing are passed over. */
export function knowledgeOf(meta: Record<string, unknown>): FileReference[] {
  if (!Array.isArray(meta.knowledge)) return [];
  return meta.knowledge.flatMap((item) => {
    const { success, data } = FileReference.safeParse(item);
    return success && data.id !== undefined ? [data] : [];
  });
}
