import { type Command, Option } from "commander";
import { OffstageError } from "../errors.ts";
import { readInputFile } from "./input-file.ts";
import type { Terminal } from "./terminal.ts";

/** Passwords come from a file or from stdin, never from the command line, which others on the machine can read. */
export function addPasswordOption(command: Command): Command {
  return command.addOption(
    new Option("--password-file <file>", "file with the password; - reads it from stdin"),
  );
}

/**
 * The password that a user named, without the line feed at its end.
 * @throws OffstageError `bad_input` where there is none
 */
export async function readPassword(
  { passwordFile }: { passwordFile?: string },
  terminal: Terminal,
): Promise<string> {
  if (passwordFile === undefined) {
    throw new OffstageError(
      "bad_input",
      "There is no password: give --password-file FILE, or - to read it from stdin.",
    );
  }
  const text = passwordFile === "-" ? await terminal.readInput() : await readInputFile(passwordFile);
  const password = text.replace(/\r?\n$/, "");
  if (password !== "") return password;
  throw new OffstageError("bad_input", `The password in ${passwordFile} is empty.`);
}
