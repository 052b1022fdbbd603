import type { Command } from "commander";
import { OffstageError } from "../errors.ts";
import { createOpenWebUiClient } from "../index.ts";
import { addConnectionOptions, type Connection, type ConnectionOptions, withServer } from "./connection.ts";
import { addPasswordOption, readPassword } from "./password.ts";
import type { Terminal } from "./terminal.ts";

interface TokenOptions extends ConnectionOptions {
  email?: string;
  passwordFile?: string;
}

/** `offstage token`: a token for `OFFSTAGE_TOKEN` and for curl: the data folder's owner's, or of somebody who signs in. */
export function addTokenCommand(program: Command, terminal: Terminal): void {
  const command = program.command("token").description("print a token for the server's API");
  addPasswordOption(
    addConnectionOptions(command).option(
      "--email <email>",
      "who signs in; without it, the owner of the data folder",
    ),
  ).action((options: TokenOptions) =>
    withServer(options, terminal, async (connection) => {
      const token = await tokenOf(connection, options, terminal);
      if (options.json) terminal.printJson({ token });
      else terminal.print(token);
    }),
  );
}

async function tokenOf(
  { target, path }: Connection,
  options: TokenOptions,
  terminal: Terminal,
): Promise<string> {
  const { email } = options;
  if (email !== undefined) {
    const password = await readPassword(options, terminal);
    const { token } = await createOpenWebUiClient({ baseUrl: target.baseUrl }).signIn(
      { email, password },
      { signal: terminal.interrupted },
    );
    if (token) return token;
    throw new OffstageError("not_open_webui", `${target.baseUrl} signed ${email} in and gave no token.`);
  }
  if (path !== "remote" && target.token) return target.token;
  throw new OffstageError(
    "bad_input",
    `A token of ${target.baseUrl} needs somebody to sign in: give --email and --password-file.`,
  );
}
