import { randomBytes } from "node:crypto";
import { type Command, Option } from "commander";
import { refusalOf } from "../client/api-errors.ts";
import { parseJson } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";
import { addConnectionOptions, type Connection, type ConnectionOptions, withServer } from "./connection.ts";
import { addPasswordOption, readPassword } from "./password.ts";
import type { Terminal } from "./terminal.ts";

interface UserAddOptions extends ConnectionOptions {
  name?: string;
  role: "user" | "admin";
  passwordFile?: string;
}

/** `offstage user add EMAIL`: an account, with a password from a file or a random one that is printed once. */
export function addUserAddCommand(user: Command, terminal: Terminal): void {
  const command = addConnectionOptions(user.command("add <email>").description("add a person"))
    .option("--name <name>", "how the web UI calls them; default: the part before the @")
    .addOption(new Option("--role <role>", "what they may do").choices(["user", "admin"]).default("user"));
  addPasswordOption(command).action((email: string, options: UserAddOptions) =>
    withServer(options, terminal, async (connection) => {
      const given = options.passwordFile !== undefined;
      const password = given ? await readPassword(options, terminal) : randomBytes(12).toString("base64url");
      const name = options.name ?? email.split("@")[0]!;
      const id = await addUser(
        connection,
        { name, email, password, role: options.role },
        terminal.interrupted,
      );
      const shown = { id, email, name, role: options.role, ...(given ? {} : { password }) };
      if (options.json) terminal.printJson(shown);
      else for (const [key, value] of Object.entries(shown)) terminal.print(`${key}\t${value}`);
    }),
  );
}

const PATH = "/api/v1/auths/add";

async function addUser(
  { target }: Connection,
  account: { name: string; email: string; password: string; role: string },
  signal: AbortSignal,
): Promise<string> {
  const answer = await fetch(`${target.baseUrl.replace(/\/+$/, "")}${PATH}`, {
    method: "POST",
    headers: { authorization: `Bearer ${target.apiKey ?? target.token}`, "content-type": "application/json" },
    body: JSON.stringify(account),
    signal,
  }).catch((cause) => {
    throw new OffstageError("unreachable", `${target.baseUrl} cannot be reached: ${cause.message}.`, {
      cause,
    });
  });
  const body = parseJson(await answer.text());
  if (!answer.ok) throw refusalOf(`POST ${PATH}`, { status: answer.status, headers: answer.headers, body });
  return String((body as { id?: unknown })?.id ?? "");
}
