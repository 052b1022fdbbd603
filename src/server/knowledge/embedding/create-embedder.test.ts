import { expect, it } from "vitest";
import { createEmbedder, type EmbedderConfig } from "./create-embedder.ts";

it.each<[EmbedderConfig, object | null]>([
  [{ kind: "none" }, null],
  [{ kind: "local" }, { name: "minilm-l6-v2-int8", dimensions: 384, maxTokens: 256 }],
  [
    { kind: "openai", baseUrl: "http://127.0.0.1:9/v1", model: "bge-m3", maxTokens: 512 },
    { name: "openai:bge-m3", dimensions: null, maxTokens: 512 },
  ],
])("makes what %j asks for", async (config, expected) => {
  const embedder = createEmbedder(config, { dataDir: "/nowhere" });
  if (expected === null) expect(embedder).toBeNull();
  else expect(embedder).toMatchObject(expected);
  await embedder?.close();
});
