import { readdir, readFile } from "node:fs/promises";
import { residentMiB } from "./child-process.ts";

/** A process and what it was started with. */
export interface StartedProcess {
  pid: number;
  command: string;
}

/** The processes that a process started and that still run; none where the system has no /proc. */
export async function childrenOf(parent: number): Promise<StartedProcess[]> {
  if (process.platform !== "linux") return [];
  const children: StartedProcess[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, "utf8");
      // The command's name, in brackets, may hold blanks.
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== parent) continue;
      const command = (await readFile(`/proc/${name}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
      children.push({ pid: Number(name), command });
    } catch {
      // It ended while it was looked at.
    }
  }
  return children;
}

/** The server's process that has the embedding model; null while it has none. */
export async function embedderOf(server: number): Promise<number | null> {
  const children = await childrenOf(server);
  return children.find(({ command }) => command.includes("embedding-process"))?.pid ?? null;
}

/** Memory of a process and of all that it started, in MiB; what they share counts in each. Null without /proc. */
export async function residentOfAllMiB(parent: number): Promise<number | null> {
  let sum = await residentMiB(parent);
  for (const { pid } of await childrenOf(parent)) {
    const resident = await residentMiB(pid).catch(() => null);
    if (sum !== null && resident !== null) sum += resident;
  }
  return sum;
}

/** Memory of a process in MiB, of what it shares with others only its part (PSS); null where the system does not tell. */
export async function proportionalMiB(pid: number): Promise<number | null> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const kib = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return kib === undefined ? null : Number(kib) / 1024;
}

/**
 * Time in which the first thread of a process ran or waited for a processor so far: what it was at work, however busy the
 * machine was. Null where the system does not tell.
 */
export async function atWorkMs(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => null);
  if (text === null) return null;
  const [ran, waited] = text.split(" ").map(Number);
  return (ran! + waited!) / 1e6;
}
