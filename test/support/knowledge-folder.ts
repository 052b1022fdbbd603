import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { expect } from "vitest";

/** What a data folder keeps of files, as it lies on the disk, and what its database does. */
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

type Rows = Record<string, string | number>[];

const FAULTS: Record<string, string> = {
  "a chunk is there twice": "select content_id from chunk group by content_id, position having count(*) > 1",
  "a cut content has not all its chunks":
    "select id from content where chunk_count is not null and chunk_count <> (select count(*) from chunk where content_id = content.id)",
  "a processed content has chunks without vectors":
    "select content_id from chunk join content on content.id = content_id where status = 'processed' and chunk.id not in (select chunk_id from chunk_vector)",
  "a content is nobody's": "select id from content where id not in (select content_id from file)",
};

const FAULTS_OF_SQLITE: Record<string, string> = {
  "a row names what is not there": "pragma foreign_key_check",
  "the database is damaged":
    "select integrity_check as id from pragma_integrity_check where integrity_check <> 'ok'",
  "words and chunks differ":
    "select id from chunk where id not in (select rowid from chunk_words) union select rowid from chunk_words where rowid not in (select id from chunk)",
};

const FAULTS_OF_POSTGRES: Record<string, string> = {
  "a content has no bytes": "select id from content where hash not in (select hash from blob)",
  "bytes are nobody's": "select hash from blob where hash not in (select hash from content)",
  "a blob has not all its bytes":
    "select content.id from content join blob using (hash) where size_bytes <> (select sum(length(bytes)) from blob_part where blob_part.set_id = blob.set_id)",
};

async function withDatabase<Result>(
  dataDir: string,
  databaseUrl: string | undefined,
  look: (all: (sql: string) => Promise<Rows>) => Promise<Result>,
): Promise<Result> {
  if (databaseUrl !== undefined) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return await look(async (sql) => (await client.query(sql)).rows);
    } finally {
      await client.end();
    }
  }
  const database = new DatabaseSync(join(dataDir, "offstage.sqlite"));
  try {
    return await look(async (sql) => database.prepare(sql).all() as Rows);
  } finally {
    database.close();
  }
}

/** Looks into the folder, and the database, of a server that has ended, or rests. */
export async function readKnowledgeFolder(dataDir: string, databaseUrl?: string): Promise<KnowledgeFolder> {
  const names = (await readdir(join(dataDir, "files"), { recursive: true })).map((name) => basename(name));
  return withDatabase(dataDir, databaseUrl, async (all) => {
    const count = async (table: string) => Number((await all(`select count(*) as n from ${table}`))[0]!.n);
    const faults: string[] = [];
    const ofEngine = databaseUrl === undefined ? FAULTS_OF_SQLITE : FAULTS_OF_POSTGRES;
    for (const [fault, sql] of Object.entries({ ...FAULTS, ...ofEngine }))
      for (const row of await all(sql)) faults.push(`${fault}: ${JSON.stringify(row)}`);
    return {
      blobs: names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort(),
      hashes: (await all("select distinct hash from content order by hash")).map(({ hash }) => String(hash)),
      incoming: await readdir(join(dataDir, "files/incoming")),
      chunks: await count("chunk"),
      vectors: await count("chunk_vector"),
      faults,
    };
  });
}

/** Proves that rows and bytes belong together, and that nothing half-kept lies about. */
export async function expectWholeFolder(dataDir: string, databaseUrl?: string): Promise<void> {
  const { faults, incoming, blobs, hashes } = await readKnowledgeFolder(dataDir, databaseUrl);
  expect({ incoming, blobs }).toEqual({ incoming: [], blobs: hashes });
  expect(faults).toEqual([]);
}
