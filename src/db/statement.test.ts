import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import type { Placeholder } from "./database.ts";
import { bindValues, createStatement } from "./statement.ts";

const renameStale = (engine: "sqlite" | "postgres") =>
  createStatement(engine, (kysely, param: Placeholder<{ title: string; user: string }>) =>
    kysely
      .updateTable("chat")
      .set({ title: param("title"), posted_title: param("title"), archived: 1 })
      .where("user_id", "=", param("user"))
      .where("pinned", "=", sql.lit(0)),
  );

describe("a statement", () => {
  test.each([
    [
      "sqlite",
      'update "chat" set "title" = ?, "posted_title" = ?, "archived" = ? where "user_id" = ? and "pinned" = 0',
    ],
    [
      "postgres",
      'update "chat" set "title" = $1, "posted_title" = $2, "archived" = $3 where "user_id" = $4 and "pinned" = 0',
    ],
  ] as const)("is spelled for %s", (engine, spelled) => {
    expect(renameStale(engine).sql).toBe(spelled);
  });

  test("binds a repeated name at each of its places, and constants where they stand", () => {
    expect(renameStale("sqlite").bindings).toEqual([
      { param: "title" },
      { param: "title" },
      { value: 1 },
      { param: "user" },
    ]);
    expect(bindValues(renameStale("sqlite"), { title: "T", user: "u" })).toEqual(["T", "T", 1, "u"]);
  });

  test("takes null as a value", () => {
    const statement = createStatement("sqlite", (kysely, param: Placeholder<{ folder: string | null }>) =>
      kysely.updateTable("chat").set({ folder_id: param("folder") }),
    );
    expect(bindValues(statement, { folder: null })).toEqual([null]);
  });

  test("refuses to run without one of its values, and names it", () => {
    const values = { title: "T" } as { title: string; user: string };
    expect(() => bindValues(renameStale("sqlite"), values)).toThrow(/value of user is undefined/);
  });

  test("refuses a constant that cannot be bound when it is built", () => {
    const build = () =>
      createStatement("sqlite", (kysely) => kysely.selectFrom("chat").select(sql<number>`${true}`.as("one")));
    expect(build).toThrow(/constant that cannot be bound: true/);
  });
});
