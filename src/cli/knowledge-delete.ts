import type { Command } from "commander";
import { asOffstageError } from "../errors.ts";
import type { RemoteFile } from "../index.ts";
import { confirm } from "./confirm.ts";
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
    if (!options.yes)
      await confirm(`Delete "${name}" (${id})${withFiles} for good?`, "Nothing was deleted.", terminal);
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
