import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmbedder, type TestEmbedder } from "../support/embedder.ts";
import { type ServerDatabase, startEngines } from "../support/engines.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, type Json } from "../support/http.ts";
import { upload } from "../support/knowledge.ts";
import { readKnowledgeFolder } from "../support/knowledge-folder.ts";
import { type ServeChild, spawnServe } from "../support/serve-child.ts";
import { signUp } from "../support/server.ts";

const PARAGRAPHS = 250;
const BACKGROUND = { query: "?process_in_background=true" };
/** The most texts that were sent to the embedder, and whose vectors a kill can lose. */
const BATCH = 32;

const { engines, stop } = await startEngines();
afterAll(stop);

let dataDir: string;
let database: ServerDatabase;
let embedder: TestEmbedder;
let serve: ServeChild;
let owner: Caller;
/** Names of the files that were acknowledged, by id. */
const acknowledged = new Map<string, string>();
let count = 0;

async function start(): Promise<void> {
  serve = await spawnServe(dataDir, embedder.url, {
    OFFSTAGE_EMBEDDER: "openai",
    OFFSTAGE_EMBEDDING_BASE_URL: embedder.url,
    OFFSTAGE_EMBEDDING_MODEL: "test",
    OFFSTAGE_LOG: "silent",
    ...database.env,
  });
  owner = createCaller(serve.url, owner?.token ?? "");
}

/** A text of some hundred chunks that no other file has. */
function longText(): string {
  count += 1;
  const words = "where ferries cross the sound and what they carry from one shore to another";
  return Array.from(
    { length: PARAGRAPHS },
    (_, line) => `# Part ${line} of file ${count}\n\n${`${words} ${count}-${line}. `.repeat(8)}`,
  ).join("\n\n");
}

async function acknowledge(name: string, text: string): Promise<string> {
  const { status, body } = await upload(owner, name, text, BACKGROUND);
  expect(status).toBe(200);
  acknowledged.set(body.id, name);
  return body.id;
}

/** Every acknowledged file is there with its bytes and becomes processed; nothing else is on the disk. */
async function expectWhole(): Promise<void> {
  const listed: Json[] = (await owner.get("/api/v1/files/")).body;
  // One that was kept when the server died may not have been acknowledged yet.
  for (const { id, filename, meta } of listed) {
    const { chunks } = await owner.get(`/api/v1/files/${id}/process/status?stream=true`);
    expect([filename, chunks.at(-1)]).toEqual([filename, { status: "completed" }]);
    const bytes = await owner.get(`/api/v1/files/${id}/content`);
    expect(bytes.text).toHaveLength(meta.size);
  }
  const names = new Map(listed.map(({ id, filename }) => [id, filename]));
  for (const [id, name] of acknowledged) expect(names.get(id)).toBe(name);
  const folder = await readKnowledgeFolder(dataDir, database.url);
  expect(folder.faults).toEqual([]);
  expect(folder.incoming).toEqual([]);
  expect(folder.blobs).toEqual(folder.hashes);
  expect(folder.vectors).toBe(folder.chunks);
}

/** Kills the server, and starts it again; what was embedded and kept is not embedded again. */
async function crash(): Promise<void> {
  await serve.kill();
  const left = await readKnowledgeFolder(dataDir, database.url);
  embedder.inputs.length = 0;
  embedder.delayMs = 0;
  await start();
  await expectWhole();
  const whole = await readKnowledgeFolder(dataDir, database.url);
  expect(embedder.inputs.length).toBe(whole.vectors - left.vectors);
}

const embedded = (inputs: number) => () =>
  eventually(`${inputs} texts were sent`, () => embedder.inputs.length >= inputs);

describe.each(engines)("on $name", (engine) => {
  describe.skipIf(!engine.isHere)("", () => {
    beforeAll(async () => {
      acknowledged.clear();
      database = await engine.createDatabase();
      dataDir = await mkdtemp(join(tmpdir(), "offstage-ingestion-"));
      embedder = await startEmbedder();
      await start();
      owner = await signUp(serve.url, "owner");
    });
    afterAll(async () => {
      await serve?.kill();
      await embedder?.close();
      await rm(dataDir, { recursive: true, force: true });
      await database?.drop();
    });

    describe("a server that is killed", () => {
      test.each<{ when: string; reach: () => Promise<unknown> }>([
        ...[0, 10, 40, 120, 300].map((ms) => ({
          when: `${ms} ms after an upload`,
          reach: () => pause(ms),
        })),
        ...[1, BATCH + 1, 3 * BATCH, 5 * BATCH].map((inputs) => ({
          when: `once ${inputs} texts went to the embedder`,
          reach: embedded(inputs),
        })),
      ])("$when loses no file, and does nothing finished again", async ({ reach }) => {
        embedder.inputs.length = 0;
        embedder.delayMs = 40;
        await acknowledge("long.md", longText());
        await acknowledge("short.txt", `A short text, ${count}.`);
        await reach();
        await crash();
      });

      test.each([0, 10])("%i ms into an upload keeps nothing of it", async (ms) => {
        const half = openUpload("half.txt", 4_000_000);
        half.write("x".repeat(1_000_000));
        await pause(ms);
        const before = (await owner.get("/api/v1/files/")).body.length;
        await crash();
        expect((await owner.get("/api/v1/files/")).body).toHaveLength(before);
      });

      test.each([0, 2, 8])("%i ms into many uploads has what it acknowledged", async (ms) => {
        const text = longText();
        const sent = Array.from({ length: 8 }, (_, index) =>
          upload(owner, `many-${index}.txt`, `${index} ${text}`, BACKGROUND).then(
            ({ status, body }) => void (status === 200 && acknowledged.set(body.id, body.filename)),
            () => undefined,
          ),
        );
        await Promise.race(sent);
        await pause(ms);
        await serve.kill();
        await Promise.all(sent);
        await start();
        await expectWhole();
      });

      test.each([0, 1, 4])("%i ms into the deletion of files leaves each there or gone", async (ms) => {
        const text = longText();
        const ids = await Promise.all(
          Array.from({ length: 4 }, (_, index) => acknowledge(`gone-${index}.txt`, `${index} ${text}`)),
        );
        const deletions = ids.map((id) =>
          owner.delete(`/api/v1/files/${id}`).then(
            ({ status }) => status === 200,
            () => false,
          ),
        );
        await pause(ms);
        await serve.kill();
        const isDeleted = await Promise.all(deletions);
        await start();
        for (const [index, id] of ids.entries()) {
          const { status } = await owner.get(`/api/v1/files/${id}`);
          if (isDeleted[index]) expect(status).toBe(404);
          if (status === 404) acknowledged.delete(id);
        }
        await expectWhole();
      });
    });
  });
});

/** A form whose file never ends by itself. */
function openUpload(name: string, bytes: number) {
  const sending = request(`${serve.url}/api/v1/files/`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${owner.token}`,
      "content-type": "multipart/form-data; boundary=b",
      "content-length": bytes,
    },
  });
  sending.on("error", () => undefined);
  sending.write(`--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
  return sending;
}
