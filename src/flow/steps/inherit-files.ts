import type { FileReference } from "../../contract/chat.ts";
import type { StoredChatDocument } from "../../contract/stored-chat.ts";
import { asOffstageError } from "../../errors.ts";
import type { Run } from "../run.ts";
import { chatFiles, turnFiles } from "../turn-material.ts";

/**
 * Before step 4: what earlier turns of the chat were asked about, which web UIs go on asking about. What was deleted
 * since then is left out, as servers would refuse it.
 *
 * Effect: none.
 * Safe to repeat because: it only reads.
 * Known done when: each file and collection of the chat was looked up.
 * If the process dies here: nothing was written.
 */
export async function inheritFiles(run: Run, chat: StoredChatDocument): Promise<void> {
  if (run.material.inherited !== null) return;
  const own = new Set(turnFiles(run).map(({ id }) => id));
  const earlier = chatFiles(chat).filter(({ id }) => !own.has(id));
  const present = await Promise.all(earlier.map((file) => isPresent(run, file)));
  run.material.inherited = earlier.filter((_, index) => present[index]);
}

async function isPresent({ context, call }: Run, { type, id }: FileReference): Promise<boolean> {
  if (id === undefined || (type !== "file" && type !== "collection")) return true;
  try {
    await (type === "file" ? context.client.getFile(id, call) : context.client.getKnowledge(id, call));
    return true;
  } catch (thrown) {
    if (!["not_found", "forbidden"].includes(asOffstageError(thrown).code)) throw thrown;
    return false;
  }
}
