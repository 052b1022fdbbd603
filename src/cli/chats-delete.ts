import type { Command } from "commander";
import { createOpenWebUiClient } from "../index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

/** `offstage chats delete ID…`: deletes for good, one after the other; stops at the first that fails. */
export function addChatsDeleteCommand(chats: Command, terminal: Terminal): void {
  addConnectionOptions(chats.command("delete <ids...>").description("delete chats for good")).action(
    (ids: string[], options: ConnectionOptions) =>
      withServer(options, terminal, async ({ target }) => {
        const client = createOpenWebUiClient(target);
        for (const id of ids) {
          await client.deleteChat(id, { signal: terminal.interrupted });
          if (!options.json) terminal.print(`deleted ${id}`);
        }
        if (options.json) terminal.printJson({ deleted: ids });
      }),
  );
}
