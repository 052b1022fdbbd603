import { afterEach, describe, expect, it } from "vitest";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import { closeStages, NEWEST, openStage } from "../../test/support/flow-stage.ts";
import { describeServer } from "./describe-server.ts";

afterEach(closeStages);

describe("describeServer", () => {
  it.each(VERSIONS)("tells what $version (offstage: $offstage) can do", async (behaviour) => {
    const { offstage } = openStage(behaviour);
    const profile = await offstage.capabilities();
    const server = describeServer(profile);
    expect(server).toMatchObject({
      version: behaviour.version,
      offstage: behaviour.offstage ?? null,
      standing: "known",
      path: profile.path,
    });
    expect(Object.fromEntries(server.capabilities.map(({ name, value }) => [name, value]))).toEqual({
      link_parent: behaviour.linkParent,
      link_message: behaviour.linkMessage,
      server_turns: behaviour.serverTurns,
      history_merge: behaviour.historyMerge,
      parallel_safe: profile.parallelSafe,
    });
  });

  it.each([
    ["0.6.14", "older"],
    ["0.6.9", "older"],
    ["0.6.15", "known"],
    ["0.10.2", "known"],
    ["0.12.5", "newer"],
    ["1.0.0", "newer"],
    ["0.0.0", "older"],
    ["main", "unknown"],
  ])("says that %s is %s", async (version, standing) => {
    const { offstage } = openStage({ ...NEWEST, version });
    expect(describeServer(await offstage.capabilities()).standing).toBe(standing);
  });
});
