import type { Command } from "commander";
import type { ChatListItem } from "../contract/chat.ts";
import { createOpenWebUiClient } from "../index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import { formatTime } from "./conversation.ts";
import type { Terminal } from "./terminal.ts";

/** `offstage chats list`: every chat, newest first: id, time of the last change, title, with tabs between. */
export function addChatsListCommand(chats: Command, terminal: Terminal): void {
  addConnectionOptions(chats.command("list").description("list the chats, newest first")).action(
    (options: ConnectionOptions) =>
      withServer(options, terminal, async ({ target }) => {
        const list: ChatListItem[] = [];
        for await (const chat of createOpenWebUiClient(target).allChats({ signal: terminal.interrupted })) {
          if (options.json) list.push(chat);
          else terminal.print(`${chat.id}\t${formatTime(chat.updated_at)}\t${chat.title}`);
        }
        if (options.json) terminal.printJson(list);
      }),
  );
}
