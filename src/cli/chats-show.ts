import type { Command } from "commander";
import { createOpenWebUiClient } from "../index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import { formatConversation } from "./conversation.ts";
import type { Terminal } from "./terminal.ts";

/** `offstage chats show ID`: the conversation as people read it, or the server's record. */
export function addChatsShowCommand(chats: Command, terminal: Terminal): void {
  addConnectionOptions(chats.command("show <id>").description("print a conversation")).action(
    (id: string, options: ConnectionOptions) =>
      withServer(options, terminal, async ({ target }) => {
        const record = await createOpenWebUiClient(target).getChat(id, { signal: terminal.interrupted });
        if (options.json) terminal.printJson(record);
        else terminal.print(formatConversation(record));
      }),
  );
}
