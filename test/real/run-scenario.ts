import { CROWD_FLOWS } from "./crowd-scenarios.ts";
import { SCENARIOS } from "./scenarios.ts";
import { expectNoLeak, type RealStage } from "./stage.ts";

/** No scenario takes longer, whatever the server does; a larger crowd gets as much more. */
export const SCENARIO_TIMEOUT_MS = 90_000 * Math.max(1, CROWD_FLOWS / 24);

/** Runs a scenario by its name; rejects with what did not hold, a leak to the provider included, or when its time is over. */
export async function runScenario(stage: RealStage, name: string): Promise<void> {
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`There is no scenario '${name}'.`);
  stage.provider.reset();
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`It did not end within ${SCENARIO_TIMEOUT_MS} ms.`)),
    SCENARIO_TIMEOUT_MS,
  );
  try {
    await Promise.race([scenario(stage), overdue]);
    expectNoLeak(stage.provider);
  } finally {
    clearTimeout(timer);
  }
}
