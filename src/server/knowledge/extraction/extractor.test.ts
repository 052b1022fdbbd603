import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createExtractor, type Extractor, type ExtractorOptions } from "./extractor.ts";

const MB = 1024 * 1024;

let folder: string;
let extractor: Extractor | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-extractor-"));
  await writeFile(join(folder, "good.txt"), "Good text.");
  await writeFile(join(folder, "empty.txt"), "");
  await writeFile(join(folder, "binary.txt"), Buffer.alloc(100));
  await writeFile(join(folder, "wide.txt"), Buffer.alloc(90 * MB, "a"));
  await writeFile(join(folder, "tree.json"), `[${'{"a":[{"b":{}}]},'.repeat(MB)}1]`);
  await writeFile(join(folder, "long.txt"), "A paragraph of some length.\n\n".repeat(40_000));
});
afterEach(() => extractor?.close());
afterAll(() => rm(folder, { recursive: true }));

function create(options?: ExtractorOptions): Extractor {
  extractor = createExtractor(options);
  return extractor;
}

const file = (name: string) => ({ path: join(folder, name), name, contentType: null });
const goodDocument = {
  title: null,
  pageCount: null,
  text: "Good text.",
  chunks: [
    {
      position: 0,
      text: "Good text.",
      startOffset: 0,
      endOffset: 10,
      page: null,
      headings: [],
      tokenCount: 3,
    },
  ],
};

describe("the extractor", () => {
  test("reads documents one after another, long ones in many messages", async () => {
    const { extract } = create();
    const [good, long] = await Promise.all([extract(file("good.txt")), extract(file("long.txt"))]);
    expect(good).toEqual(goodDocument);
    expect(long.text.split("\n\n")).toHaveLength(40_000);
    const { text, endOffset } = long.chunks.at(-1)!;
    expect(endOffset).toBe(long.text.length);
    expect(long.text.endsWith(text)).toBe(true);
    expect(long.chunks.every((chunk, index) => chunk.position === index)).toBe(true);
  });

  test("goes on after a document that is refused", async () => {
    const { extract } = create();
    await expect(extract(file("binary.txt"))).rejects.toMatchObject({
      code: "bad_input",
      details: { reason: "unknown_type" },
    });
    expect(await extract(file("good.txt"))).toEqual(goodDocument);
  });

  test.each([
    ["array buffers", "wide.txt"],
    ["objects", "tree.json"],
  ])("refuses a document that takes too much memory in %s, and reads the next", async (_, name) => {
    const { extract } = create({ maxMemoryMb: 160 });
    await expect(extract(file(name))).rejects.toMatchObject({
      code: "bad_input",
      message: `${name} takes more than 160 MB of memory to read. Split it or save it in a simpler form.`,
      details: { reason: "too_much_memory" },
    });
    expect(await extract(file("good.txt"))).toEqual(goodDocument);
  });

  test("refuses a document that takes too long", async () => {
    await expect(create({ timeoutMs: 1 }).extract(file("good.txt"))).rejects.toMatchObject({
      code: "bad_input",
      details: { reason: "too_slow" },
    });
  });

  test("refuses empty and large files without opening them", async () => {
    const { extract } = create({ maxFileBytes: 5 });
    await expect(extract(file("empty.txt"))).rejects.toThrow("empty.txt is empty (0 bytes)");
    await expect(extract(file("good.txt"))).rejects.toMatchObject({
      code: "too_large",
      message: "good.txt has 10 bytes; at most 5 are read. Split it.",
    });
  });

  test("cancels a document that is read or waits, and reads the next", async () => {
    const { extract } = create();
    const [first, second] = [new AbortController(), new AbortController()];
    const reading = extract(file("long.txt"), first.signal);
    const waiting = extract(file("good.txt"), second.signal);
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    first.abort();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    expect(await extract(file("good.txt"))).toEqual(goodDocument);
  });

  test("starts again after it was idle", async () => {
    const { extract } = create({ idleMs: 0 });
    expect(await extract(file("good.txt"))).toEqual(goodDocument);
    expect(await extract(file("good.txt"))).toEqual(goodDocument);
  });

  test("rejects everything once closed", async () => {
    const { extract, close } = create();
    const reading = extract(file("long.txt"));
    const waiting = extract(file("good.txt"));
    const ends = Promise.allSettled([reading, waiting]);
    await close();
    expect(await ends).toMatchObject(Array(2).fill({ reason: { code: "unavailable" } }));
    await expect(extract(file("good.txt"))).rejects.toMatchObject({ code: "unavailable" });
  });
});
