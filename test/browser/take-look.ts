import type { Look } from "./look.ts";
import type { LookStage } from "./look-stage.ts";

const LOOK_TIMEOUT_MS = 90_000;

/** Takes a look within its time and closes its tabs, with pictures if it fails. Resolves with why it does, else null. */
export async function takeLook(stage: LookStage, name: string, look: Look): Promise<Error | null> {
  stage.provider.reset();
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => overdue.reject(new Error("It took too long.")), LOOK_TIMEOUT_MS);
  const problem = await Promise.race([look(stage), overdue.promise]).then(
    () => null,
    (thrown: Error) => thrown,
  );
  clearTimeout(timer);
  await stage.closeTabs(problem === null ? undefined : `failed-${name.replaceAll(/\W+/g, "-")}`);
  return problem;
}
