import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { GroupMemberTable, GroupTable } from "../../db/model-tables.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { groupColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";

export type GroupMember = GroupMemberTable;

/** Groups, and who is in them. */
export interface GroupStore {
  insertGroup(tx: Queries, group: GroupTable): Promise<void>;
  findGroup(tx: Queries, id: string): Promise<GroupTable | undefined>;
  /** By name. */
  listGroups(tx: Queries): Promise<GroupTable[]>;
  /** Writes all columns of a group that was read in the same transaction. */
  replaceGroup(tx: Queries, group: GroupTable): Promise<void>;
  deleteGroup(tx: Queries, id: string): Promise<boolean>;
  /** Adding twice is adding once. */
  addMember(tx: Queries, member: GroupMember): Promise<void>;
  removeMember(tx: Queries, member: GroupMember): Promise<void>;
  /** Who is in which group; of one user where `userId` is given. */
  listMembers(tx: Queries, filter?: { userId: string }): Promise<GroupMember[]>;
}

/** The groups on an engine. */
export function createGroupStore(engine: Database["engine"]): GroupStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<GroupTable>) =>
    kysely.insertInto("user_group").values(placeRow(groupColumns, param)),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("user_group").selectAll().where("id", "=", param("id")),
  );
  const list = createStatement(engine, (kysely) =>
    kysely.selectFrom("user_group").selectAll().orderBy("name").orderBy("id"),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<GroupTable>) => {
    const { id, ...rest } = placeRow(groupColumns, param);
    return kysely.updateTable("user_group").set(rest).where("id", "=", id);
  });
  const deleteById = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("user_group").where("id", "=", param("id")),
  );
  const members = memberStatements(engine);

  return {
    async insertGroup(tx, group) {
      await tx.run(insert, group);
    },
    findGroup: (tx, id) => tx.first(find, { id }),
    listGroups: (tx) => tx.all(list, {}),
    async replaceGroup(tx, group) {
      if ((await tx.run(replace, group)) === 1) return;
      throw new OffstageError("not_found", `There is no group ${group.id} to replace.`);
    },
    async deleteGroup(tx, id) {
      return (await tx.run(deleteById, { id })) > 0;
    },
    async addMember(tx, member) {
      await tx.run(members.insert, member);
    },
    async removeMember(tx, member) {
      await tx.run(members.delete, member);
    },
    listMembers: (tx, filter) =>
      filter ? tx.all(members.ofUser, { user_id: filter.userId }) : tx.all(members.list, {}),
  };
}

function memberStatements(engine: Database["engine"]) {
  return {
    insert: createStatement(engine, (kysely, param: Placeholder<GroupMember>) =>
      kysely
        .insertInto("user_group_member")
        .values({ group_id: param("group_id"), user_id: param("user_id") })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    delete: createStatement(engine, (kysely, param: Placeholder<GroupMember>) =>
      kysely
        .deleteFrom("user_group_member")
        .where("group_id", "=", param("group_id"))
        .where("user_id", "=", param("user_id")),
    ),
    list: createStatement(engine, (kysely) =>
      kysely.selectFrom("user_group_member").selectAll().orderBy("group_id").orderBy("user_id"),
    ),
    ofUser: createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
      kysely
        .selectFrom("user_group_member")
        .selectAll()
        .where("user_id", "=", param("user_id"))
        .orderBy("group_id"),
    ),
  };
}
