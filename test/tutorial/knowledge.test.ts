import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/server/index.ts";
import {
  docxParagraph,
  sampleDocx,
  samplePdf,
} from "../../src/server/knowledge/extraction/sample-documents.ts";
import { findCachedModel } from "../../src/server/providers/model-file.ts";
import type { Json } from "../support/http.ts";
import { missingPrograms, runScript, type ScriptFiles } from "../support/script.ts";
import { openStage, type Stage, signUp } from "../support/server.ts";

const SCRIPT = join(import.meta.dirname, "knowledge.sh");
const missing = missingPrograms("bash", "curl", "jq");
const own = process.env.OFFSTAGE_MODEL_PATH;
const modelPath = own
  ? existsSync(own)
    ? own
    : null
  : await findCachedModel(resolve(process.env.OFFSTAGE_DATA_DIR || "offstage-data"));

const FRANCE = "Paris has been the capital of France since the year 987.";
const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
const SPAIN = "Madrid lies in the middle of Spain, at 657 metres.";

let documents: string;
let sizeBytes: number;

beforeAll(async () => {
  documents = await mkdtemp(join(tmpdir(), "offstage-documents-"));
  const files = {
    "ferry.md": `# Timetable\n\n## Weekdays\n\n${FERRY}\n`,
    "france.pdf": await samplePdf((pdf) => {
      pdf.text(FRANCE).addPage().text("Rome is the capital of Italy.");
    }),
    "spain.docx": sampleDocx(docxParagraph("Spain", "Heading1") + docxParagraph(SPAIN)),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(documents, name), content);
  const sizes = await Promise.all(Object.keys(files).map((name) => stat(join(documents, name))));
  sizeBytes = sizes.reduce((sum, { size }) => sum + size, 0);
});
afterAll(() => rm(documents, { recursive: true, force: true }));

/** Runs the script on a stage; resolves with what it left, and the answer as stored. */
async function run(
  stage: Pick<Stage, "url" | "owner">,
  env: { MODEL: string; QUESTION: string; EDITION: string },
) {
  const files = await runScript(SCRIPT, {
    HOST: stage.url,
    TOKEN: stage.owner.token,
    DOCUMENTS: documents,
    ...env,
  });
  const { chat } = JSON.parse(files["final.json"]!);
  return { files, answer: chat.messages[1] as Json };
}

describe.skipIf(missing.length > 0)("the tutorial with knowledge, by bash, curl and jq", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  describe.each(["first", "newer"])("%s edition", (EDITION) => {
    let files: ScriptFiles;
    let answer: Json;

    beforeAll(async () => {
      const env = { MODEL: "gpt-4o", QUESTION: "Hi, what is the capital of France?", EDITION };
      ({ files, answer } = await run(stage, env));
    });

    test("documents of three kinds are processed", () => {
      expect(files["progress.txt"]!.match(/"completed"/g)).toHaveLength(3);
      expect(files["progress.txt"]).not.toContain("failed");
    });

    test("step 4.1 streams the sources, then the answer, and ends it with [DONE]", () => {
      const data = files["4.1-completion.txt"]!.split("\n").filter((line) => line.startsWith("data: "));
      const chunks: Json[] = data.slice(0, -1).map((line) => JSON.parse(line.slice(6)));
      expect(chunks[0].sources).toEqual(answer.sources);
      expect(chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? "").join("")).toBe(answer.content);
      expect(data.at(-1)).toBe("data: [DONE]");
    });

    test("the stored answer cites the passage, with its file and page (from 0)", () => {
      expect(answer).toMatchObject({ done: true, content: expect.stringMatching(/\w/) });
      const [source] = answer.sources;
      expect(source.source).toMatchObject({ type: "collection", status: "processed" });
      const place = source.document.findIndex((text: string) => text.includes(FRANCE));
      expect(place).toBe(0);
      expect(source.metadata[place]).toMatchObject({ name: "france.pdf", page: 0 });
      expect(source.distances).toHaveLength(source.document.length);
    });

    test("the model was given the passage with the question", () => {
      const asked = stage.provider.requests.filter(({ path }) => path === "/chat/completions");
      expect(JSON.stringify(asked[0]?.body?.messages)).toContain(FRANCE);
    });

    test("Fetch Knowledge Collection answers the fields of the tutorial", () => {
      const collection = JSON.parse(files["knowledge.json"]!);
      expect(collection).toMatchObject({
        type: "collection",
        status: "processed",
        name: "Geography Knowledge Base",
        description: "World geography",
        created_at: expect.any(Number),
        updated_at: expect.any(Number),
        files_count: 3,
        total_size: sizeBytes,
        metadata: { indexing_status: "complete", last_indexed: expect.any(Number) },
      });
      expect(answer.sources[0].source.id).toBe(collection.id);
    });
  });
});

if (modelPath === null) {
  console.warn(
    "Skipped: the local model is not here. Run `npm run model:fetch`, or set OFFSTAGE_MODEL_PATH.",
  );
}

test.skipIf(missing.length > 0 || modelPath === null)(
  "the local model copies the fact out of the collection",
  { timeout: 300_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "offstage-tutorial-"));
    const server = await startServer({
      dataDir,
      port: 0,
      local: true,
      modelPath: modelPath!,
      modelThreads: 1,
      log: "silent",
    });
    try {
      const owner = await signUp(server.url, "owner");
      const MODEL = (await owner.get("/api/models")).body.data[0].id;
      const env = { MODEL, QUESTION: "When does the ferry to Lund leave?", EDITION: "first" };
      const { answer } = await run({ url: server.url, owner }, env);
      expect(answer.content).toContain("09:40");
      expect(answer.sources[0].document.join("\n")).toContain(FERRY);
    } finally {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
);
