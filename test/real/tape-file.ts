import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Tape } from "./tape.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/real");
const ENDING = ".json.gz";

/** The versions that have a recording, the oldest first. */
export function recordedVersions(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(ENDING));
  const versions = files.map((file) => file.slice(0, -ENDING.length));
  return versions.sort((left, right) => left.localeCompare(right, "en", { numeric: true }));
}

/** The tapes of a version by the names of their scenarios. */
export function readTapes(version: string): Record<string, Tape> {
  return JSON.parse(gunzipSync(readFileSync(fileOf(version))).toString());
}

/** Writes a version's tapes, one entry a line, and answers the file's path. */
export function writeTapes(version: string, tapes: Readonly<Record<string, Tape>>): string {
  const scenarios = Object.entries(tapes).map(([name, { notes, entries }]) => {
    const lines = entries.map((entry) => JSON.stringify(entry)).join(",\n");
    return `${JSON.stringify(name)}: {"notes": ${JSON.stringify(notes)}, "entries": [\n${lines}\n]}`;
  });
  const file = fileOf(version);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, gzipSync(`{\n${scenarios.join(",\n")}\n}\n`, { level: 9 }));
  return file;
}

function fileOf(version: string): string {
  return join(FOLDER, version + ENDING);
}
