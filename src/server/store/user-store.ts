import type { Database, Placeholder } from "../../db/database.ts";
import type { RevokedTokenTable, UserTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { userColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import type { UserStore } from "./store.ts";

/** Users, and the tokens that they signed out of. Emails are compared as they are. */
export function createUserStore(engine: Database["engine"]): UserStore {
  const users = userStatements(engine);
  const tokens = revokedTokenStatements(engine);

  return {
    async insertUser(tx, user) {
      await tx.run(users.insert, user);
    },
    async changeUser(tx, id, change) {
      const user = await tx.first(users.find, { id });
      if (!user) throw new OffstageError("not_found", `There is no user ${id} to change.`);
      const named = Object.entries(change).filter(([, value]) => value !== undefined);
      await tx.run(users.replace, { ...user, ...Object.fromEntries(named) });
    },
    async deleteUser(tx, id) {
      await tx.run(users.delete, { id });
    },
    findUser: (tx, id) => tx.first(users.find, { id }),
    findUserByEmail: (tx, email) => tx.first(users.findByEmail, { email }),
    listUsers: (tx) => tx.all(users.list, {}),
    async countUsers(tx) {
      const row = await tx.first(users.count, {});
      return Number(row?.count);
    },

    async revokeToken(tx, id, expiresAtSec) {
      await tx.run(tokens.insert, { id, expires_at_sec: expiresAtSec });
    },
    async isTokenRevoked(tx, id) {
      return (await tx.first(tokens.find, { id })) !== undefined;
    },
    async forgetExpiredRevocations(tx, nowSec) {
      await tx.run(tokens.deleteExpired, { now_sec: nowSec });
    },
  };
}

function userStatements(engine: Database["engine"]) {
  return {
    insert: createStatement(engine, (kysely, param: Placeholder<UserTable>) =>
      kysely.insertInto("user").values(placeRow(userColumns, param)),
    ),
    replace: createStatement(engine, (kysely, param: Placeholder<UserTable>) => {
      const { id, ...rest } = placeRow(userColumns, param);
      return kysely.updateTable("user").set(rest).where("id", "=", id);
    }),
    delete: createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
      kysely.deleteFrom("user").where("id", "=", param("id")),
    ),
    find: createStatement(
      engine,
      (kysely, param: Placeholder<{ id: string }>) =>
        kysely.selectFrom("user").selectAll().where("id", "=", param("id")),
      { holds: "user" },
    ),
    findByEmail: createStatement(
      engine,
      (kysely, param: Placeholder<{ email: string }>) =>
        kysely.selectFrom("user").selectAll().where("email", "=", param("email")),
      { holds: "user" },
    ),
    list: createStatement(engine, (kysely) =>
      kysely.selectFrom("user").selectAll().orderBy("created_at_sec").orderBy("id"),
    ),
    count: createStatement(engine, (kysely) =>
      kysely.selectFrom("user").select((eb) => eb.fn.countAll().as("count")),
    ),
  };
}

function revokedTokenStatements(engine: Database["engine"]) {
  return {
    insert: createStatement(engine, (kysely, param: Placeholder<RevokedTokenTable>) =>
      kysely
        .insertInto("revoked_token")
        .values({ id: param("id"), expires_at_sec: param("expires_at_sec") })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    find: createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
      kysely.selectFrom("revoked_token").select("id").where("id", "=", param("id")),
    ),
    deleteExpired: createStatement(engine, (kysely, param: Placeholder<{ now_sec: number }>) =>
      kysely.deleteFrom("revoked_token").where("expires_at_sec", "<", param("now_sec")),
    ),
  };
}
