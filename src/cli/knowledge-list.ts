import type { Command } from "commander";
import type { ConnectionOptions } from "./connection.ts";
import { formatTime } from "./conversation.ts";
import { addKnowledgeAction } from "./knowledge-command.ts";
import type { Terminal } from "./terminal.ts";

/** `offstage knowledge list`: every collection: id, how many files, time of the last change, name, with tabs between. */
export function addKnowledgeListCommand(knowledge: Command, terminal: Terminal): void {
  const command = knowledge.command("list").description("list the collections that you may read");
  addKnowledgeAction<ConnectionOptions, []>(command, terminal, async ({ client, options, call }) => {
    const all = await client.listKnowledge(call);
    if (options.json) terminal.printJson(all);
    else
      for (const { id, name, fileCount, updated_at } of all)
        terminal.print(`${id}\t${fileCount ?? "?"}\t${formatTime(Number(updated_at ?? 0))}\t${name}`);
  });
}
