import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";

/** What a data folder keeps of files, as it lies on the disk. */
export interface KnowledgeFolder {
  /** Hashes of the bytes that are kept, sorted. */
  blobs: string[];
  /** Hashes that rows name, sorted; each once. */
  hashes: string[];
  /** What is under a passing name. */
  incoming: string[];
  chunks: number;
  vectors: number;
  /** Sentences about what is wrong; none in a sound folder. */
  faults: string[];
}

/** Looks into the folder of a server that has ended, or rests. */
export async function readKnowledgeFolder(dataDir: string): Promise<KnowledgeFolder> {
  const names = (await readdir(join(dataDir, "files"), { recursive: true })).map((name) => basename(name));
  const database = new DatabaseSync(join(dataDir, "offstage.sqlite"));
  try {
    const all = (sql: string) => database.prepare(sql).all() as Record<string, string | number>[];
    const count = (table: string) => Number(all(`select count(*) as n from ${table}`)[0]!.n);
    const FAULTS: Record<string, string> = {
      "a chunk is there twice":
        "select content_id from chunk group by content_id, position having count(*) > 1",
      "a cut content has not all its chunks":
        "select id from content where chunk_count is not null and chunk_count <> (select count(*) from chunk where content_id = content.id)",
      "a processed content has chunks without vectors":
        "select content_id from chunk join content on content.id = content_id where status = 'processed' and chunk.id not in (select chunk_id from chunk_vector)",
      "a content is nobody's": "select id from content where id not in (select content_id from file)",
      "a row names what is not there": "pragma foreign_key_check",
      "the database is damaged":
        "select integrity_check as id from pragma_integrity_check where integrity_check <> 'ok'",
      "words and chunks differ":
        "select id from chunk where id not in (select rowid from chunk_words) union select rowid from chunk_words where rowid not in (select id from chunk)",
    };
    return {
      blobs: names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort(),
      hashes: all("select distinct hash from content order by hash").map(({ hash }) => String(hash)),
      incoming: await readdir(join(dataDir, "files/incoming")),
      chunks: count("chunk"),
      vectors: count("chunk_vector"),
      faults: Object.entries(FAULTS).flatMap(([fault, sql]) =>
        all(sql).map((row) => `${fault}: ${JSON.stringify(row)}`),
      ),
    };
  } finally {
    database.close();
  }
}

/** Proves that rows and bytes belong together, and that nothing half-kept lies about. */
export async function expectWholeFolder(dataDir: string): Promise<void> {
  const { faults, incoming, blobs, hashes } = await readKnowledgeFolder(dataDir);
  expect({ incoming, blobs }).toEqual({ incoming: [], blobs: hashes });
  expect(faults).toEqual([]);
}
