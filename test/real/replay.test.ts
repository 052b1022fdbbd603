import { AsyncLocalStorage } from "node:async_hooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openReplayStage } from "./replay-stage.ts";
import { runScenario } from "./run-scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { readTapes, recordedVersions } from "./tape-file.ts";
import { UNRECORDED_SCENARIOS } from "./unrecorded-scenarios.ts";

/** The network of each test: many run at once. */
const network = new AsyncLocalStorage<typeof fetch>();

beforeAll(() => vi.stubGlobal("fetch", (...call: Parameters<typeof fetch>) => network.getStore()?.(...call)));
afterAll(() => vi.unstubAllGlobals());

describe.each(recordedVersions())("on what Open WebUI %s answered", (version) => {
  const tapes = readTapes(version);
  const advice = `If the flow was meant to change, record anew: npm run test:real -- --record ${version}`;

  const names = Object.keys(tapes).filter((name) => !(name in UNRECORDED_SCENARIOS));
  it.concurrent.each(names)("%s", async (name) => {
    const tape = tapes[name]!;
    const stage = openReplayStage(tape);
    try {
      const run = network.run(stage.player.fetch, () => runScenario(stage, name));
      await Promise.race([run, stage.player.difference]).catch((thrown: Error) => {
        throw new Error(`${thrown.message}\n${advice}`, { cause: thrown });
      });
      expect(stage.player.missing(), `Not asked for any more. ${advice}`).toEqual([]);
      expect(stage.takeNotes(), advice).toBe(tape.notes);
    } finally {
      await stage.close();
    }
  });
});

it("names only scenarios that there are as unrecorded", () => {
  expect(Object.keys(UNRECORDED_SCENARIOS).filter((name) => SCENARIOS[name] === undefined)).toEqual([]);
});
