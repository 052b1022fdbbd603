import { existsSync } from "node:fs";
import type { Command } from "commander";
import { OffstageError } from "../errors.ts";
import { isArchive, packed } from "./archive.ts";
import { dataDirOption } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

interface BackupOptions {
  dataDir: string;
  withSecret?: boolean;
  json?: boolean;
}

/** `offstage backup TARGET`: a copy of a data folder, also while a server uses it. */
export function addBackupCommand(program: Command, terminal: Terminal): void {
  program
    .command("backup <target>")
    .description(
      "copy a data folder, also while a server uses it, into a new folder or one .tar or .tar.gz file",
    )
    .addOption(dataDirOption())
    .option("--with-secret", "take along what signs tokens and seals providers' keys")
    .option("--json", "print JSON")
    .action((target: string, options: BackupOptions) => backup(target, options, terminal));
}

async function backup(target: string, options: BackupOptions, terminal: Terminal): Promise<void> {
  const { backUp } = await import("../server/backup/back-up.ts");
  const { dataDir, withSecret = false, json } = options;
  const database = terminal.env.DATABASE_URL ? "postgres" : "sqlite";
  const copy = (folder: string) => backUp({ dataDir, target: folder, database, withSecret });
  if (isArchive(target) && existsSync(target))
    throw new OffstageError("conflict", `${target} is there already: name another file.`);
  const manifest = isArchive(target) ? await packed(target, copy) : await copy(target);
  if (json) terminal.printJson({ target, ...manifest });
  else terminal.print(`backed up ${dataDir} to ${target}: ${manifest.files} files`);
  terminal.note("It holds everybody's chats and files: keep it where only you can read it.");
  if (manifest.secret) terminal.note("It holds the secret: who has it can sign in as anybody.");
  else
    terminal.note(
      "It holds no secret: after a restore people sign in again, and providers' keys that were entered in the web UI have to be entered again. --with-secret takes it along.",
    );
  if (database === "postgres")
    terminal.note(
      'The database is PostgreSQL\'s to back up: pg_dump --format=custom --file=offstage.dump "$DATABASE_URL"',
    );
}
