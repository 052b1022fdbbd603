import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { asOffstageError, OffstageError } from "../errors.ts";
import type { RemoteFile } from "../index.ts";
import type { ConnectionOptions } from "./connection.ts";
import { addKnowledgeAction, type KnowledgeWork, readNamed } from "./knowledge-command.ts";
import type { Terminal } from "./terminal.ts";

interface DeleteOptions extends ConnectionOptions {
  files?: boolean;
  yes?: boolean;
}

/** `offstage knowledge delete NAME`: for good, after a question; with `--files` what is in it too. */
export function addKnowledgeDeleteCommand(knowledge: Command, terminal: Terminal): void {
  const command = knowledge
    .command("delete <name>")
    .description("delete a collection, by name or id, for good")
    .option("--files", "delete its files too, wherever else they are used")
    .option("--yes", "do not ask");
  addKnowledgeAction<DeleteOptions, [string]>(command, terminal, async (parts, wanted) => {
    const { client, options, call } = parts;
    const { id, name } = await readNamed(parts, wanted);
    const files = options.files ? await client.listKnowledgeFiles(id, call) : [];
    const withFiles = files.length === 0 ? "" : ` and its ${files.length} files`;
    if (!options.yes) await confirm(`Delete "${name}" (${id})${withFiles} for good?`, terminal);
    await client.deleteKnowledge(id, call);
    const kept = await deleteFiles(parts, files, terminal);
    if (options.json) {
      const deleted = files.flatMap((file) => (kept.has(file.id) ? [] : [file.id]));
      terminal.printJson({ deleted: id, files: deleted, kept: [...kept] });
    } else terminal.print(`deleted ${id}`);
  });
}

/** Deletes what may be deleted; answers the ids of the rest, of which people are told. */
async function deleteFiles(
  { client, call }: KnowledgeWork<unknown>,
  files: readonly RemoteFile[],
  terminal: Terminal,
): Promise<Set<string>> {
  const kept = new Set<string>();
  for (const { id, name } of files) {
    try {
      await client.deleteFile(id, call);
    } catch (thrown) {
      const error = asOffstageError(thrown);
      if (error.code === "cancelled") throw error;
      kept.add(id);
      terminal.note(`${name} (${id}) stays: ${error.message}`);
    }
  }
  return kept;
}

/** @throws OffstageError `cancelled` unless a person says yes, `bad_input` where there is none to ask */
async function confirm(question: string, terminal: Terminal): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new OffstageError("bad_input", `${question} Nobody is there to ask: say --yes if that is meant.`);
  }
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const said = await reader.question(`${question} [y/N] `, { signal: terminal.interrupted });
    if (/^y(es)?$/i.test(said.trim())) return;
  } catch (cause) {
    throw new OffstageError("cancelled", "Nothing was deleted.", { cause });
  } finally {
    reader.close();
  }
  throw new OffstageError("cancelled", "Nothing was deleted.");
}
