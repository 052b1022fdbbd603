import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { startPostgres } from "../../test/support/postgres.ts";
import type { Statement } from "./database.ts";
import { openPostgres } from "./postgres.ts";

const postgres = await startPostgres();
const command = <Row>(sql: string): Statement<object, Row> => ({ sql, bindings: [] });

describe.skipIf(postgres === null)("opening a PostgreSQL database", () => {
  let url: string;

  beforeEach(async () => {
    url = await postgres!.createDatabase();
  });

  afterEach(() => postgres!.dropDatabase(url));

  afterAll(() => postgres?.stop());

  test("migrates it once, also when several do so at the same time", async () => {
    const databases = await Promise.all(Array.from({ length: 4 }, () => openPostgres({ url })));
    const rows = await databases[0]!.all(
      command<{ count: number }>("select name, count(*) as count from offstage_migration group by 1"),
      {},
    );
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.every(({ count }) => count === 1)).toBe(true);
    await Promise.all(databases.map((each) => each.close()));
  });

  test("again finds what was written", async () => {
    const before = await openPostgres({ url });
    await before.write((tx) => tx.run(command("insert into setting values ('a', '1')"), {}));
    await before.close();
    const after = await openPostgres({ url });
    expect(await after.all(command("select name from setting"), {})).toEqual([{ name: "a" }]);
    await after.close();
  });

  test("of a newer offstage is refused, and names what is unknown", async () => {
    const database = await openPostgres({ url });
    const newer = command("insert into offstage_migration values ('9999-from-the-future', '2030')");
    await database.write((tx) => tx.run(newer, {}));
    await database.close();
    await expect(openPostgres({ url })).rejects.toMatchObject({
      code: "unavailable",
      retryable: false,
      message: expect.stringMatching(/newer offstage \(9999-from-the-future\)/),
    });
  });

  test.each([
    ["that is not there", { pathname: "/nowhere" }, /no such database.*DATABASE_URL/, false],
    ["on a server that is not there", { port: "1" }, /cannot be reached/, true],
  ])("%s is unavailable", async (_, part, message, retryable) => {
    const elsewhere = Object.assign(new URL(url), part).href;
    await expect(openPostgres({ url: elsewhere })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(message),
      retryable,
    });
  });
});
