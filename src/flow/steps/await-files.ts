import { assertReadable } from "../../client/open-webui-client.ts";
import type { FileReference } from "../../contract/chat.ts";
import { OffstageError } from "../../errors.ts";
import type { AnswerRun, Run } from "../run.ts";
import { turnFiles } from "../turn-material.ts";
import { nameKnowledge } from "./name-knowledge.ts";
import { pause } from "./pause.ts";
import { uploadFiles } from "./upload-files.ts";

/**
 * Before step 1: what is asked about is named, brought to the server, and waited for until the server has read it.
 *
 * Effect: that of `uploadFiles`.
 * Safe to repeat because: what is there is not uploaded again; the rest only reads.
 * Known done when: every file and collection is processed.
 * If the process dies here: see `uploadFiles`.
 */
export async function awaitFiles(run: Run, answer: AnswerRun): Promise<void> {
  for (const { path, file } of run.material.uploads) if (file === null) await assertReadable(path);
  await nameKnowledge(run);
  await uploadFiles(run);
  if (run.stopWanted) return;
  const uploaded = new Map(run.material.uploads.map(({ file }) => [file?.id, file]));
  const isReady = await Promise.all(
    turnFiles(run).map((reference) => {
      const file = uploaded.get(reference.id);
      return file == null ? isProcessed(run, reference) : isFileProcessed(run, file);
    }),
  );
  run.material.ready = isReady.every(Boolean);
  if (!run.material.ready) await pause(run, answer);
}

async function isProcessed(run: Run, { id, type, name, status }: FileReference): Promise<boolean> {
  if (status === "processed" || id === undefined) return true;
  if (type !== "collection")
    return isFileProcessed(run, { id, name: name ?? id, status: "pending", error: null });
  const knowledge = await run.context.client.getKnowledge(id, run.call);
  if (knowledge.status === "error") throw unprocessed("collection", knowledge.name, id, null);
  return knowledge.status === "processed";
}

/** The file as it was known last; it is looked up unless it has ended by then. */
async function isFileProcessed(
  run: Run,
  known: { id: string; name: string; status: string; error: string | null },
): Promise<boolean> {
  const { id, name } = known;
  const hasEnded = known.status === "completed" || known.status === "failed";
  const { status, error } = hasEnded ? known : await run.context.client.fileStatus(id, run.call);
  if (status === "failed") throw unprocessed("file", name, id, error);
  return status === "completed";
}

function unprocessed(what: string, name: string, id: string, reason: string | null): OffstageError {
  const why = reason === null ? "and did not say why" : `which says: ${reason}`;
  const sentence = `The ${what} "${name}" (${id}) could not be processed by the server, ${why}.`;
  return new OffstageError("bad_input", sentence, { details: { fileId: id } });
}
