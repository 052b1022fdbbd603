import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmbedder, type TestEmbedder } from "../support/embedder.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, detailOf } from "../support/http.ts";
import { upload, uploadProcessed } from "../support/knowledge.ts";
import { readKnowledgeFolder } from "../support/knowledge-folder.ts";
import { type ServeChild, spawnServe } from "../support/serve-child.ts";
import { signUp } from "../support/server.ts";

/** No file of the server's grows beyond this. */
const MAX_FILE_KIB = 3_072;

let dataDir: string;
let embedder: TestEmbedder;
let serve: ServeChild;
let owner: Caller;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "offstage-full-"));
  embedder = await startEmbedder();
  await start({ maxFileKiB: MAX_FILE_KIB });
  owner = await signUp(serve.url, "owner");
});
afterAll(async () => {
  await serve?.kill();
  await embedder?.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: { maxFileKiB?: number } = {}): Promise<void> {
  const env = {
    OFFSTAGE_EMBEDDER: "openai",
    OFFSTAGE_EMBEDDING_BASE_URL: embedder.url,
    OFFSTAGE_EMBEDDING_MODEL: "test",
    OFFSTAGE_LOG: "silent",
  };
  serve = await spawnServe(dataDir, embedder.url, env, options);
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, line) => `Line ${line} of a text that fills a disk.`).join("\n\n");

test("a full disk refuses an upload as 507, holds up processing and says why, and all goes on once there is room", async () => {
  const refused = await upload(owner, "huge.txt", "x".repeat(MAX_FILE_KIB * 1_024 + 1));
  expect(refused.status).toBe(507);
  expect(detailOf(refused)).toMatch(/The disk is full: the file was not kept/);
  expect(await readdir(join(dataDir, "files/incoming"))).toEqual([]);
  expect((await owner.get("/api/v1/files/")).body).toEqual([]);
  const small = await uploadProcessed(owner, "small.txt", "There is room for this.");
  expect(small.data.status).toBe("completed");

  const { status, body } = await upload(owner, "large.txt", lines(40_000), {
    query: "?process_in_background=true",
  });
  expect(status).toBe(200);
  const held = await eventually(
    "its status says why it is held up",
    async () => {
      const now = (await owner.get(`/api/v1/files/${body.id}/process/status`)).body;
      return now.status !== "processing" || now.error ? now : undefined;
    },
    60_000,
  );
  expect(held).toMatchObject({ status: "processing", error: expect.stringMatching(/disk/i) });
  expect((await owner.get("/health")).status).toBe(200);
  expect((await owner.get(`/api/v1/files/${small.id}/content`)).text).toBe("There is room for this.");

  await serve.kill();
  await start();
  owner = createCaller(serve.url, owner.token);
  const { chunks } = await owner.get(`/api/v1/files/${body.id}/process/status?stream=true`);
  expect(chunks.at(-1)).toEqual({ status: "completed" });
  const folder = await readKnowledgeFolder(dataDir);
  expect(folder.faults).toEqual([]);
  expect(folder.blobs).toEqual(folder.hashes);
  expect(folder.vectors).toBe(folder.chunks);
});
