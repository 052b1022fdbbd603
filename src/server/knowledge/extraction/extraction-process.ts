import { extname } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { asOffstageError, type ErrorCode } from "../../../errors.ts";
import { chunksOf } from "../chunking/chunk-document.ts";
import { type Chunk, documentText, type ExtractedDocument } from "../document.ts";
import { createMiniLmTokenizer } from "../embedding/minilm-tokenizer.ts";
import type { ExtractionLimits } from "./limits.ts";
import { type DocumentFile, readDocument } from "./read-document.ts";

/** One document to read; the next is asked for once this one's last reply has come. */
export interface ExtractionRequest {
  file: DocumentFile;
  limits: ExtractionLimits;
}

/** A chunk without its text, which its offsets tell. */
export type ChunkPlace = Omit<Chunk, "text">;

/** Text and chunks as they are passed on, and at last how it ended. */
export type ExtractionReply =
  | { text: string }
  | { chunks: ChunkPlace[] }
  | { title: string | null; pageCount: number | null; residentMb: number }
  | { code: ErrorCode; message: string; details: Record<string, unknown> };

/** In one message: what whoever receives it is held up by. */
const MESSAGE_CHARS = 128 * 1024;
const MESSAGE_CHUNKS = 256;

const { count: countTokens } = createMiniLmTokenizer();

const send = promisify((reply: ExtractionReply, done: (error: Error | null) => void) =>
  process.send!(reply, undefined, undefined, done),
);

process.on("message", ({ file, limits }: ExtractionRequest) => {
  watchMemory(limits.maxMemoryMb);
  readDocument(file, limits).then(sendDocument).catch(sendFailure);
});

let watch: Worker | undefined;

function watchMemory(maxMemoryMb: number): void {
  const url = new URL(`./memory-watch${extname(import.meta.url)}`, import.meta.url);
  watch ??= new Worker(url, { workerData: { maxMemoryMb } });
  watch.unref();
}

async function sendDocument(document: ExtractedDocument): Promise<void> {
  const text = documentText(document);
  for (let at = 0; at < text.length; at += MESSAGE_CHARS)
    await send({ text: text.slice(at, at + MESSAGE_CHARS) });
  let part: ChunkPlace[] = [];
  for (const { text: _, ...place } of chunksOf(document, { countTokens })) {
    part.push(place);
    if (part.length < MESSAGE_CHUNKS) continue;
    await send({ chunks: part });
    part = [];
  }
  await send({ chunks: part });
  const { title, pageCount } = document;
  await send({ title, pageCount, residentMb: process.memoryUsage.rss() / 1024 ** 2 });
}

async function sendFailure(thrown: unknown): Promise<void> {
  const { code, message, details } = asOffstageError(thrown);
  await send({ code, message, details });
}
