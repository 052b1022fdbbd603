import { isInstalled } from "../scripts/real/install.ts";
import { createLocalEmbedder } from "../src/server/knowledge/embedding/local-embedder.ts";
import { createOffstageRetrievers } from "./retrieval/offstage-retrievers.ts";
import { OpenWebUiRetriever } from "./retrieval/open-webui-retriever.ts";
import type { Retriever } from "./retrieval/retriever.ts";
import { type RetrievalOptions, runRetrievalBench } from "./retrieval/run.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

const embedder = createLocalEmbedder({
  dataDir: process.env.OFFSTAGE_DATA_DIR || "offstage-data",
  modelPath: process.env.OFFSTAGE_EMBEDDING_MODEL_PATH,
});

async function retrieversFor({ openWebUi }: RetrievalOptions): Promise<Retriever[]> {
  const retrievers = createOffstageRetrievers({ embedder, folder: createTemporaryFolder() });
  for (const asked of openWebUi) {
    const version = asked.replace(/\+hybrid$/, "");
    const hybrid = asked !== version;
    if (await isInstalled(version)) retrievers.push(new OpenWebUiRetriever(version, embedder, { hybrid }));
    else process.stderr.write(`skipped: Open WebUI ${version} is not installed\n`);
  }
  return retrievers;
}

try {
  await runRetrievalBench(retrieversFor, process.argv.slice(2));
} finally {
  await embedder.close();
}
