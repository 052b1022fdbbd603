import { join } from "node:path";
import { openSqlite } from "../src/db/sqlite.ts";
import { MINILM_NAME } from "../src/server/knowledge/embedding/minilm-model.ts";
import { openStore } from "../src/server/store/open-store.ts";
import type { Store } from "../src/server/store/store.ts";
import { type ChunkPlan, type MadeChunk, makeContents } from "./knowledge-chunks.ts";

/** A collection that was put into a data folder. */
export interface FilledKnowledge {
  databasePath: string;
  knowledgeId: string;
  contentIds: string[];
}

const CREATED_AT_SEC = 1_750_000_000;

/**
 * Puts a collection of made chunks into the data folder of a server that does not run, as the first user's, as if each
 * content had been uploaded as a file and embedded by the local model.
 */
export async function fillKnowledge(dataDir: string, plan: ChunkPlan): Promise<FilledKnowledge> {
  const databasePath = join(dataDir, "offstage.sqlite");
  const knowledgeId = "made-knowledge";
  const contentIds: string[] = [];
  const store = openStore(await openSqlite({ path: databasePath }));
  try {
    const [owner] = await store.users.listUsers(store.read);
    if (owner === undefined) throw new Error(`${databasePath} has no user yet`);
    const times = { created_at_sec: CREATED_AT_SEC, updated_at_sec: CREATED_AT_SEC };
    const described = { name: "Made", description: "", access_json: "[]", meta_json: "{}" };
    await store.write((tx) =>
      store.knowledge.insertKnowledge(tx, { id: knowledgeId, user_id: owner.id, ...described, ...times }),
    );
    for (const chunks of makeContents(plan)) {
      const contentId = `made-${contentIds.length}.txt`;
      contentIds.push(contentId);
      await insertContent(store, contentId, chunks);
      await store.write(async (tx) => {
        const file = { id: contentId, content_id: contentId, name: contentId, content_type: "text/plain" };
        await store.files.insertFile(tx, { ...file, user_id: owner.id, meta_json: "{}", ...times });
        await store.knowledge.addFile(tx, { knowledgeId, fileId: contentId, addedAtSec: CREATED_AT_SEC });
      });
    }
  } finally {
    await store.close();
  }
  return { databasePath, knowledgeId, contentIds };
}

function insertContent(store: Store, contentId: string, chunks: readonly MadeChunk[]): Promise<void> {
  return store.write(async (tx) => {
    await store.contents.insertContent(tx, {
      id: contentId,
      hash: contentId,
      name: contentId,
      content_type: "text/plain",
      size_bytes: 1,
      status: "processed",
      error: null,
      page_count: null,
      chunk_count: chunks.length,
      embedder: MINILM_NAME,
      created_at_sec: CREATED_AT_SEC,
      processed_at_sec: CREATED_AT_SEC,
      text: null,
    });
    let startOffset = 0;
    await store.chunks.insertChunks(
      tx,
      contentId,
      chunks.map(({ text }, position) => {
        const placed = { position, text, startOffset, endOffset: startOffset + text.length };
        startOffset += text.length + 1;
        return { ...placed, page: null, headings: [], tokenCount: 200 };
      }),
    );
    const rows = await store.chunks.listUnembedded(tx, {
      contentId,
      embedder: MINILM_NAME,
      limit: chunks.length,
    });
    await store.chunks.insertVectors(
      tx,
      MINILM_NAME,
      rows.map(({ id }, index) => ({ chunkId: id, vector: chunks[index]!.vector })),
    );
  });
}
