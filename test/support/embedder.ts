import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { answerEmbeddings, type EmbeddingsBody } from "./provider-embeddings.ts";

/** An endpoint for embeddings alone, which keeps what it was asked. */
export interface TestEmbedder {
  /** Base URL, ends in `/v1`. */
  url: string;
  /** Every text that came, in order. */
  inputs: string[];
  /** Before each answer. */
  delayMs: number;
  /** Status of every answer instead of vectors; null for vectors. */
  failWith: number | null;
  close(): Promise<void>;
}

/** Starts an embedder on 127.0.0.1; resolves once it listens. */
export async function startEmbedder(): Promise<TestEmbedder> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = JSON.parse(Buffer.concat(parts).toString()) as EmbeddingsBody;
    embedder.inputs.push(...body.input);
    await pause(embedder.delayMs);
    const status = embedder.failWith;
    response.writeHead(status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(status === null ? answerEmbeddings(body) : { error: { message: "away" } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const embedder: TestEmbedder = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    inputs: [],
    delayMs: 0,
    failWith: null,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return embedder;
}
