import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BlobFolder, openBlobFolder } from "./blob-folder.ts";

const MAX_BYTES = 1_000;

let folder: string;
let blobs: BlobFolder;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "offstage-blobs-")), "files");
  blobs = await openBlobFolder(folder);
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const hashOf = (content: string) => createHash("sha256").update(content).digest("hex");
const receive = (...parts: string[]) =>
  blobs.receive(Readable.from(parts.map((part) => Buffer.from(part))), MAX_BYTES);
const incoming = () => readdir(join(folder, "incoming"));

async function keep(content: string): Promise<string> {
  const blob = await receive(content);
  await blob.keep();
  return blob.hash;
}

describe("bytes that come in", () => {
  test("are hashed and counted, and kept once under their hash", async () => {
    const blob = await receive("The ", "ferry.");
    expect(blob).toMatchObject({ hash: hashOf("The ferry."), sizeBytes: 10 });
    expect(await blobs.hashes()).toEqual([]);
    await blob.keep();
    await keep("The ferry.");
    expect(await blobs.hashes()).toEqual([blob.hash]);
    expect(await text(await blobs.read(blob.hash))).toBe("The ferry.");
    expect(await incoming()).toEqual([]);
  });

  test("leave nothing when they are dropped", async () => {
    const blob = await receive("Not this.");
    await blob.drop();
    expect(await incoming()).toEqual([]);
  });

  test("may be as many as the limit, and not one more", async () => {
    expect((await receive("x".repeat(MAX_BYTES))).sizeBytes).toBe(MAX_BYTES);
    await expect(receive("x".repeat(MAX_BYTES), "y")).rejects.toMatchObject({ code: "too_large" });
    expect(await incoming()).toHaveLength(1);
  });

  test.each([
    ["a full disk", "ENOSPC", { code: "storage_full", message: expect.stringMatching(/disk is full/) }],
    ["a quota", "EDQUOT", { code: "storage_full" }],
    ["a limit on a file's size", "EFBIG", { code: "storage_full" }],
    ["anything else", "ECONNRESET", { code: "ECONNRESET" }],
  ])("that end in %s leave nothing, and say so", async (_case, code, expected) => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw Object.assign(new Error(code), { code });
      })(),
    );
    await expect(blobs.receive(broken, MAX_BYTES)).rejects.toMatchObject(expected);
    expect(await incoming()).toEqual([]);
  });

  test("that cannot be kept are dropped", async () => {
    const blob = await receive("No place.");
    await writeFile(join(folder, blob.hash.slice(0, 2)), "in the way");
    await expect(blob.keep()).rejects.toThrow();
    expect(await incoming()).toEqual([]);
  });
});

describe("a folder", () => {
  test("that is opened again has what was kept, and forgets what was coming in", async () => {
    const hash = await keep("Kept.");
    await receive("Half-way.");
    expect(await incoming()).toHaveLength(1);
    const again = await openBlobFolder(folder);
    expect(await again.hashes()).toEqual([hash]);
    expect(await incoming()).toEqual([]);
  });

  test("names nothing that it did not keep itself", async () => {
    await writeFile(join(folder, "notes.txt"), "Somebody else's.");
    expect(await blobs.hashes()).toEqual([]);
  });

  test("deletes what is there, and does not mind what is not", async () => {
    const hash = await keep("Gone.");
    await blobs.delete(hash);
    await blobs.delete(hash);
    expect(await blobs.hashes()).toEqual([]);
  });
});

describe("what is done with a hash exclusively", () => {
  test("is done one after another, whatever fails; other hashes do not wait", async () => {
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = blobs.exclusively("a", async () => {
      log.push("first begins");
      await gate.promise;
      log.push("first fails");
      throw new Error("no");
    });
    const second = blobs.exclusively("a", async () => {
      log.push("second");
      return 2;
    });
    await blobs.exclusively("b", async () => void log.push("other"));
    gate.resolve();
    await expect(first).rejects.toThrow("no");
    expect(await second).toBe(2);
    expect(log).toEqual(["first begins", "other", "first fails", "second"]);
  });
});
