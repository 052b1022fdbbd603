import type { Command } from "commander";
import { OffstageError } from "../errors.ts";
import type { ConnectionOptions } from "./connection.ts";
import { addKnowledgeAction } from "./knowledge-command.ts";
import type { Terminal } from "./terminal.ts";

interface CreateOptions extends ConnectionOptions {
  description: string;
}

/** `offstage knowledge create NAME`: an empty collection that only its owner may use; prints its id. */
export function addKnowledgeCreateCommand(knowledge: Command, terminal: Terminal): void {
  const command = knowledge
    .command("create <name>")
    .description("make an empty collection that only you may use; prints its id")
    .option("--description <text>", "what is in it", "");
  addKnowledgeAction<CreateOptions, [string]>(command, terminal, async ({ client, options, call }, name) => {
    if (name.trim() === "")
      throw new OffstageError("bad_input", "The name is empty. Give the collection one.");
    const created = await client.createKnowledge({ name, description: options.description }, call);
    if (options.json) terminal.printJson(created);
    else terminal.print(created.id);
  });
}
