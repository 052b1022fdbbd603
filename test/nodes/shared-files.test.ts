import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectOk } from "../support/chat.ts";
import { startEmbedder, type TestEmbedder } from "../support/embedder.ts";
import { eventually } from "../support/eventually.ts";
import { upload } from "../support/knowledge.ts";
import { startPostgres } from "../support/postgres.ts";
import { openTwoNodes, type TwoNodes } from "../support/two-nodes.ts";

const BACKGROUND = { query: "?process_in_background=true" };

const postgres = await startPostgres();
let nodes: TwoNodes;
let embedder: TestEmbedder;

beforeAll(async () => {
  if (!postgres) return;
  embedder = await startEmbedder();
  nodes = await openTwoNodes(postgres, () => ({
    OFFSTAGE_EMBEDDER: "openai",
    OFFSTAGE_EMBEDDING_BASE_URL: embedder.url,
    OFFSTAGE_EMBEDDING_MODEL: "test",
    OFFSTAGE_LOG: "silent",
  }));
});
afterAll(async () => {
  await nodes?.close();
  await embedder?.close();
  await postgres?.stop();
});

const longText = (about: string) =>
  Array.from(
    { length: 120 },
    (_, part) => `# Part ${part} of ${about}\n\n${"Ferries cross the sound. ".repeat(12)}`,
  ).join("\n\n");

const statusAt = async (node: 0 | 1, id: string) =>
  (await nodes.owner[node].get(`/api/v1/files/${id}/process/status`)).body.status;

describe.skipIf(postgres === null)("files of two servers on one database", () => {
  test("are read, byte for byte, at the one that was not sent them, and gone where they were deleted", async () => {
    const text = `${"x".repeat(700_000)}é🙂`;
    const { id } = expectOk(await upload(nodes.owner[0], "large.txt", text, BACKGROUND));
    expect((await nodes.owner[1].get(`/api/v1/files/${id}/content`)).text).toBe(text);
    expectOk(await nodes.owner[1].delete(`/api/v1/files/${id}`));
    expect((await nodes.owner[0].get(`/api/v1/files/${id}/content`)).status).toBe(404);
    await eventually(
      "its bytes are gone",
      async () => (await nodes.query("select 1 from blob_part")).length === 0,
    );
  });

  test("are processed by one of them, and the other tells how far that is", async () => {
    embedder.inputs.length = 0;
    const { id } = expectOk(await upload(nodes.owner[0], "one.md", longText("one"), BACKGROUND));
    const { chunks } = await nodes.owner[1].get(`/api/v1/files/${id}/process/status?stream=true`);
    expect(chunks.at(-1)).toEqual({ status: "completed" });
    const [{ count } = { count: 0 }] = await nodes.query("select count(*)::int as count from chunk_vector");
    expect(embedder.inputs).toHaveLength(Number(count));
  });

  test("the same bytes sent to both at once are kept once", async () => {
    const text = longText("both");
    const sent = await Promise.all(nodes.owner.map((owner) => upload(owner, "same.md", text, BACKGROUND)));
    for (const [node, { status, body }] of sent.entries()) {
      expect(status).toBe(200);
      expect((await nodes.owner[node === 0 ? 1 : 0].get(`/api/v1/files/${body.id}/content`)).text).toBe(text);
    }
  });

  test("that a server which is killed was processing are taken over by the other", async () => {
    embedder.inputs.length = 0;
    embedder.delayMs = 100;
    const { id } = expectOk(await upload(nodes.owner[0], "left.md", longText("left"), BACKGROUND));
    await eventually("some of it is embedded", () => embedder.inputs.length > 32);
    await nodes.kill(0);
    embedder.delayMs = 0;
    expect(await statusAt(1, id)).not.toBe("completed");
    await nodes.query("update content_claim set lease_until_ms = 1");
    await eventually("the other has done it", async () => (await statusAt(1, id)) === "completed", 30_000);
    expect((await nodes.owner[1].get(`/api/v1/files/${id}/content`)).status).toBe(200);
    await nodes.start(0);
  });
});
