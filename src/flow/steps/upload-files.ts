import { findAlike, type RemoteFile } from "../../client/open-webui-client.ts";
import { asOffstageError, OffstageError } from "../../errors.ts";
import type { Run } from "../run.ts";
import type { Upload } from "../turn-material.ts";

const MAX_ATTEMPTS = 5;
/** The clocks of two machines and the whole seconds of a record may differ by this much. */
const CLOCK_SLACK_MS = 5_000;

/**
 * Before step 1: local files come to the server.
 *
 * Effect: `POST files/` makes a file whose id the server chooses, one for each path.
 * Safe to repeat because: it is not; after a lost reply a file of that name, size and hash is looked for first.
 * Known done when: the server has a record of each.
 * If the process dies here: files may be left that nobody asks about; given the same ids, a run finds them by their hash.
 */
export async function uploadFiles(run: Run): Promise<void> {
  for (const upload of run.material.uploads) if (!run.stopWanted) upload.file ??= await bring(run, upload);
}

async function bring(run: Run, upload: Upload): Promise<RemoteFile | null> {
  const { client, clock } = run.context;
  if (upload.attempts > 0 || run.plan.resumed) {
    const found = await findUpload(run, upload);
    if (found !== null) return found;
  }
  if (upload.attempts === 0) upload.firstAtServerMs = client.serverNowMs() ?? clock.nowMs();
  upload.attempts++;
  try {
    const signal = AbortSignal.any([run.closed, run.stopping.signal]);
    return await client.uploadFile({ path: upload.path }, { ...run.call, signal });
  } catch (thrown) {
    if (run.stopWanted) return null;
    const { code, message, retryable } = asOffstageError(thrown);
    if (!retryable || upload.attempts < MAX_ATTEMPTS) throw thrown;
    const sentence = `"${upload.path}" could not be uploaded in ${MAX_ATTEMPTS} attempts: ${message}`;
    throw new OffstageError(code, sentence, { cause: thrown, retryable: false });
  }
}

/**
 * What a lost reply may have told of: a file with the path's name, size and bytes. Where the server tells no hash of the
 * bytes, one that came since our first attempt; by the hash also what a process before us sent.
 */
async function findUpload(run: Run, { path, attempts, firstAtServerMs }: Upload): Promise<RemoteFile | null> {
  const sinceMs = firstAtServerMs - CLOCK_SLACK_MS;
  const alike = await findAlike(await run.context.client.listFiles(run.call), path);
  const found = alike.findLast(({ file, isSame }) => {
    const isLate = attempts > 0 && Number(file.created_at ?? 0) * 1000 >= sinceMs;
    const isOurs = isSame === true ? isLate || run.plan.resumed : isSame === null && isLate;
    return isOurs && file.status !== "failed";
  });
  return found?.file ?? null;
}
