import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DEMO_MODEL, findCachedModel, locateModelFile } from "./model-file.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "offstage-model-"));
});

afterEach(() => rm(dataDir, { recursive: true }));

/** A file of the model's name, without its content. */
async function putFile(bytes: number): Promise<string> {
  const path = join(dataDir, "models", DEMO_MODEL.fileName);
  await mkdir(join(dataDir, "models"));
  await writeFile(path, "");
  await truncate(path, bytes);
  return path;
}

it("takes the file that it is given", async () => {
  const path = await putFile(3);
  expect(await locateModelFile({ dataDir: "/nowhere", modelPath: path })).toBe(path);
});

it("says what to do where the file that it is given is missing", async () => {
  const failing = locateModelFile({ dataDir, modelPath: "/nowhere/model.gguf" });
  await expect(failing).rejects.toMatchObject({
    code: "model_unavailable",
    message: expect.stringMatching(/\/nowhere\/model\.gguf.*OFFSTAGE_MODEL_PATH/),
  });
});

it("takes the data folder's copy without asking anyone", async () => {
  const path = await putFile(DEMO_MODEL.bytes);
  expect(await locateModelFile({ dataDir })).toBe(path);
});

it("does not take a copy that is not whole", async () => {
  await putFile(DEMO_MODEL.bytes - 1);
  expect(await findCachedModel(dataDir)).toBeNull();
});

it("leaves nothing behind when a download is stopped", async () => {
  const failing = locateModelFile({ dataDir, signal: AbortSignal.abort() });
  await expect(failing).rejects.toMatchObject({ code: "cancelled" });
  expect(await readdir(join(dataDir, "models"))).toEqual([]);
});
