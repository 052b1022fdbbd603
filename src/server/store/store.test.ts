import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { startPostgres } from "../../../test/support/postgres.ts";
import { openPostgres } from "../../db/postgres.ts";
import { openSqlite } from "../../db/sqlite.ts";
import { testStore } from "./store-suite.ts";

let folder: string;
let opened = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-store-"));
});

afterAll(() => rm(folder, { recursive: true }));

testStore("SQLite", () => {
  opened += 1;
  return openSqlite({ path: join(folder, `${opened}.db`) });
});

const postgres = await startPostgres();
describe.skipIf(postgres === null)("where there is PostgreSQL", () => {
  afterAll(() => postgres?.stop());

  testStore("PostgreSQL", async () => openPostgres({ url: await postgres!.createDatabase() }));
});
