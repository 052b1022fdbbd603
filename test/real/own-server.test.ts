import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { runScenario } from "./run-scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { freePort } from "./server-process.ts";
import { openRealStage, type RealStage } from "./stage.ts";

const BIN = join(import.meta.dirname, "../../bin/offstage.js");

describe("what holds on every Open WebUI holds on our own server", () => {
  let folder: string;
  let stage: RealStage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "offstage-real-"));
    stage = await openRealStage(async (providerUrl) => {
      const port = await freePort();
      return {
        program: process.execPath,
        args: [BIN, "serve", "--port", String(port), "--data-dir", folder],
        env: {
          OPENAI_API_BASE_URLS: providerUrl,
          OPENAI_API_KEYS: "provider-key",
          OFFSTAGE_EMBEDDER: "openai",
          OFFSTAGE_EMBEDDING_MODEL: "words",
        },
        folder,
        url: `http://127.0.0.1:${port}`,
        startTimeoutMs: 30_000,
      };
    });
  });

  afterAll(async () => {
    await stage?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(Object.keys(SCENARIOS))("%s", (name) => runScenario(stage, name));
});
