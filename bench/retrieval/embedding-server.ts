import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { z } from "zod";
import type { Embedder } from "../../src/server/knowledge/embedding/embedder.ts";

const EmbeddingsBody = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
});

/** An embedder as an endpoint with OpenAI's API, at `url`, on 127.0.0.1. The embedder stays open. */
export interface EmbeddingServer {
  url: string;
  close(): Promise<void>;
}

/** Serves `POST /v1/embeddings` and a list of no models, which Open WebUI asks for when it starts. */
export async function startEmbeddingServer(embedder: Embedder): Promise<EmbeddingServer> {
  const app = new Hono();
  app.get("/v1/models", (context) => context.json({ object: "list", data: [] }));
  app.post("/v1/embeddings", async (context) => {
    const { model, input } = EmbeddingsBody.parse(await context.req.json());
    const vectors = await embedder.embed(typeof input === "string" ? [input] : input);
    const data = vectors.map((vector, index) => ({ object: "embedding", index, embedding: [...vector] }));
    return context.json({ object: "list", model, data, usage: { prompt_tokens: 0, total_tokens: 0 } });
  });
  const server = createAdaptorServer({ fetch: app.fetch }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
