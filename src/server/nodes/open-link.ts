import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pRetry from "p-retry";
import type { Logger } from "pino";
import { openPostgresChannel } from "../../db/postgres-channel.ts";
import { createLoneLink, createNodeLink, type NodeLink } from "./node-link.ts";

/** A process that was killed may hold its name a moment longer. */
const CLAIM_AGAIN = { retries: 6, minTimeout: 50, factor: 2 };
const NAME_FILE = "node";

/**
 * Opens the link of a server to the others on its database, and names the server as leases do: by its data folder's name,
 * so that a start on the same folder knows what the last one left behind; by a passing one where another server has that
 * name, because it runs on a copy of the folder.
 * @throws OffstageError `unavailable`
 */
export async function openLink(options: {
  databaseUrl: string | undefined;
  dataDir: string;
  nowMs: () => number;
  log: Logger;
}): Promise<{ link: NodeLink; owner: string }> {
  const { databaseUrl, dataDir, nowMs, log } = options;
  const name = await folderName(dataDir);
  if (databaseUrl === undefined) return { link: createLoneLink(), owner: name };
  const link = createNodeLink({ nowMs, log });
  const channel = await openPostgresChannel({ url: databaseUrl }, link.listener);
  link.connect(channel);
  const claim = async () => {
    if (!(await channel.claim(name))) throw new Error("the name is taken");
    return name;
  };
  const owner = await pRetry(claim, CLAIM_AGAIN).catch(() => {
    log.warn({ dataDir }, "another server runs on a copy of this data folder; this one takes another name");
    return randomUUID();
  });
  return { link, owner };
}

async function folderName(dataDir: string): Promise<string> {
  const path = join(dataDir, NAME_FILE);
  try {
    await writeFile(path, randomUUID(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return (await readFile(path, "utf8")).trim();
}
