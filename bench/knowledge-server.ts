import { createCaller } from "../test/support/http.ts";
import { connectApi, type Target } from "./api.ts";
import { residentMiB } from "./child-process.ts";
import { assertModel } from "./column.ts";
import { driveChats } from "./knowledge-chats.ts";
import type { FilledKnowledge } from "./knowledge-database.ts";
import { embeddedTexts, ingestPages, timeEmbedder } from "./knowledge-ingestion.ts";
import { createLoopWatch, type LoopDelay } from "./knowledge-loop-delay.ts";
import { embedderOf, proportionalMiB } from "./knowledge-processes.ts";
import { makeQuestion } from "./knowledge-texts.ts";
import type { Measure } from "./report.ts";
import { startServer } from "./running-server.ts";
import { percentilesOf } from "./statistics.ts";

/** Where the server is run from, whom it asks, and the folder with the collection that it has already. */
export interface KnowledgePlace {
  root: string;
  providerUrl: string;
  dataDir: string;
  modelPath: string;
  filled: FilledKnowledge;
}

export interface ServerPlan {
  pages: number;
  /** How long chats are driven, alone and while files are ingested. */
  chatMs: number;
  questions: number;
}

const MODEL = "gpt-4o";

/** Runs a server on the filled folder: ingests pages, alone and beside chats, then asks about the collection. */
export async function measureServer(
  place: KnowledgePlace,
  plan: ServerPlan,
  progress: (what: string) => void,
): Promise<Measure[]> {
  const watch = createLoopWatch();
  const env = {
    ...watch.env,
    OFFSTAGE_LOG: "warn",
    OFFSTAGE_EMBEDDER: "local",
    OFFSTAGE_EMBEDDING_MODEL_PATH: place.modelPath,
  };
  const server = await startServer({ ...place, nodeOptions: watch.nodeOptions, env });
  const token = await server.signIn();
  const target: Target = {
    name: "offstage",
    baseUrl: server.url,
    token,
    model: MODEL,
    keepsTutorial: true,
    pid: server.pid,
  };
  const ingesting = { caller: createCaller(server.url, token), pid: server.pid };
  await assertModel(target);
  const measures: Measure[] = [];
  const tellLoop = (when: string, { p99Ms, maxMs, longestWorkMs }: LoopDelay) =>
    measures.push(
      { name: `${when}: event loop p99`, value: p99Ms, unit: "ms" },
      { name: `${when}: longest block of the event loop`, value: maxMs, unit: "ms" },
      { name: `${when}: longest work of the server's thread`, value: longestWorkMs, unit: "ms" },
    );

  progress("chats, four at once, without ingestion");
  // Loads the embedder, and warms up what chats run through.
  await ingestPages(ingesting, { pages: 1, seed: 1 });
  await driveChats(target, { forMs: plan.chatMs / 3 });
  await watch.read(server.pid);
  const before = await driveChats(target, { forMs: plan.chatMs });
  tellLoop("chats", await watch.read(server.pid));

  progress(`ingestion of ${plan.pages} pages`);
  const ingested = await ingestPages(ingesting, { pages: plan.pages, seed: 2 });
  tellLoop("ingestion", await watch.read(server.pid));

  progress("the embedder alone, on the same chunks");
  const texts = embeddedTexts(place.filled.databasePath, ingested.fileIds);
  const aloneMs = await timeEmbedder(place.modelPath, texts);

  progress(`ingestion of ${plan.pages} pages beside chats`);
  await watch.read(server.pid);
  let isOver = false;
  const beside = ingestPages(ingesting, { pages: plan.pages, seed: 3 }).finally(() => {
    isOver = true;
  });
  const [during] = await Promise.all([
    driveChats(target, { forMs: plan.chatMs, isOver: () => isOver }),
    beside.catch(() => {}),
  ]);
  await beside;
  tellLoop("ingestion beside chats", await watch.read(server.pid));

  progress(`${plan.questions} questions about the collection`);
  const asked = await askCollection(target, place.filled.knowledgeId, plan.questions);
  const memory = await memoryOf(server.pid);
  await server.stop();

  return [
    { name: `ingestion of ${plan.pages} pages`, value: ingested.wallMs, unit: "ms" },
    { name: "ingestion: a chunk", value: ingested.wallMs / texts.length, unit: "ms" },
    { name: "ingestion: a chunk, by the embedder alone", value: aloneMs / texts.length, unit: "ms" },
    {
      name: "ingestion: the embedder alone over all",
      value: (100 * aloneMs) / ingested.wallMs,
      unit: "%",
    },
    {
      name: "ingestion: time in which the embedder works",
      value: (100 * orNone(ingested.embedderMs)) / ingested.wallMs,
      unit: "%",
    },
    { name: "4 chats at once: flow p50 before", value: before.p50Ms, unit: "ms" },
    { name: "4 chats at once: flow p50 while ingesting", value: during.p50Ms, unit: "ms" },
    { name: "4 chats at once: flow p95 before", value: before.p95Ms, unit: "ms" },
    { name: "4 chats at once: flow p95 while ingesting", value: during.p95Ms, unit: "ms" },
    {
      name: "4 chats at once: flow p95 while ingesting over before",
      value: during.p95Ms / before.p95Ms,
      unit: "times",
    },
    { name: "flows with errors", value: before.errors + during.errors, unit: "flows" },
    ...measures,
    { name: "answer about the collection: p50", value: percentilesOf(asked).p50, unit: "ms" },
    { name: "answer about the collection: p95", value: percentilesOf(asked).p95, unit: "ms" },
    ...memory,
    {
      name: "resident: all processes while ingesting, the most",
      value: orNone(ingested.peakMiB),
      unit: "MiB",
    },
  ];
}

/** What a server and its embedder hold, each alone and together. */
async function memoryOf(server: number): Promise<Measure[]> {
  const embedder = await embedderOf(server);
  if (embedder === null) throw new Error("the server has no embedder in memory");
  const own = orNone(await residentMiB(server));
  const beside = orNone(await residentMiB(embedder));
  const parts = orNone(await proportionalMiB(server)) + orNone(await proportionalMiB(embedder));
  return [
    { name: "resident: server", value: own, unit: "MiB" },
    { name: "resident: embedder", value: beside, unit: "MiB" },
    { name: "resident: server and embedder", value: own + beside, unit: "MiB" },
    { name: "resident: server and embedder, what they share counted once", value: parts, unit: "MiB" },
  ];
}

const orNone = (value: number | null) => value ?? Number.NaN;

/** One question after another, each of which is searched for in all of the collection. */
async function askCollection(target: Target, knowledgeId: string, questions: number): Promise<number[]> {
  const api = connectApi(target, 1);
  const times: number[] = [];
  try {
    for (let seed = 0; seed < questions; seed++) {
      const startedAtMs = performance.now();
      const answer = (await api.call("POST", "/api/chat/completions", {
        model: target.model,
        stream: false,
        messages: [{ role: "user", content: makeQuestion(seed) }],
        files: [{ type: "collection", id: knowledgeId, status: "processed" }],
      })) as { sources?: unknown[] };
      if (!answer.sources?.length) throw new Error("an answer about the collection names no sources");
      times.push(performance.now() - startedAtMs);
    }
  } finally {
    await api.close();
  }
  return times;
}
