import { describe, expect, test } from "vitest";
import type { GroupTable, ModelTable } from "../../db/model-tables.ts";
import type { Store } from "./store.ts";
import { idsOf, user } from "./suite-rows.ts";

const model: ModelTable = {
  id: "pirate",
  user_id: "u1",
  base_model_id: "base",
  name: "Pirate",
  is_active: 1,
  created_at_sec: 1,
  updated_at_sec: 1,
  access_json: "[]",
  params_json: '{"temperature":0.3}',
  meta_json: '{"b":1,"a":2}',
};

const group: GroupTable = {
  id: "g1",
  user_id: "u1",
  name: "Crew",
  description: "",
  created_at_sec: 1,
  updated_at_sec: 1,
  permissions_json: "null",
  data_json: "{}",
};

/** What is promised of models and groups. `store` gives the test's store. */
export function testModels(store: () => Store): void {
  describe("models", () => {
    const insert = (...given: Partial<ModelTable>[]) =>
      store().write(async (tx) => {
        for (const fields of given) await store().models.insertModel(tx, { ...model, ...fields });
      });

    test("come back as they were written, replaced in all columns, and go", async () => {
      await insert({});
      expect(await store().models.findModel(store().read, "pirate")).toEqual(model);
      const replaced = { ...model, base_model_id: null, name: "P", is_active: 0, access_json: "[1]" };
      await store().write((tx) => store().models.replaceModel(tx, replaced));
      expect(await store().models.findModel(store().read, "pirate")).toEqual(replaced);
      expect(await store().write((tx) => store().models.deleteModel(tx, "pirate"))).toBe(true);
      expect(await store().write((tx) => store().models.deleteModel(tx, "pirate"))).toBe(false);
      const late = store().write((tx) => store().models.replaceModel(tx, model));
      await expect(late).rejects.toMatchObject({ code: "not_found" });
    });

    test("have one id each: a second one is refused and changes nothing", async () => {
      await insert({});
      await expect(insert({ name: "Other" })).rejects.toMatchObject({ code: "conflict" });
      expect(await store().models.listModels(store().read)).toEqual([model]);
    });

    test("are listed by name, and deleted all, or those of one user; settings stay then", async () => {
      await insert({}, { id: "a", name: "Zed", user_id: "u2" }, { id: "base", base_model_id: null });
      expect(idsOf(await store().models.listModels(store().read))).toEqual(["base", "pirate", "a"]);
      await store().write((tx) => store().models.deleteModels(tx, { workspaceOf: "u1" }));
      expect(idsOf(await store().models.listModels(store().read))).toEqual(["base", "a"]);
      expect(await store().write((tx) => store().models.deleteModels(tx, "all"))).toBe(2);
    });
  });

  describe("groups", () => {
    const members = (filter?: { userId: string }) => store().groups.listMembers(store().read, filter);

    test("come back as they were written, replaced in all columns, listed by name", async () => {
      await store().write(async (tx) => {
        await store().groups.insertGroup(tx, group);
        await store().groups.insertGroup(tx, { ...group, id: "g2", name: "Admiralty" });
      });
      const replaced = { ...group, name: "Team", permissions_json: "{}", updated_at_sec: 2 };
      await store().write((tx) => store().groups.replaceGroup(tx, replaced));
      expect(await store().groups.findGroup(store().read, "g1")).toEqual(replaced);
      expect(idsOf(await store().groups.listGroups(store().read))).toEqual(["g2", "g1"]);
      const unknown = store().write((tx) => store().groups.replaceGroup(tx, { ...group, id: "g9" }));
      await expect(unknown).rejects.toMatchObject({ code: "not_found" });
    });

    test("have members, each once, who go with the user and with the group", async () => {
      await store().write(async (tx) => {
        await store().users.insertUser(tx, { ...user, id: "u2", email: "bob@example.org" });
        for (const id of ["g1", "g2"]) await store().groups.insertGroup(tx, { ...group, id });
        for (const [group_id, user_id] of [
          ["g1", "u1"],
          ["g1", "u1"],
          ["g1", "u2"],
          ["g2", "u2"],
        ] as const)
          await store().groups.addMember(tx, { group_id, user_id });
      });
      expect(await members({ userId: "u2" })).toEqual([
        { group_id: "g1", user_id: "u2" },
        { group_id: "g2", user_id: "u2" },
      ]);
      expect(await members()).toHaveLength(3);
      await store().write((tx) => store().groups.removeMember(tx, { group_id: "g2", user_id: "u2" }));
      await store().write((tx) => store().users.deleteUser(tx, "u2"));
      expect(await members()).toEqual([{ group_id: "g1", user_id: "u1" }]);
      expect(await store().write((tx) => store().groups.deleteGroup(tx, "g1"))).toBe(true);
      expect(await store().write((tx) => store().groups.deleteGroup(tx, "g1"))).toBe(false);
      expect(await members()).toEqual([]);
    });
  });
}
