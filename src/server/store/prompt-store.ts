import type { Database, Placeholder } from "../../db/database.ts";
import type { PromptTable, PromptVersionTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { promptColumns, promptVersionColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import type { PromptStore } from "./personal-store.ts";

/** Texts that people call up by a command. */
export function createPromptStore(engine: Database["engine"]): PromptStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<PromptTable>) =>
    kysely
      .insertInto("prompt")
      .values(placeRow(promptColumns, param))
      .onConflict((conflict) => conflict.column("command").doNothing()),
  );
  const find = createStatement(
    engine,
    (kysely, param: Placeholder<{ id: string }>) =>
      kysely.selectFrom("prompt").selectAll().where("id", "=", param("id")),
    { holds: "prompt" },
  );
  const findByCommand = createStatement(
    engine,
    (kysely, param: Placeholder<{ command: string }>) =>
      kysely.selectFrom("prompt").selectAll().where("command", "=", param("command")),
    { holds: "prompt" },
  );
  const list = createStatement(engine, (kysely) =>
    kysely.selectFrom("prompt").selectAll().orderBy("command"),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<PromptTable>) => {
    const { id, ...rest } = placeRow(promptColumns, param);
    return kysely.updateTable("prompt").set(rest).where("id", "=", id);
  });
  const remove = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("prompt").where("id", "=", param("id")),
  );
  const versions = versionStatements(engine);

  return {
    async insertPrompt(tx, prompt) {
      if ((await tx.run(insert, prompt)) === 1) return;
      throw new OffstageError("conflict", `Another prompt has the command "/${prompt.command}".`);
    },
    findPrompt: (tx, id) => tx.first(find, { id }),
    findPromptByCommand: (tx, command) => tx.first(findByCommand, { command }),
    listPrompts: (tx) => tx.all(list, {}),
    async replacePrompt(tx, prompt) {
      if ((await tx.run(replace, prompt)) === 1) return;
      throw new OffstageError("not_found", `There is no prompt ${prompt.id} to replace.`);
    },
    async deletePrompt(tx, id) {
      return (await tx.run(remove, { id })) > 0;
    },
    async insertVersion(tx, version) {
      await tx.run(versions.insert, version);
    },
    findVersion: (tx, promptId, id) => tx.first(versions.find, { prompt_id: promptId, id }),
    listVersions: (tx, { promptId, limit, offset }) =>
      tx.all(versions.list, { prompt_id: promptId, limit, offset }),
    async deleteVersion(tx, promptId, id) {
      return (await tx.run(versions.delete, { prompt_id: promptId, id })) > 0;
    },
    deleteOldVersions: (tx, promptId, kept) => tx.run(versions.deleteOld, { prompt_id: promptId, kept }),
  };
}

function versionStatements(engine: Database["engine"]) {
  type Key = Pick<PromptVersionTable, "prompt_id" | "id">;
  type Page = { prompt_id: string; limit: number; offset: number };
  return {
    insert: createStatement(engine, (kysely, param: Placeholder<PromptVersionTable>) =>
      kysely.insertInto("prompt_version").values(placeRow(promptVersionColumns, param)),
    ),
    find: createStatement(engine, (kysely, param: Placeholder<Key>) =>
      kysely
        .selectFrom("prompt_version")
        .selectAll()
        .where("prompt_id", "=", param("prompt_id"))
        .where("id", "=", param("id")),
    ),
    list: createStatement(engine, (kysely, param: Placeholder<Page>) =>
      kysely
        .selectFrom("prompt_version")
        .selectAll()
        .where("prompt_id", "=", param("prompt_id"))
        .orderBy("created_at_sec", "desc")
        .orderBy("id", "desc")
        .limit(param("limit"))
        .offset(param("offset")),
    ),
    delete: createStatement(engine, (kysely, param: Placeholder<Key>) =>
      kysely
        .deleteFrom("prompt_version")
        .where("prompt_id", "=", param("prompt_id"))
        .where("id", "=", param("id")),
    ),
    deleteOld: createStatement(engine, (kysely, param: Placeholder<{ prompt_id: string; kept: number }>) =>
      kysely
        .deleteFrom("prompt_version")
        .where("prompt_id", "=", param("prompt_id"))
        .where("id", "not in", (query) =>
          query
            .selectFrom("prompt_version")
            .select("id")
            .where("prompt_id", "=", param("prompt_id"))
            .orderBy("created_at_sec", "desc")
            .orderBy("id", "desc")
            .limit(param("kept")),
        )
        .where("id", "not in", (query) =>
          query.selectFrom("prompt").select("version_id").where("id", "=", param("prompt_id")),
        ),
    ),
  };
}
