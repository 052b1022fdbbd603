import type { FileReference } from "../../contract/chat.ts";
import { isJsonObject } from "../../contract/json-shape.ts";
import { OffstageError } from "../../errors.ts";
import type { AnswerRun, Run } from "../run.ts";
import { pause } from "./pause.ts";

/**
 * Before step 1: waits until the files that are asked about have been read by the server.
 *
 * Effect: none.
 * Safe to repeat because: it only reads.
 * Known done when: every one is processed.
 * If the process dies here: nothing was written.
 */
export async function awaitFiles(run: Run, answer: AnswerRun): Promise<void> {
  const statuses = await Promise.all(run.plan.files.map((file) => readStatus(run, file)));
  run.filesReady = statuses.every((status) => status === "processed");
  if (!run.filesReady) await pause(run, answer);
}

async function readStatus(run: Run, file: FileReference): Promise<"processed" | "processing"> {
  const { id, type, status } = file;
  if (status === "processed" || id === undefined) return "processed";
  const { client } = run.context;
  const record =
    type === "collection" ? await client.getKnowledge(id, run.call) : await client.getFile(id, run.call);
  const data = isJsonObject(record.data) ? record.data : {};
  // A server that names no status reads files while they are uploaded.
  const named = record.status ?? data.status ?? "completed";
  if (named === "error" || named === "failed") {
    const sentence = `The ${type ?? "file"} '${id}' could not be processed by the server. Upload it again.`;
    throw new OffstageError("bad_input", sentence, { details: { fileId: id } });
  }
  return named === "processed" || named === "completed" ? "processed" : "processing";
}
