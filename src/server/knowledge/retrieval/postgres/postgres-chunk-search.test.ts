import { afterAll, afterEach, beforeEach, describe } from "vitest";
import { startPostgres } from "../../../../../test/support/postgres.ts";
import { openPostgres } from "../../../../db/postgres.ts";
import { openStore } from "../../../store/open-store.ts";
import type { Store } from "../../../store/store.ts";
import { testChunkSearch } from "../chunk-search-suite.ts";
import { PostgresChunkSearch } from "./postgres-chunk-search.ts";

const postgres = await startPostgres();

describe.skipIf(postgres === null)("the search of chunks on PostgreSQL", () => {
  let store: Store;
  let search: PostgresChunkSearch;

  beforeEach(async () => {
    const database = await openPostgres({ url: await postgres!.createDatabase() });
    store = openStore(database);
    search = new PostgresChunkSearch(database);
  });

  afterEach(async () => {
    await search.close();
    await store.close();
  });

  afterAll(() => postgres?.stop());

  testChunkSearch(() => ({ store, search }));
});
