/** The benchmark of knowledge: `npm run bench:knowledge`. What each figure is to reach: `knowledge-goals.ts`. */
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { MINILM_DIMENSIONS, MINILM_MODEL } from "../src/server/knowledge/embedding/minilm-model.ts";
import { locateModelFile } from "../src/server/providers/model-file.ts";
import { layOutPackage } from "./built-package.ts";
import { startChild } from "./child-process.ts";
import { fillKnowledge } from "./knowledge-database.ts";
import { KNOWLEDGE_GOALS, renderKnowledge } from "./knowledge-goals.ts";
import { KNOWLEDGE_USAGE, type KnowledgeOptions, parseKnowledgeOptions } from "./knowledge-options.ts";
import { measureSearch } from "./knowledge-search.ts";
import { measureServer } from "./knowledge-server.ts";
import { measureKnowledgeStarts } from "./knowledge-starts.ts";
import type { Measure } from "./report.ts";
import { startServer } from "./running-server.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "..");
const LONGEST_RUN_MS = 30 * 60_000;
const CHUNKS_PER_CONTENT = 100;
const QUESTIONS = 40;
const STARTS = 5;

const progress = (what: string) => void process.stderr.write(`${what}\n`);

async function bench(options: KnowledgeOptions): Promise<void> {
  const { sections } = options;
  const startedAt = new Date();
  const loadAtStart = loadavg()[0]!;
  const provider = await startChild(["test/support/provider.ts"], "provider listening on ", { cwd: ROOT });
  if (options.packageRoot === null) progress("building the package");
  const root = options.packageRoot ?? (await layOutPackage(ROOT));
  const place = { root, providerUrl: provider.url };
  const measures: Measure[] = [];

  progress(`a folder with ${options.chunks} chunks`);
  const plan = {
    chunks: options.chunks,
    chunksPerContent: CHUNKS_PER_CONTENT,
    dimensions: MINILM_DIMENSIONS,
  };
  const folders = { filled: createTemporaryFolder(), empty: createTemporaryFolder() };
  for (const dataDir of Object.values(folders)) await (await startServer({ ...place, dataDir })).stop();
  const filled = await fillKnowledge(folders.filled, plan);

  if (sections.has("search")) {
    progress("searches");
    measures.push(...(await measureSearch(ROOT, filled, { plan, searches: options.searches })));
  }
  if (sections.has("start")) {
    progress("starts of the server");
    measures.push(...(await measureKnowledgeStarts(place, folders, STARTS)));
  }
  if (sections.has("server")) {
    const modelPath =
      process.env.OFFSTAGE_EMBEDDING_MODEL_PATH ??
      (await locateModelFile({ dataDir: join(ROOT, "offstage-data") }, MINILM_MODEL));
    const serverPlan = { pages: options.pages, chatMs: options.chatSeconds * 1_000, questions: QUESTIONS };
    const serverPlace = { ...place, dataDir: folders.filled, modelPath, filled };
    measures.push(...(await measureServer(serverPlace, serverPlan, progress)));
  }
  await provider.stop();

  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const node = process.versions.node;
  if (options.json) {
    const { sections: _, ...counts } = options;
    const result = { startedAt, seconds, node, loadAtStart, ...counts, goals: KNOWLEDGE_GOALS, measures };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const heading = [
    `offstage bench of knowledge, ${startedAt.toISOString()}, ${seconds} s, Node ${node}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadAtStart.toFixed(1)} before`,
    `${options.chunks} chunks in files of ${CHUNKS_PER_CONTENT}; ${options.pages} pages ingested alone, and as many beside chats`,
  ];
  process.stdout.write(`${heading.join("\n")}\n\n${renderKnowledge(measures)}\n`);
}

const options = parseKnowledgeOptions(process.argv.slice(2));
if (options === "help") process.stdout.write(`${KNOWLEDGE_USAGE}\n`);
else {
  const limit = setTimeout(() => {
    progress(`stopped: the bench took over ${LONGEST_RUN_MS / 60_000} minutes`);
    process.exit(1);
  }, LONGEST_RUN_MS);
  const isWhole = await bench(options).then(
    () => true,
    (error: unknown) => {
      progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return false;
    },
  );
  clearTimeout(limit);
  process.exit(isWhole ? 0 : 1);
}
