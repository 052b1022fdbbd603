import type { Command } from "commander";
import { isArchive, unpacked } from "./archive.ts";
import { confirm } from "./confirm.ts";
import { dataDirOption } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

interface RestoreOptions {
  dataDir: string;
  force?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `offstage restore SOURCE`: what a backup holds, into an empty data folder or, after a question, in place of another. */
export function addRestoreCommand(program: Command, terminal: Terminal): void {
  program
    .command("restore <source>")
    .description("put a backup into a data folder that no server uses; all of it is checked first")
    .addOption(dataDirOption())
    .option("--force", "also into a folder that holds data, which is put aside in it")
    .option("--yes", "do not ask")
    .option("--json", "print JSON")
    .action((source: string, options: RestoreOptions) => restoreFrom(source, options, terminal));
}

async function restoreFrom(source: string, options: RestoreOptions, terminal: Terminal): Promise<void> {
  const { holdsData, restore } = await import("../server/backup/restore.ts");
  const { dataDir, force = false, yes, json } = options;
  if (force && !yes && (await holdsData(dataDir)))
    await confirm(`Put ${source} in place of what is in ${dataDir}?`, "Nothing was restored.", terminal);
  const work = (folder: string) => restore({ source: folder, dataDir, force });
  const { manifest, replaced } = isArchive(source) ? await unpacked(source, work) : await work(source);
  if (json) terminal.printJson({ data_dir: dataDir, replaced, ...manifest });
  else terminal.print(`restored ${source} of ${manifest.created_at} to ${dataDir}: ${manifest.files} files`);
  if (replaced) terminal.note(`What was there before is in ${replaced}.`);
  if (manifest.database === "postgres")
    terminal.note(
      'Its database was PostgreSQL\'s: pg_restore --clean --if-exists --dbname="$DATABASE_URL" offstage.dump',
    );
}
