import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { offstage, type RunningCommand, startOffstage } from "./run-offstage.ts";

const QUESTION = "When does the ferry to Lund leave?";
const UUID = /^[0-9a-f-]{36}$/;

let folder: string;
let provider: TestProvider;
let serve: RunningCommand;
let env: Record<string, string>;
let ferry: string;
let lighthouse: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-cli-knowledge-"));
  provider = await startProvider({ strict: true });
  const settings = {
    OFFSTAGE_DATA_DIR: join(folder, "data"),
    OPENAI_API_BASE_URLS: provider.url,
    OPENAI_API_KEYS: "provider-key",
    OFFSTAGE_EMBEDDER: "openai",
    OFFSTAGE_EMBEDDING_MODEL: "words",
  };
  serve = startOffstage(["serve", "--port", "0"], settings);
  const [, url = ""] = await serve.seen("stdout", /^offstage listening on (http:\/\/127\.0\.0\.1:\d+)\n$/);
  env = { OFFSTAGE_URL: url, OFFSTAGE_TOKEN: (await offstage(["token"], settings)).stdout.trim() };
  ferry = await textFile("ferry.md", "# Timetable\n\nThe ferry to Lund leaves at 09:40 every weekday.");
  lighthouse = await textFile("lighthouse.txt", "The lighthouse of Sandhamn is 31 metres high.");
});

afterAll(async () => {
  serve.child.kill("SIGTERM");
  expect((await serve.ended).code).toBe(0);
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

async function textFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const knowledge = (...args: string[]) => offstage(["knowledge", ...args], env);

async function knowledgeJson(...args: string[]) {
  const { code, stdout, stderr } = await knowledge(...args, "--json");
  return { code, stderr, body: JSON.parse(stdout) };
}

/** A new empty collection; answers its id. */
async function create(name: string): Promise<string> {
  const { code, stdout } = await knowledge("create", name);
  expect(code).toBe(0);
  expect(stdout.trim()).toMatch(UUID);
  return stdout.trim();
}

describe("offstage knowledge", () => {
  test("makes, fills, shows, lists and deletes a collection", async () => {
    const { body } = await knowledgeJson("create", "Timetables", "--description", "Boats");
    expect(body).toMatchObject({ id: expect.stringMatching(UUID), name: "Timetables", description: "Boats" });
    const added = await knowledge("add", "timetables", ferry, lighthouse);
    expect(added.stdout.trim().split("\n")).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}\t.*ferry\.md$/),
      expect.stringMatching(/^[0-9a-f-]{36}\t.*lighthouse\.txt$/),
    ]);
    expect(added.code).toBe(0);
    expect(added.stderr).toMatch(
      /^ferry\.md: uploading\n(ferry\.md: processing\n)?ferry\.md: adding\nferry\.md: added$/m,
    );
    const shown = await knowledge("show", body.id);
    expect(shown.stdout).toMatch(/^Timetables\n.* · processed · 2 files\nBoats\n/);
    expect(shown.stdout).toMatch(/^[0-9a-f-]{36}\tcompleted\t\d+\tferry\.md$/m);
    expect((await knowledgeJson("show", "Timetables")).body).toMatchObject({
      name: "Timetables",
      fileCount: 2,
      files: [{ name: "ferry.md" }, { name: "lighthouse.txt" }],
    });
    const listed = await knowledge("list");
    expect(listed.stdout).toMatch(
      new RegExp(`^${body.id}\\t2\\t\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\tTimetables$`, "m"),
    );
    const unasked = await knowledge("delete", "Timetables");
    expect(unasked).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/--yes/) });
    const deleted = await knowledgeJson("delete", "Timetables", "--files", "--yes");
    expect(deleted.body).toEqual({
      deleted: body.id,
      files: [expect.any(String), expect.any(String)],
      kept: [],
    });
    const files = await fetch(`${env.OFFSTAGE_URL}/api/v1/files/`, {
      headers: { authorization: `Bearer ${env.OFFSTAGE_TOKEN}` },
    });
    expect(await files.json()).toEqual([]);
  });

  test("tells which files failed, adds the others, and ends with the failure's exit code", async () => {
    const id = await create("Half");
    const broken = await textFile("broken.pdf", "%PDF-1.7\nand nothing more");
    const { code, stderr, body } = await knowledgeJson("add", id, broken, ferry);
    expect({ code, body }).toEqual({
      code: 2,
      body: {
        id,
        name: "Half",
        added: [{ id: expect.stringMatching(UUID), path: ferry }],
        present: [],
        failed: [{ path: broken, code: "bad_input", message: expect.stringMatching(/\w{5}/) }],
      },
    });
    expect(stderr).toMatch(/broken\.pdf was not added: /);
    expect(stderr).toMatch(/1 of 2 files were added/);
    expect((await knowledgeJson("show", id)).body.files).toMatchObject([{ name: "ferry.md" }]);
    const again = await knowledgeJson("add", id, ferry, lighthouse);
    expect(again).toMatchObject({
      code: 0,
      body: { added: [{ path: lighthouse }], present: [{ path: ferry }] },
    });
  });

  test.each([
    [
      "a file that is not there",
      async () => ["add", "Bad", ferry, join(folder, "nowhere.txt")],
      /is not there/,
    ],
    ["a folder", async () => ["add", "Bad", await folderNamed("letters")], /is a folder/],
    ["an empty file", async () => ["add", "Bad", await textFile("empty.txt", "")], /is empty/],
    ["an unknown name", async () => ["add", "Nobody", ferry], /No collection has the name or id "Nobody"/],
    ["a collection without a name", async () => ["create", " "], /name is empty/],
    ["no file at all", async () => ["add", "Bad"], /missing required argument/],
  ])("refuses %s before anything is sent", async (_, args, sentence) => {
    const before = await knowledgeJson("list");
    const { code, stdout, stderr } = await knowledge(...(await args()));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect((await knowledgeJson("list")).body).toEqual(before.body);
  });

  test("names the ids of collections that share a name", async () => {
    const ids = [await create("Twins"), await create("Twins")];
    const { code, stderr } = await knowledge("show", "Twins");
    expect(code).toBe(2);
    for (const id of ids) expect(stderr).toContain(id);
  });
});

async function folderNamed(name: string): Promise<string> {
  await mkdir(join(folder, name));
  return join(folder, name);
}

describe("offstage ask", () => {
  test("draws on a collection and a file, and prints the sources after the answer", async () => {
    const id = await create("Boats");
    await knowledge("add", id, ferry);
    const { code, stdout } = await offstage(
      ["ask", QUESTION, "--knowledge", "boats", "--file", lighthouse],
      env,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^You said[^\n]*\n\nSources:\n\[1\] ferry\.md\n(\[2\] lighthouse\.txt\n)?$/);
    const asked = await offstage(["ask", QUESTION, "--knowledge", id, "--json"], env);
    expect(JSON.parse(asked.stdout)).toMatchObject({
      status: "succeeded",
      sources: [{ source: { id, name: "Boats" }, document: [expect.stringContaining("09:40")] }],
    });
  });

  test.each([
    ["--file", "no-such-file.txt", /is not there/],
    ["--knowledge", "Nobody", /No collection has the name or id "Nobody"/],
  ])("refuses an unknown %s before there is a chat", async (flag, value, sentence) => {
    const { code, stdout, stderr } = await offstage(["ask", QUESTION, flag, value, "--json"], env);
    expect({ code, report: JSON.parse(stdout) }).toMatchObject({
      code: 2,
      report: { status: "failed", chat_id: null, error: { code: "bad_input" } },
    });
    expect(stderr).toMatch(sentence);
  });
});
