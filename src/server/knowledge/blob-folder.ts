import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";

/** Bytes that are being kept: on the disk under a passing name, until they are kept for good or dropped. */
export interface IncomingBlob {
  /** SHA-256, hex. */
  hash: string;
  sizeBytes: number;
  /** Keeps them under their hash; the same bytes are kept once. @throws OffstageError `storage_full`; then they are dropped */
  keep(): Promise<void>;
  /** Belongs into the transaction that names the bytes, once they are kept. */
  attach(tx: Queries): Promise<void>;
  drop(): Promise<void>;
}

/** Bytes of files, each under its SHA-256. */
export interface Blobs {
  /** Reads a stream to the disk. @throws OffstageError `too_large`, `storage_full`; whatever the stream throws */
  receive(bytes: Readable, maxBytes: number): Promise<IncomingBlob>;
  /** Where the bytes lie on this machine's disk. */
  locate(hash: string): Promise<string>;
  read(hash: string): Promise<Readable>;
  /** Keeps other servers from naming or deleting these bytes until the transaction ends. */
  hold(tx: Queries, hash: string): Promise<void>;
  /** Belongs into the transaction that finds that nobody names the bytes any more; `delete` follows it. */
  detach(tx: Queries, hash: string): Promise<void>;
  delete(hash: string): Promise<void>;
  /** Runs what keeps or deletes the bytes of a hash, one after another: what looks at them meanwhile is not deceived. */
  exclusively<Result>(hash: string, work: () => Promise<Result>): Promise<Result>;
}

/** Those that lie in a folder. */
export interface BlobFolder extends Blobs {
  /** All that are kept. */
  hashes(): Promise<string[]>;
}

const INCOMING = "incoming";
const HASH = /^[0-9a-f]{64}$/;
/** The disk, the user's share of it, or the largest file that the process may write. */
const NO_ROOM: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Opens a folder of blobs, made if missing, and clears away what a former process had not kept. */
export async function openBlobFolder(folder: string): Promise<BlobFolder> {
  const incoming = join(folder, INCOMING);
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { force: true });
  const pathOf = (hash: string) => join(folder, hash.slice(0, 2), hash);
  /** The last work on each hash that has any; it never rejects. */
  const works = new Map<string, Promise<unknown>>();

  return {
    async receive(bytes, maxBytes) {
      const path = join(incoming, randomUUID());
      const drop = () => rm(path, { force: true });
      const digest = createHash("sha256");
      let sizeBytes = 0;
      try {
        await pipeline(
          bytes,
          async function* (source) {
            for await (const part of source as AsyncIterable<Buffer>) {
              sizeBytes += part.length;
              if (sizeBytes > maxBytes) throw fileTooLarge(maxBytes);
              digest.update(part);
              yield part;
            }
          },
          createWriteStream(path, { mode: 0o600, flush: true }),
        );
      } catch (thrown) {
        await drop();
        throw asStorageError(thrown);
      }
      const hash = digest.digest("hex");
      return {
        hash,
        sizeBytes,
        async keep() {
          const part = dirname(pathOf(hash));
          try {
            const made = await mkdir(part, { recursive: true, mode: 0o700 });
            await rename(path, pathOf(hash));
            await syncFolder(part);
            if (made !== undefined) await syncFolder(folder);
          } catch (thrown) {
            await drop();
            throw asStorageError(thrown);
          }
        },
        attach: async () => {},
        drop,
      };
    },
    locate: async (hash) => pathOf(hash),
    hold: async () => {},
    detach: async () => {},
    async hashes() {
      const names = await readdir(folder, { recursive: true });
      return names.map((name) => basename(name)).filter((name) => HASH.test(name));
    },
    read: async (hash) => createReadStream(pathOf(hash)),
    delete: (hash) => rm(pathOf(hash), { force: true }),
    async exclusively(hash, work) {
      const running = (works.get(hash) ?? Promise.resolve()).then(work);
      const settled = running.catch(() => undefined);
      works.set(hash, settled);
      try {
        return await running;
      } finally {
        if (works.get(hash) === settled) works.delete(hash);
      }
    },
  };
}

/** A rename is on the disk once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function asStorageError(thrown: unknown): unknown {
  if (!NO_ROOM.has((thrown as NodeJS.ErrnoException | null)?.code)) return thrown;
  return new OffstageError(
    "storage_full",
    "The disk is full: the file was not kept. Make room, then send it again.",
    { cause: thrown },
  );
}

/** What a file of more than `maxBytes` is refused with. */
export function fileTooLarge(maxBytes: number): OffstageError {
  const limit = `${Math.floor(maxBytes / (1024 * 1024))} MiB`;
  return new OffstageError("too_large", `The file is larger than ${limit}, the most that is taken.`);
}
