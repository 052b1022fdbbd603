import { resolve } from "node:path";
import { asOffstageError } from "../src/errors.ts";
import { locateModelFile, type ModelProgress } from "../src/server/providers/model-file.ts";

/** Puts the demo model into the data folder and prints where it is. */
async function fetchModel(): Promise<void> {
  const dataDir = resolve(process.env.OFFSTAGE_DATA_DIR || "offstage-data");
  let phase: ModelProgress["phase"] | undefined;
  const path = await locateModelFile({
    dataDir,
    onProgress(progress) {
      if (progress.phase !== phase) process.stderr.write(`${progress.phase} …\n`);
      phase = progress.phase;
    },
  });
  process.stdout.write(`${path}\n`);
}

try {
  await fetchModel();
} catch (thrown) {
  const error = asOffstageError(thrown);
  process.stderr.write(`${error.message}\n`);
  // The client of Hugging Face goes on trying in the background.
  process.exit(error.exitCode);
}
