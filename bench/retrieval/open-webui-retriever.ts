import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { installOpenWebUi } from "../../scripts/real/install.ts";
import { openWebUiCommand } from "../../scripts/real/open-webui-command.ts";
import { createOffstage } from "../../src/index.ts";
import type { Embedder } from "../../src/server/knowledge/embedding/embedder.ts";
import { type ServerProcess, startServerProcess } from "../../test/real/server-process.ts";
import { type EmbeddingServer, startEmbeddingServer } from "./embedding-server.ts";
import type { ConversationTurn, FoundPassage, RetrievalDocument, Retriever } from "./retriever.ts";

const ACCOUNT = { name: "owner", email: "owner@example.org", password: "correct horse battery" };
const SEARCH_TIMEOUT_MS = 60_000;

/** What `POST /api/v1/retrieval/query/collection` answers: a list for each query, here one. */
const FoundLists = z.object({
  documents: z.tuple([z.array(z.string())]),
  metadatas: z.tuple([z.array(z.object({ name: z.string() }))]),
});

/**
 * An installed Open WebUI with its defaults (chunks of 1,000 characters that overlap by 100, vectors alone) on the same
 * embedder: documents uploaded, put into a collection, and asked for by its own call, which knows no conversation. With
 * `hybrid`, its hybrid search is switched on, without a model that ranks again. The embedder stays open.
 */
export class OpenWebUiRetriever implements Retriever {
  readonly name: string;
  readonly #version: string;
  readonly #embedder: Embedder;
  readonly #hybrid: boolean;
  /** What `index` took, the last first to be freed. */
  readonly #taken: (() => Promise<unknown>)[] = [];
  #query: ((text: string, k: number) => Promise<FoundPassage[]>) | undefined;

  constructor(version: string, embedder: Embedder, { hybrid = false } = {}) {
    this.name = `open-webui ${version}${hybrid ? " hybrid" : ""}`;
    this.#hybrid = hybrid;
    this.#version = version;
    this.#embedder = embedder;
  }

  async index(documents: readonly RetrievalDocument[]): Promise<void> {
    const { url } = await this.#startServer();
    const offstage = createOffstage({ baseUrl: url });
    this.#taken.unshift(() => offstage.close());
    const { client } = offstage;
    const { token } = await client.signUp(ACCOUNT);
    const knowledge = await client.createKnowledge({ name: "Judged", description: "documents" });
    for (const { name, contentType, bytes } of documents) {
      const file = await client.uploadFile({ name, contentType, bytes: new Uint8Array(bytes) });
      for await (const { status, error } of client.watchFile(file.id))
        if (status === "failed") throw new Error(`${name}: ${error}`);
      await client.addFileToKnowledge(knowledge.id, file.id);
    }
    this.#query = (text, k) => queryCollection(url, token, { collection: knowledge.id, text, k });
  }

  search(question: string, _conversation: readonly ConversationTurn[], k: number): Promise<FoundPassage[]> {
    return this.#query!(question, k);
  }

  async close(): Promise<void> {
    for (const free of this.#taken.splice(0)) await free();
  }

  async #startServer(): Promise<ServerProcess> {
    const python = await installOpenWebUi(this.#version);
    const folder = await mkdtemp(join(tmpdir(), "offstage-open-webui-"));
    this.#taken.unshift(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const embeddings: EmbeddingServer = await startEmbeddingServer(this.#embedder);
    this.#taken.unshift(() => embeddings.close());
    const command = await openWebUiCommand(python, folder, embeddings.url);
    const env = { ...command.env, ...(this.#hybrid && { ENABLE_RAG_HYBRID_SEARCH: "True" }) };
    const server = await startServerProcess({ ...command, env });
    this.#taken.unshift(() => server.stop());
    return server;
  }
}

async function queryCollection(
  url: string,
  token: string | null,
  { collection, text, k }: { collection: string; text: string; k: number },
): Promise<FoundPassage[]> {
  const response = await fetch(`${url}/api/v1/retrieval/query/collection`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ collection_names: [collection], query: text, k }),
    signal: AbortSignal.timeout(SEARCH_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { documents, metadatas } = FoundLists.parse(await response.json());
  return documents[0].map((found, index) => ({ document: metadatas[0][index]!.name, text: found }));
}
