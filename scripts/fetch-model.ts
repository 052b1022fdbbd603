import { resolve } from "node:path";
import { asOffstageError } from "../src/errors.ts";
import { MINILM_MODEL } from "../src/server/knowledge/embedding/minilm-model.ts";
import {
  DEMO_MODEL,
  locateModelFile,
  type ModelFile,
  type ModelProgress,
} from "../src/server/providers/model-file.ts";

/** Puts a model into the data folder and prints where it is. */
async function fetchModel(model: ModelFile): Promise<void> {
  const dataDir = resolve(process.env.OFFSTAGE_DATA_DIR || "offstage-data");
  let phase: ModelProgress["phase"] | undefined;
  const onProgress = (progress: ModelProgress) => {
    if (progress.phase !== phase) process.stderr.write(`${model.what}: ${progress.phase} …\n`);
    phase = progress.phase;
  };
  const path = await locateModelFile({ dataDir, onProgress }, model);
  process.stdout.write(`${path}\n`);
}

try {
  for (const model of [DEMO_MODEL, MINILM_MODEL]) await fetchModel(model);
} catch (thrown) {
  const error = asOffstageError(thrown);
  process.stderr.write(`${error.message}\n`);
  // The client of Hugging Face goes on trying in the background.
  process.exit(error.exitCode);
}
