import type { Command } from "commander";
import type { ConnectionOptions } from "./connection.ts";
import { addKnowledgeAction, readNamed } from "./knowledge-command.ts";
import type { Terminal } from "./terminal.ts";

/** `offstage knowledge show NAME`: a collection and its files: id, status, bytes, name, with tabs between. */
export function addKnowledgeShowCommand(knowledge: Command, terminal: Terminal): void {
  const command = knowledge
    .command("show <name>")
    .description("show a collection, by name or id, and its files");
  addKnowledgeAction<ConnectionOptions, [string]>(command, terminal, async (parts, wanted) => {
    const { client, options, call } = parts;
    const { id } = await readNamed(parts, wanted);
    const collection = await client.getKnowledge(id, call);
    const files = await client.listKnowledgeFiles(id, call);
    if (options.json) {
      terminal.printJson({ ...collection, fileCount: files.length, files });
      return;
    }
    const { name, description, status } = collection;
    terminal.print(`${name}\n${id} · ${status} · ${files.length} ${files.length === 1 ? "file" : "files"}`);
    if (description !== "") terminal.print(description);
    if (files.length > 0) terminal.print("");
    for (const file of files) {
      const error = file.error === null ? "" : `\t${file.error}`;
      terminal.print(`${file.id}\t${file.status}\t${file.size ?? "?"}\t${file.name}${error}`);
    }
  });
}
