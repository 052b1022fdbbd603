import type { Command } from "commander";
import { findKnowledge } from "../flow/find-knowledge.ts";
import {
  type CallOptions,
  createOpenWebUiClient,
  type OpenWebUiClient,
  type RemoteKnowledge,
} from "../index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

/** What the work of a `knowledge` command gets. Ctrl-C ends every call made with `call`. */
export interface KnowledgeWork<Options> {
  client: OpenWebUiClient;
  options: Options;
  call: CallOptions;
}

/** Makes `command` one that talks to a server; its action is `work`, with the arguments of the command line. */
export function addKnowledgeAction<Options extends ConnectionOptions, Args extends unknown[]>(
  command: Command,
  terminal: Terminal,
  work: (parts: KnowledgeWork<Options>, ...args: Args) => Promise<void>,
): void {
  addConnectionOptions(command).action((...given: unknown[]) => {
    // Commander gives the arguments, then the options, then the command.
    const options = given.at(-2) as Options;
    const args = given.slice(0, -2) as Args;
    return withServer(options, terminal, async ({ target }) => {
      const client = createOpenWebUiClient(target);
      await work({ client, options, call: { signal: terminal.interrupted } }, ...args);
    });
  });
}

/** The collection that a user means by a name or an id. @throws OffstageError `bad_input` */
export async function readNamed(
  { client, call }: Pick<KnowledgeWork<unknown>, "client" | "call">,
  wanted: string,
): Promise<RemoteKnowledge> {
  return findKnowledge(await client.listKnowledge(call), wanted);
}
