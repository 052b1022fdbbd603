import { setTimeout as sleep } from "node:timers/promises";
import { SqliteConnection } from "../src/db/sqlite-connection.ts";
import { createLocalEmbedder } from "../src/server/knowledge/embedding/local-embedder.ts";
import type { Caller } from "../test/support/http.ts";
import { upload } from "../test/support/knowledge.ts";
import { atWorkMs, embedderOf, residentOfAllMiB } from "./knowledge-processes.ts";
import { makeBook } from "./knowledge-texts.ts";

const PAGES_PER_FILE = 50;
const POLL_MS = 50;
/** Looking for processes costs the driver more than asking the server does. */
const POLLS_PER_SAMPLE = 10;
/** The embedder does 10 chunks a second where it is slow; a page has two or three. */
const TIMEOUT_MS = 15 * 60_000;

/** What became of files that were sent. */
export interface Ingested {
  fileIds: string[];
  /** From the first byte sent to the last file processed. */
  wallMs: number;
  /** How long the embedder was at work in that time; null where it cannot be read. */
  embedderMs: number | null;
  /** The most that the server and all that it started held at once. */
  peakMiB: number | null;
}

/** Sends so many pages, 50 in a file, and waits until all are processed. No two calls may have the same seed. */
export async function ingestPages(
  server: { caller: Caller; pid: number },
  { pages, seed }: { pages: number; seed: number },
): Promise<Ingested> {
  const { caller, pid } = server;
  const embedder = await embedderOf(pid);
  const workedMs = () => (embedder === null ? null : atWorkMs(embedder));
  const workedBeforeMs = await workedMs();
  let peakMiB: number | null = null;
  const fileIds: string[] = [];
  const startedAtMs = performance.now();
  for (let first = 0; first < pages; first += PAGES_PER_FILE) {
    const book = makeBook(seed * 1_000 + first, Math.min(PAGES_PER_FILE, pages - first));
    fileIds.push(await sendFile(caller, `book-${seed}-${first}.md`, book));
  }
  let polls = 0;
  for (const id of fileIds) {
    while (!(await isProcessed(caller, id))) {
      if (performance.now() - startedAtMs > TIMEOUT_MS)
        throw new Error(`file ${id} is not processed after ${TIMEOUT_MS} ms`);
      if (polls++ % POLLS_PER_SAMPLE === 0) {
        const resident = await residentOfAllMiB(pid);
        if (resident !== null) peakMiB = Math.max(peakMiB ?? 0, resident);
      }
      await sleep(POLL_MS);
    }
  }
  const wallMs = performance.now() - startedAtMs;
  const workedAfterMs = await workedMs();
  const embedderMs =
    workedBeforeMs === null || workedAfterMs === null ? null : workedAfterMs - workedBeforeMs;
  return { fileIds, wallMs, embedderMs, peakMiB };
}

async function sendFile(caller: Caller, name: string, text: string): Promise<string> {
  const reply = await upload(caller, name, text, { query: "?process_in_background=true" });
  if (reply.status !== 200) throw new Error(`uploading ${name}: HTTP ${reply.status} ${reply.text}`);
  return reply.body.id;
}

async function isProcessed(caller: Caller, id: string): Promise<boolean> {
  const { status, text, body } = await caller.get(`/api/v1/files/${id}/process/status`);
  if (status === 200 && body.status === "completed") return true;
  if (status === 200 && body.status !== "failed") return false;
  throw new Error(`file ${id} was not processed: HTTP ${status} ${text}`);
}

/** The texts that a server embedded of its files, in order. */
export function embeddedTexts(databasePath: string, fileIds: readonly string[]): string[] {
  const connection = new SqliteConnection(databasePath, { readOnly: true });
  try {
    const rows = connection.allRows(
      `select chunk.headings_json, chunk.text from chunk join file on file.content_id = chunk.content_id
        where file.id in (select value from json_each(?)) order by chunk.id`,
      [JSON.stringify(fileIds)],
    ) as { headings_json: string; text: string }[];
    return rows.map(({ headings_json, text }) =>
      [...(JSON.parse(headings_json) as string[]), text].join("\n"),
    );
  } finally {
    connection.close();
  }
}

/** How long the local embedder alone takes for texts, its model loaded, in one call. */
export async function timeEmbedder(modelPath: string, texts: readonly string[]): Promise<number> {
  const embedder = createLocalEmbedder({ dataDir: import.meta.dirname, modelPath });
  try {
    await embedder.embed(texts.slice(0, 8));
    const startedAtMs = performance.now();
    await embedder.embed(texts);
    return performance.now() - startedAtMs;
  } finally {
    await embedder.close();
  }
}
