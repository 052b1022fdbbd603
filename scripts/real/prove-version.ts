import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordScenario } from "../../test/real/record-scenario.ts";
import { runScenario } from "../../test/real/run-scenario.ts";
import { SCENARIOS } from "../../test/real/scenarios.ts";
import { openRealStage, type RealStage } from "../../test/real/stage.ts";
import type { Tape } from "../../test/real/tape.ts";
import { writeTapes } from "../../test/real/tape-file.ts";
import { UNRECORDED_SCENARIOS } from "../../test/real/unrecorded-scenarios.ts";
import { installOpenWebUi } from "./install.ts";
import { openWebUiCommand } from "./open-webui-command.ts";
import { type Proof, tellProof } from "./proof.ts";
import { proveChats } from "./prove-chats.ts";
import { proveConformance } from "./prove-conformance.ts";

/** What was proved, and how much of it held. */
export interface Verdict {
  passed: number;
  failed: number;
  /** What had not begun when the time was over. */
  skipped: number;
}

export interface ProveOptions {
  record: boolean;
  /** Scenarios without this text in their names are left out, and so is conformance; "" for all. */
  only: string;
  /** By `performance.now()`: after it no scenario begins. */
  endsAtMs: number;
}

/**
 * Starts one version, runs every scenario, looks at all chats that these left, asks what it does where versions differ,
 * and prints what came of it. With `record`, only the scenarios that are replayed: what those asked and heard that hold
 * becomes the version's recording.
 */
export async function proveVersion(
  version: string,
  { record, only, endsAtMs }: ProveOptions,
): Promise<Verdict> {
  console.error(`Open WebUI ${version}: installing it, unless it is there`);
  const python = await installOpenWebUi(version);
  const folder = await mkdtemp(join(tmpdir(), `offstage-real-${version}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const proofs: Proof[] = [];
  let skipped = 0;
  try {
    const stage = await openRealStage((providerUrl) => openWebUiCommand(python, folder, providerUrl));
    // After the server's own handler, which ends who writes there.
    process.once("exit", remove);
    try {
      const profile = await stage.offstage.capabilities();
      console.log(`\nOpen WebUI ${profile.version}, path '${profile.path}'`);
      /** Which scenario made a chat. */
      const makers = new Map<string, string>();
      const tapes: Record<string, Tape> = {};
      for (const name of Object.keys(SCENARIOS)) {
        if (!name.includes(only) || (record && name in UNRECORDED_SCENARIOS)) continue;
        if (performance.now() > endsAtMs) {
          console.log(`skipped: ${name}, as the time is over`);
          skipped += 1;
          continue;
        }
        proofs.push(await proveScenario(stage, name, record ? tapes : null));
        for await (const { id } of stage.offstage.client.allChats())
          if (!makers.has(id)) makers.set(id, name);
      }
      if (record) {
        console.log(`      recorded ${Object.keys(tapes).length} scenarios in ${writeTapes(version, tapes)}`);
      }
      stage.provider.reset();
      proofs.push(await proveChats(stage, makers));
      if (!record && only === "") proofs.push(...(await proveConformance(stage, profile.version)));
    } finally {
      await stage.close();
    }
  } finally {
    remove();
  }
  const failures = proofs.filter(({ problem }) => problem !== null);
  for (const { name, problem } of failures) console.error(`\n${version}: ${name}\n${problem}`);
  const passed = proofs.length - failures.length;
  console.log(`${version}: ${passed} of ${proofs.length} hold`);
  return { passed, failed: failures.length, skipped };
}

/** Runs one scenario, prints its row, and puts its tape to the others where there are any. */
async function proveScenario(
  stage: RealStage,
  name: string,
  tapes: Record<string, Tape> | null,
): Promise<Proof> {
  const startedAtMs = performance.now();
  let notes = "";
  const run = async () => {
    if (tapes === null) {
      await runScenario(stage, name);
    } else {
      tapes[name] = await recordScenario(stage, name);
      notes = tapes[name].notes;
    }
  };
  const problem = await run().then(
    () => null,
    (thrown: Error) => thrown.stack ?? thrown.message,
  );
  notes ||= stage.takeNotes();
  return tellProof({ name, problem }, performance.now() - startedAtMs, notes);
}
