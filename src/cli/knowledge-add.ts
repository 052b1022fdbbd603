import { basename } from "node:path";
import type { Command } from "commander";
import { assertReadable, findAlike } from "../client/open-webui-client.ts";
import { asOffstageError, type ErrorCode, OffstageError } from "../errors.ts";
import type { RemoteFile } from "../index.ts";
import type { ConnectionOptions } from "./connection.ts";
import { addKnowledgeAction, type KnowledgeWork, readNamed } from "./knowledge-command.ts";
import { createFileProgress, type FileProgress } from "./knowledge-progress.ts";
import type { Terminal } from "./terminal.ts";

const HELP = `
Each file is uploaded, waited for until the server has processed it, and added. One that fails is told, and the others
go on; the command then ends with the exit code of the first failure. What is in the collection already is passed over.
Nothing is sent unless every file can be read.`;

/** After these no other file will do better. */
const ENDS_ALL: readonly ErrorCode[] = [
  "cancelled",
  "unauthorized",
  "unreachable",
  "tls_failed",
  "not_open_webui",
];

/** What became of each file. */
interface Outcome {
  added: { id: string; path: string }[];
  /** Those of which the collection has the very same already. */
  present: { id: string; path: string }[];
  failed: { path: string; code: ErrorCode; message: string }[];
}

/** `offstage knowledge add NAME FILE…`: brings files into a collection, one after the other. */
export function addKnowledgeAddCommand(knowledge: Command, terminal: Terminal): void {
  const command = knowledge
    .command("add <name> <files...>")
    .description("add files to a collection, by name or id, and wait until they are processed")
    .addHelpText("after", HELP);
  addKnowledgeAction<ConnectionOptions, [string, string[]]>(
    command,
    terminal,
    async (parts, wanted, paths) => {
      for (const path of paths) await assertReadable(path);
      const { id, name } = await readNamed(parts, wanted);
      const outcome = await addEach(parts, id, paths, terminal);
      if (parts.options.json) terminal.printJson({ id, name, ...outcome });
      const { added, failed } = outcome;
      if (failed.length > 0) terminal.note(`${added.length} of ${paths.length} files were added.`);
    },
  );
}

async function addEach(
  parts: KnowledgeWork<ConnectionOptions>,
  knowledgeId: string,
  paths: readonly string[],
  terminal: Terminal,
): Promise<Outcome> {
  const outcome: Outcome = { added: [], present: [], failed: [] };
  const before = await parts.client.listKnowledgeFiles(knowledgeId, parts.call);
  const progress = createFileProgress(terminal, paths.length);
  for (const path of paths) {
    try {
      const same = (await findAlike(before, path)).find(({ isSame }) => isSame === true);
      const { id } = same?.file ?? (await addFile(parts, knowledgeId, path, progress));
      progress.end();
      outcome[same === undefined ? "added" : "present"].push({ id, path });
      if (same !== undefined) terminal.note(`${basename(path)}: is in it already`);
      else if (!parts.options.json) terminal.print(`${id}\t${path}`);
    } catch (thrown) {
      progress.end();
      const { code, message, exitCode } = asOffstageError(thrown);
      outcome.failed.push({ path, code, message });
      const firstExitCode = process.exitCode ?? exitCode;
      terminal.fail(new OffstageError(code, `${path} was not added: ${message}`, { cause: thrown }));
      process.exitCode = firstExitCode;
      if (ENDS_ALL.includes(code)) break;
    }
  }
  return outcome;
}

async function addFile(
  { client, call }: KnowledgeWork<unknown>,
  knowledgeId: string,
  path: string,
  progress: FileProgress,
): Promise<RemoteFile> {
  const name = basename(path);
  progress.stage(name, "uploading");
  const file = await client.uploadFile({ path }, call);
  try {
    if (file.status === "failed") throw unprocessed(file.error);
    for await (const state of client.watchFile(file.id, call)) {
      progress.stage(name, "processing", state);
      if (state.status === "failed") throw unprocessed(state.error);
    }
    progress.stage(name, "adding");
    await client.addFileToKnowledge(knowledgeId, file.id, call);
  } catch (thrown) {
    // Where it stays, it is in no collection and harms nobody.
    await client.deleteFile(file.id).catch(() => {});
    throw thrown;
  }
  progress.stage(name, "added");
  return file;
}

function unprocessed(reason: string | null): OffstageError {
  return new OffstageError("bad_input", reason ?? "The server could not process it, and did not say why.");
}
