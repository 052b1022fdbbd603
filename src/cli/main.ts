import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { asOffstageError, ERROR_TABLE } from "../errors.ts";
import { addAskCommand } from "./ask.ts";
import { addBackupCommand } from "./backup.ts";
import { addChatsDeleteCommand } from "./chats-delete.ts";
import { addChatsListCommand } from "./chats-list.ts";
import { addChatsShowCommand } from "./chats-show.ts";
import { addConformanceCommand } from "./conformance.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addKnowledgeAddCommand } from "./knowledge-add.ts";
import { addKnowledgeCreateCommand } from "./knowledge-create.ts";
import { addKnowledgeDeleteCommand } from "./knowledge-delete.ts";
import { addKnowledgeListCommand } from "./knowledge-list.ts";
import { addKnowledgeShowCommand } from "./knowledge-show.ts";
import { addModelsCommand } from "./models.ts";
import { addRestoreCommand } from "./restore.ts";
import { addServeCommand } from "./serve.ts";
import { createTerminal, type Terminal } from "./terminal.ts";
import { addTokenCommand } from "./token.ts";
import { addUserAddCommand } from "./user-add.ts";

const EXIT_CODES = `
Exit codes:
  0 done, 1 internal error, 2 bad input, 3 not allowed, 4 not found or conflict,
  5 unreachable or timed out, 6 the model failed,
  7 a chat is broken (doctor), 130 cancelled`;

/**
 * Runs the command that `args` name, then ends the process with its exit code; never throws, never prints a stack. What
 * a library still holds open then (a download that hangs) does not hold the command.
 */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = createTerminal();
  try {
    await createProgram(terminal).parseAsync(args, { from: "user" });
  } catch (thrown) {
    fail(thrown, args.includes("--json"), terminal);
  }
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write("", resolve));
  }
  process.exit();
}

function fail(thrown: unknown, asJson: boolean, terminal: Terminal): void {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : ERROR_TABLE.bad_input.exitCode;
    return;
  }
  const error = asOffstageError(thrown);
  terminal.fail(error);
  const { code, message } = error;
  if (asJson) terminal.printJson({ status: "failed", error: { code, message } });
}

function createProgram(terminal: Terminal): Command {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const program = new Command("offstage")
    .description(manifest.description)
    .version(manifest.version)
    .addHelpText("after", EXIT_CODES)
    .exitOverride();
  addServeCommand(program, terminal);
  addAskCommand(program, terminal);
  const chats = program.command("chats").description("list, show and delete chats");
  addChatsListCommand(chats, terminal);
  addChatsShowCommand(chats, terminal);
  addChatsDeleteCommand(chats, terminal);
  const knowledge = program
    .command("knowledge")
    .description("make, fill, list, show and delete collections of files");
  addKnowledgeCreateCommand(knowledge, terminal);
  addKnowledgeAddCommand(knowledge, terminal);
  addKnowledgeListCommand(knowledge, terminal);
  addKnowledgeShowCommand(knowledge, terminal);
  addKnowledgeDeleteCommand(knowledge, terminal);
  addModelsCommand(program, terminal);
  addConformanceCommand(program, terminal);
  addDoctorCommand(program, terminal);
  addUserAddCommand(program.command("user").description("manage a server's people"), terminal);
  addTokenCommand(program, terminal);
  addBackupCommand(program, terminal);
  addRestoreCommand(program, terminal);
  return program;
}
