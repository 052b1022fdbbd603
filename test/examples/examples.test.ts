import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { missingPrograms } from "../support/script.ts";
import { openStage, type Stage } from "../support/server.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");
const ANSWER = "The capital of France is Paris.";
const missing = missingPrograms("bash", "curl", "jq");

let stage: Stage;
/** Examples that a test has run. */
const ran = new Set<string>();

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

/** Runs an example with a server and a model to talk to; resolves with the lines that it printed. */
async function run(program: string, name: string, args: string[], env: Record<string, string> = {}) {
  ran.add(name);
  const { stdout } = await promisify(execFile)(program, [join(EXAMPLES, name), ...args], {
    env: {
      PATH: process.env.PATH,
      OFFSTAGE_URL: stage.url,
      OFFSTAGE_TOKEN: stage.owner.token,
      MODEL: "gpt-4o",
      POLL_SECONDS: "0.1",
      ...env,
    },
  });
  return stdout.trimEnd().split("\n");
}

test("conversation.ts shows the answer and goes on in the same chat", async () => {
  const [first, second, chat] = await run(process.execPath, "conversation.ts", []);
  expect(first).toBe(ANSWER);
  expect(second).toContain("And of Italy?");
  expect(chat).toMatch(/^\S.*: 4 messages in [0-9a-f-]{36}$/);
});

test("structured-answer.ts prints what the schema checked", async () => {
  const folder = await mkdtemp(join(tmpdir(), "offstage-example-"));
  const text = '[[json={"city": "Paris", "country": "France"}]]';
  const env = { OFFSTAGE_DATA_DIR: folder, OPENAI_API_BASE_URLS: stage.provider.url };
  try {
    expect(await run(process.execPath, "structured-answer.ts", [text], env)).toEqual(["Paris is in France."]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("ask-with-documents.ts prints the answer and what it drew on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "offstage-example-"));
  const text = (name: string, content: string) => writeFile(join(folder, name), content);
  try {
    await text("ferry.md", "The ferry to Lund leaves at 09:40.");
    await text("notes.txt", "The ferry to Lund is blue.");
    const args = ["When does the ferry to Lund leave?", join(folder, "notes.txt"), join(folder, "ferry.md")];
    const [answer, ...sources] = await run(process.execPath, "ask-with-documents.ts", args);
    expect(answer).toContain("ferry to Lund");
    expect(sources.sort()).toEqual([
      expect.stringMatching(/^\[[12]\] .*: The ferry to Lund /),
      expect.stringMatching(/^\[[12]\] .*: The ferry to Lund /),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.skipIf(missing.length > 0)("background.sh prints the title and the answer", async () => {
  const [title, answer] = await run("bash", "background.sh", []);
  expect(title).not.toBe("New Chat");
  expect(answer).toBe(ANSWER);
});

test.skipIf(missing.length > 0)("every example is run here", async () => {
  expect([...ran].sort()).toEqual((await readdir(EXAMPLES)).sort());
});
