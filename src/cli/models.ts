import type { Command } from "commander";
import { createOpenWebUiClient } from "../index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

/** `offstage models`: what can be asked, one a line: id, tab, name. */
export function addModelsCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(program.command("models").description("list the models that can be asked")).action(
    (options: ConnectionOptions) =>
      withServer(options, terminal, async ({ target }) => {
        const models = await createOpenWebUiClient(target).listModels({ signal: terminal.interrupted });
        if (options.json) terminal.printJson(models);
        else for (const { id, name } of models) terminal.print(`${id}\t${name}`);
      }),
  );
}
