import { afterEach, describe, expect, it } from "vitest";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import { closeStages, NEWEST, OLDEST, OURS, openStage } from "../../test/support/flow-stage.ts";
import { describeServer } from "./describe-server.ts";

afterEach(closeStages);

async function described(behaviour = NEWEST) {
  const { offstage } = openStage(behaviour);
  const server = describeServer(await offstage.capabilities());
  return { server, rows: new Map(server.capabilities.map((row) => [row.name, row])) };
}

describe("describeServer", () => {
  it.each(VERSIONS)("tells what $version (offstage: $offstage) can do", async (behaviour) => {
    const { server, rows } = await described(behaviour);
    expect(server).toMatchObject({
      version: behaviour.version,
      offstage: behaviour.offstage ?? null,
      standing: "known",
    });
    const values = server.capabilities.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]));
    expect(Object.fromEntries(values)).toEqual({
      link_parent: behaviour.linkParent,
      link_message: behaviour.linkMessage,
      server_turns: behaviour.serverTurns,
      history_merge: behaviour.historyMerge,
      delete_message: behaviour.historyMerge,
      sync_save: behaviour.serverTurns,
      stop_scope: behaviour.serverTurns ? "chat" : "task",
      knowledge_files_paged: behaviour.linkMessage,
      parallel_safe: behaviour === OURS || !behaviour.serverTurns,
      completed_settles: behaviour === OURS,
    });
    expect(rows.get("text_location")).toMatchObject({ value: null, found: "passive" });
    expect(rows.get("edit_guard")).toMatchObject({ value: null, found: "unused" });
  });

  it.each([
    [OLDEST, "plain", "lacks POST /api/tasks/chat/{id}/stop", "lacks GET /api/v1/users/user/status"],
    [NEWEST, "server-turns", "has POST /api/tasks/chat/{id}/stop", "follows from link_message"],
    [OURS, "offstage", "it is offstage's own server", "it is offstage's own server"],
  ])("tells of $version how that was found on it", async (behaviour, path, turns, parent) => {
    const { server, rows } = await described(behaviour);
    expect(server.path).toBe(path);
    expect(rows.get("server_turns")?.foundBy).toContain(turns);
    expect(rows.get("link_parent")?.foundBy).toContain(parent);
  });

  it.each([
    ["0.13.0", "newer"],
    ["0.0.0", "unknown"],
    ["main", "unknown"],
  ])("says of %s that it is %s, and takes the way that it finds", async (version, standing) => {
    const { server } = await described({ ...NEWEST, version });
    expect(server).toMatchObject({ standing, path: "server-turns" });
  });
});
