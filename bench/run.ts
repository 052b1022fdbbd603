/** The benchmark: `npm run bench`. What it measures and what each figure is to reach: `goals.ts`; its options: `options.ts`. */
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { locateModelFile } from "../src/server/providers/model-file.ts";
import type { Target } from "./api.ts";
import { layOutPackage } from "./built-package.ts";
import { residentMiB, startChild } from "./child-process.ts";
import {
  assertModel,
  listModels,
  measureTarget,
  ownEffort,
  realEffort,
  renderSteps,
  type TargetFigures,
} from "./column.ts";
import { keepResult } from "./keep-result.ts";
import { measureLocalModel } from "./local-model.ts";
import { READY_PREFIX } from "./null-server.ts";
import { type BenchOptions, parseOptions, SECTIONS, USAGE } from "./options.ts";
import { measureImport, measureServerStarts } from "./process-start.ts";
import { type Measure, renderTable } from "./report.ts";
import { startServer } from "./running-server.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MODEL = "gpt-4o";
const LONGEST_RUN_MS = 30 * 60_000;

const progress = (what: string) => void process.stderr.write(`${what}\n`);

/** Resolves with whether every flow through our own server ended as it should. */
async function bench(options: BenchOptions): Promise<boolean> {
  const { sections } = options;
  const startedAt = new Date();
  const measures: Measure[] = [];
  const others: TargetFigures[] = [];
  const provider = await startChild(
    ["test/support/provider.ts", "--port", String(options.providerPort)],
    "provider listening on ",
    { cwd: ROOT },
  );
  const effort = ownEffort(options);
  if (!options.fromSources) progress("building the package");
  const root = options.fromSources ? ROOT : await layOutPackage(ROOT);
  const place: Place = { root, providerUrl: provider.url };

  if (sections.has("start")) {
    progress("starts of the server, imports of the package");
    measures.push(...(await measureStarts(options, place)));
  }
  if (sections.has("flows")) {
    const child = await startChild(["bench/null-server.ts"], READY_PREFIX, { cwd: ROOT });
    const nothing = targetOf("null server", child.url, "", child.pid);
    others.push(
      await measureTarget(nothing, provider, { ...effort, sections: new Set(["flows"]) }, progress),
    );
    await child.stop();
  }

  const own = await measureOwn(options, place);
  measures.push(...own.measures);
  const { OPEN_WEBUI_URL: url, OPEN_WEBUI_TOKEN: token } = process.env;
  if (url && token) {
    const real = { ...targetOf("Open WebUI", url.replace(/\/+$/, ""), token, null), keepsTutorial: false };
    await assertModel(real);
    others.push(await measureTarget(real, provider, realEffort(options), progress));
  }
  await provider.stop();

  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const heading = [
    `offstage bench, ${startedAt.toISOString()}, ${seconds} s, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}`,
    `${effort.flows} flows a round after ${effort.warmUpFlows}, median of ${effort.rounds}; polls every 10 ms; titles generated and checked`,
    ...(url && token ? [`Open WebUI: ${options.realFlows} flows, one round, in this same run`] : []),
  ];
  const tables = [renderTable({ name: "offstage", measures }, others)];
  for (const figures of [own, ...others]) if (figures.flows.length > 0) tables.push(renderSteps(figures));
  process.stdout.write(`${heading.join("\n")}\n\n${tables.join("\n\n")}\n`);
  for (const { name, flows } of [own, ...others]) {
    for (const { concurrency, errors } of flows) {
      for (const [message, count] of Object.entries(errors)) {
        process.stdout.write(`${name}, ${concurrency} at once: ${count} × ${message}\n`);
      }
    }
  }
  const file = await keepResult(ROOT, startedAt.toISOString(), {
    startedAt,
    seconds,
    node: process.versions.node,
    cpus: cpus().map(({ model }) => model),
    memoryBytes: totalmem(),
    options: { ...options, sections: [...sections] },
    own: { ...own, measures },
    others,
  });
  progress(`kept in ${file}`);
  return own.flows.every(({ errors }) => Object.keys(errors).length === 0);
}

/** Where the server is run from, and whom it asks. */
interface Place {
  root: string;
  providerUrl: string;
}

async function measureStarts(options: BenchOptions, place: Place): Promise<Measure[]> {
  const runs = options.quick ? 2 : 5;
  const starts = await measureServerStarts(place, runs);
  const measures: Measure[] = [
    { name: "start to /health 200", value: starts.existingFolderMs, unit: "ms" },
    { name: "start to /health 200 on a new folder", value: starts.newFolderMs, unit: "ms" },
  ];
  if (starts.residentMiB !== null) {
    measures.push({ name: "resident at start", value: starts.residentMiB, unit: "MiB" });
  }
  if (options.fromSources) {
    progress("skipped: import 'offstage', which needs the built package (leave out --sources)");
    return measures;
  }
  const cost = await measureImport(place.root, runs * 2);
  measures.push(
    { name: "import 'offstage' over an empty module", value: cost.overEmptyMs, unit: "ms" },
    { name: "import 'offstage': native modules", value: cost.nativeModules.length, unit: "modules" },
  );
  return measures;
}

async function measureOwn(options: BenchOptions, place: Place): Promise<TargetFigures> {
  const needsServer = SECTIONS.some((section) => section !== "start" && options.sections.has(section));
  if (!needsServer) return { name: "offstage", measures: [], flows: [] };
  const dataDir = createTemporaryFolder();
  const server = await startServer({
    ...place,
    dataDir,
    nodeOptions: options.nodeOptions,
    env: { OFFSTAGE_LOG: "warn", OFFSTAGE_LOCAL_MODEL: String(options.sections.has("local")) },
  });
  const target = targetOf("offstage", server.url, await server.signIn(), server.pid);
  await assertModel(target);
  const figures = await measureTarget(target, { url: place.providerUrl }, ownEffort(options), progress);
  // Read before the local model is loaded, whose weights would count too.
  const resident = await residentMiB(server.pid);
  if (resident !== null && options.sections.has("flows")) {
    figures.measures.push({ name: "resident after the bench", value: resident, unit: "MiB" });
  }
  if (options.sections.has("local")) figures.measures.push(...(await measureLocal(target, dataDir)));
  await server.stop();
  return figures;
}

async function measureLocal(target: Target, dataDir: string): Promise<Measure[]> {
  progress("local model: four chats at once, through the server and in node-llama-cpp's own loop");
  const modelPath = process.env.OFFSTAGE_MODEL_PATH ?? (await locateModelFile({ dataDir }));
  const local = (await listModels(target)).find((model) => model.owned_by === "local");
  if (local === undefined) throw new Error("the server lists no local model");
  const figures = await measureLocalModel(
    { ...target, model: local.id },
    { root: ROOT, modelPath, rounds: 3 },
  );
  return [
    {
      name: "local model: 4 chats at once, through the server",
      value: figures.throughServer,
      unit: "tokens/s",
    },
    { name: "local model: 4 chats at once, own loop", value: figures.ownLoop, unit: "tokens/s" },
    { name: "local model: through the server over its own loop", value: figures.percent, unit: "%" },
  ];
}

function targetOf(name: string, baseUrl: string, token: string, pid: number | null): Target {
  return { name, baseUrl, token, model: MODEL, keepsTutorial: true, pid };
}

const options = parseOptions(process.argv.slice(2));
if (options === "help") process.stdout.write(`${USAGE}\n`);
else {
  const limit = setTimeout(() => {
    progress(`stopped: the bench took over ${LONGEST_RUN_MS / 60_000} minutes`);
    process.exit(1);
  }, LONGEST_RUN_MS);
  const isGood = await bench(options).catch((error: unknown) => {
    progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return false;
  });
  clearTimeout(limit);
  process.exit(isGood ? 0 : 1);
}
