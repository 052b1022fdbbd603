import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
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
