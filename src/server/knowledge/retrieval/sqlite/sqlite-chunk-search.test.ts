import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqlite } from "../../../../db/sqlite.ts";
import { openStore } from "../../../store/open-store.ts";
import type { Store } from "../../../store/store.ts";
import { testChunkSearch } from "../chunk-search-suite.ts";
import { SqliteChunkSearch } from "./sqlite-chunk-search.ts";

describe("the search of chunks on SQLite", () => {
  let folder: string;
  let store: Store;
  let search: SqliteChunkSearch;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "offstage-search-"));
    const path = join(folder, "offstage.sqlite");
    store = openStore(await openSqlite({ path }));
    search = new SqliteChunkSearch({ path });
  });

  afterEach(async () => {
    await search.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  testChunkSearch(() => ({ store, search }));

  test("a file that is no database is told as such", async () => {
    const broken = new SqliteChunkSearch({ path: join(folder, "missing.sqlite") });
    const query = {
      text: "France",
      vector: null,
      embedder: null,
      contentIds: ["geo.txt", "food.txt"],
      limit: 10,
    };
    await expect(broken.search(query)).rejects.toMatchObject({ code: "unavailable" });
    await broken.close();
  });
});
