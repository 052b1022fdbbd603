import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { startPostgres } from "../../test/support/postgres.ts";
import type { Database, Placeholder, Queries } from "./database.ts";
import { openPostgres } from "./postgres.ts";
import { createStatement } from "./statement.ts";

const postgres = await startPostgres();

type Setting = { name: string; value_json: string };
const insert = createStatement("postgres", (kysely, param: Placeholder<Setting>) =>
  kysely.insertInto("setting").values({ name: param("name"), value_json: param("value_json") }),
);
const change = createStatement("postgres", (kysely, param: Placeholder<Setting>) =>
  kysely
    .updateTable("setting")
    .set({ value_json: param("value_json") })
    .where("name", "=", param("name")),
);
const find = createStatement(
  "postgres",
  (kysely, param: Placeholder<{ name: string }>) =>
    kysely.selectFrom("setting").selectAll().where("name", "=", param("name")),
  { holds: "setting" },
);
const list = createStatement("postgres", (kysely) =>
  kysely.selectFrom("setting").select("name").orderBy("name"),
);
/** SQL of the tests' own, without values. */
const command = <Row>(sql: string) =>
  ({ sql, bindings: [] }) as { sql: string; bindings: []; types?: { params: object; row: Row } };
const endOthers = command(
  `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`,
);

describe.skipIf(postgres === null)("PostgreSQL", () => {
  let url: string;
  let database: Database;
  const opened: Database[] = [];

  const open = async (options: Partial<Parameters<typeof openPostgres>[0]> = {}) => {
    const another = await openPostgres({ url, ...options });
    opened.push(another);
    return another;
  };

  beforeEach(async () => {
    url = await postgres!.createDatabase();
    database = await open();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await postgres!.dropDatabase(url);
  });

  afterAll(() => postgres?.stop());

  const put = (name: string, value_json = "1", on = database) =>
    on.write((tx) => tx.run(insert, { name, value_json }));
  const settingOf = async (name: string) => (await database.first(find, { name }))?.value_json;
  const addOne = async (tx: Queries, name: string) => {
    const row = await tx.first(find, { name });
    return tx.run(change, { name, value_json: String(Number(row?.value_json) + 1) });
  };

  describe("an open database", () => {
    test("reads the newest commit, and beside a write what was there before it", async () => {
      await database.write(async (tx) => {
        await tx.run(insert, { name: "a", value_json: "1" });
        expect(await tx.first(find, { name: "a" })).toBeDefined();
        expect(await database.first(find, { name: "a" })).toBeUndefined();
      });
      expect(await database.all(list, {})).toEqual([{ name: "a" }]);
    });

    test("refuses to change anything outside of write", async () => {
      const outside = database.run(insert, { name: "a", value_json: "1" });
      await expect(outside).rejects.toThrow(/write outside of database\.write/);
    });

    test("gives values as SQLite does", async () => {
      const row = await database.first(
        command(
          `select 9007199254740991::int8 as int8, count(*) as count, true as flag, '\\x00ff'::bytea as bytes,
            1.5::float8 as real, null as nothing from setting`,
        ),
        {},
      );
      expect(row).toEqual({
        int8: Number.MAX_SAFE_INTEGER,
        count: 0,
        flag: 1,
        bytes: Uint8Array.of(0, 255),
        real: 1.5,
        nothing: null,
      });
    });

    test.each([
      ["a NUL character", "a\u0000b", "a\ufffdb"],
      [
        "JSON with escaped NUL and half of a pair",
        JSON.stringify("\u0000\ud800"),
        JSON.stringify("\u0000\ud800"),
      ],
      ["half of a pair outside of JSON", "a\ud800b", "a\ufffdb"],
      ["a character of four bytes", "😀", "😀"],
    ])("keeps %s", async (_, text, kept) => {
      await put(text, text);
      expect(await database.first(find, { name: text })).toEqual({ name: kept, value_json: kept });
    });

    test("orders text by its bytes", async () => {
      for (const name of ["b", "a", "Z", "ä"]) await put(name);
      expect((await database.all(list, {})).map(({ name }) => name)).toEqual(["Z", "a", "b", "ä"]);
    });

    test("finishes what was begun when it is closed, and takes no more", async () => {
      const begun = put("a");
      await Promise.all([database.close(), database.close(), begun]);
      await expect(put("b")).rejects.toMatchObject({ code: "unavailable", retryable: false });
      await expect(database.all(list, {})).rejects.toMatchObject({ code: "unavailable", retryable: false });
      await expect(database.scan(list, {})).rejects.toMatchObject({ code: "unavailable", retryable: false });
    });
  });

  describe("a write", () => {
    test("that throws leaves nothing, and its connection goes on being used", async () => {
      const single = await open({ poolSize: 1 });
      const failing = single.write(async (tx) => {
        await tx.run(insert, { name: "a", value_json: "1" });
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await single.all(list, {})).toEqual([]);
    });

    test("that went on after a failed query is not kept", async () => {
      const failing = database.write(async (tx) => {
        await tx.run(insert, { name: "a", value_json: "1" });
        await tx.run(insert, { name: "a", value_json: "2" }).catch(() => {});
      });
      await expect(failing).rejects.toMatchObject({ code: "conflict", details: { sqlState: "23505" } });
      expect(await database.all(list, {})).toEqual([]);
    });

    test("whose commit goes out with its last queries is kept, or not at all where one of them fails", async () => {
      const writeAll = (...names: string[]) =>
        database.write(async (tx) => {
          const written = names.map((name) => tx.run(insert, { name, value_json: "1" }));
          tx.endHere();
          await Promise.allSettled(written);
        });
      await writeAll("a", "b");
      await expect(writeAll("c", "a", "d")).rejects.toMatchObject({ code: "conflict" });
      await writeAll("e");
      expect((await database.all(list, {})).map(({ name }) => name)).toEqual(["a", "b", "e"]);
    });

    test("that has sent its commit is not run again when its connection is lost", async () => {
      const other = await open();
      let runs = 0;
      const writing = database.write(async (tx) => {
        runs += 1;
        const written = [
          tx.run(insert, { name: "a", value_json: "1" }),
          tx.all(command("select pg_sleep(60)"), {}),
        ];
        tx.endHere();
        await Promise.all([...written, other.all(endOthers, {})]);
      });
      await expect(writing).rejects.toThrow(/may have been kept or not/);
      expect([runs, await other.all(list, {})]).toEqual([1, []]);
    });

    test("takes no query after its end", async () => {
      const kept: Queries[] = [];
      await database.write(async (tx) => void kept.push(tx));
      await expect(kept[0]!.all(list, {})).rejects.toThrow(/after its write had ended/);
    });

    test("decides on what others have committed before it, in two pools and many at once", async () => {
      await put("counter", "0");
      const other = await open();
      const adds = Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? database : other).write((tx) => addOne(tx, "counter")),
      );
      await Promise.all(adds);
      expect(await settingOf("counter")).toBe("40");
    });

    test("that contradicts what came in between is run again, and sees it", async () => {
      let runs = 0;
      const seen = await database.write(async (tx) => {
        runs += 1;
        const known = await tx.first(find, { name: "a" });
        if (known) return known.value_json;
        await put("a", '"theirs"', await open());
        await tx.run(insert, { name: "a", value_json: '"mine"' });
        return "inserted";
      });
      expect([runs, seen]).toEqual([2, '"theirs"']);
    });

    test("that meets a deadlock is run again, and both are kept", async () => {
      for (const name of ["a", "b"]) await put(name, "0");
      const both = Promise.withResolvers<void>();
      let begun = 0;
      const addInOrder = (names: readonly string[]) =>
        database.write(async (tx) => {
          await addOne(tx, names[0]!);
          begun += 1;
          if (begun === 2) both.resolve();
          await both.promise;
          await addOne(tx, names[1]!);
        });
      await Promise.all([addInOrder(["a", "b"]), addInOrder(["b", "a"])]);
      expect([await settingOf("a"), await settingOf("b")]).toEqual(["2", "2"]);
      expect(begun).toBe(3);
    });
  });

  describe("a lost connection", () => {
    test("that was idle is replaced without a word", async () => {
      const other = await open();
      await Promise.all(Array.from({ length: 5 }, () => database.all(list, {})));
      await other.all(endOthers, {});
      await put("a");
      expect(await database.all(list, {})).toEqual([{ name: "a" }]);
    });

    test("in the middle of a read is replaced, and the read is made again", async () => {
      const other = await open();
      const reading = database.all(command("select pg_sleep(0.2), 1 as one"), {});
      await other.all(endOthers, {});
      expect(await reading).toMatchObject([{ one: 1 }]);
    });

    test("in the middle of a write takes all of it back, and says that it may be tried again", async () => {
      const other = await open();
      const writing = database.write(async (tx) => {
        await tx.run(insert, { name: "a", value_json: "1" });
        await other.all(endOthers, {});
        await tx.run(insert, { name: "b", value_json: "1" });
      });
      await expect(writing).rejects.toMatchObject({ code: "unavailable", retryable: true });
      expect(await database.all(list, {})).toEqual([]);
    });

    test.skipIf(process.env.OFFSTAGE_TEST_POSTGRES_URL)(
      "by a restart of the server fails as unavailable, and heals by itself",
      async () => {
        const asleep = Promise.withResolvers<void>();
        const sleeping = database.write(async (tx) => {
          await tx.run(insert, { name: "a", value_json: "1" });
          asleep.resolve();
          await tx.all(command("select pg_sleep(60)"), {});
        });
        const broken = expect(sleeping).rejects.toMatchObject({ code: "unavailable", retryable: true });
        await asleep.promise;
        await postgres!.restart();
        await broken;
        await put("a");
        expect(await database.all(list, {})).toEqual([{ name: "a" }]);
      },
    );
  });

  describe("limits", () => {
    test("a query that takes too long is broken off", async () => {
      const hasty = await open({ statementTimeoutMs: 50, scanTimeoutMs: 50 });
      const slow = command("select pg_sleep(60)");
      await expect(hasty.all(slow, {})).rejects.toMatchObject({ code: "timed_out" });
      await expect(hasty.scan(slow, {})).rejects.toMatchObject({ code: "timed_out" });
      expect(await hasty.scan(list, {})).toEqual([]);
    });

    test("who waits too long for a connection is told to try again", async () => {
      const narrow = await open({ poolSize: 1, connectTimeoutMs: 100 });
      const released = Promise.withResolvers<void>();
      const holding = narrow.write(() => released.promise);
      await expect(narrow.all(list, {})).rejects.toMatchObject({ code: "unavailable", retryable: true });
      released.resolve();
      await holding;
    });

    test("scans do not keep others from connections, and closing cuts them off", async () => {
      const scans = Array.from({ length: 4 }, () => database.scan(command("select pg_sleep(60)"), {}));
      const cut = Promise.all(
        scans.map((scan) => expect(scan).rejects.toMatchObject({ code: "unavailable" })),
      );
      await put("a");
      await database.close();
      await cut;
    });
  });
});
