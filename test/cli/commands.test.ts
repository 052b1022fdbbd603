import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { offstage, type RunningCommand, startOffstage } from "./run-offstage.ts";

const QUESTION = "Hi, what is the capital of France?";
const ANSWER = "The capital of France is Paris.";
const MODELS = ["gpt-4o", "gpt-4o-mini"];
const UNKNOWN_CHAT = "4f6c0000-0000-4000-8000-000000000000";

let folder: string;
let provider: TestProvider;
let serve: RunningCommand;
let url: string;
let token: string;

/** A folder of its own for `name`, with the provider behind any server on it. */
const onFolder = (name: string) => ({
  OFFSTAGE_DATA_DIR: join(folder, name),
  OPENAI_API_BASE_URLS: provider.url,
  OPENAI_API_KEYS: "provider-key",
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-cli-"));
  provider = await startProvider({ strict: true, models: MODELS });
  serve = startOffstage(["serve", "--port", "0"], onFolder("served"));
  [, url] = (await serve.seen("stdout", /^offstage listening on (http:\/\/127\.0\.0\.1:\d+)\n$/)) as [
    string,
    string,
  ];
  token = (await offstage(["token"], onFolder("served"))).stdout.trim();
});

afterAll(async () => {
  serve.child.kill("SIGTERM");
  expect((await serve.ended).code).toBe(0);
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

const asUser = () => ({ OFFSTAGE_URL: url, OFFSTAGE_TOKEN: token });

async function askJson(...args: string[]) {
  const { code, stdout, stderr } = await offstage(["ask", "--json", ...args], asUser());
  return { code, stderr, report: JSON.parse(stdout) };
}

describe("offstage ask", () => {
  test("prints the answer alone on stdout and the seven steps on stderr", async () => {
    const { code, stdout, stderr } = await offstage(["ask", QUESTION, "--url", url, "--token", token]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${ANSWER}\n` });
    expect(stderr.match(/^[1-7](?= )/gm)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(stdout + stderr).not.toContain(token);
  });

  test("tells everything about the turn as JSON", async () => {
    const { code, report } = await askJson(QUESTION);
    expect(code).toBe(0);
    expect(report).toEqual({
      status: "succeeded",
      error: null,
      chat_id: expect.any(String),
      message_id: expect.any(String),
      content: ANSWER,
      json: null,
      sources: [],
      title: expect.stringMatching(/\w/),
      tags: [],
      follow_ups: [],
      usage: expect.anything(),
      steps: [
        "createChat",
        "savePlaceholder",
        "triggerCompletion",
        "awaitAnswer",
        "completeMessage",
        "fetchChat",
      ].map((name) => ({ name, ms: expect.any(Number), attempts: expect.any(Number) })),
      server: { version: expect.stringMatching(/^\d+\.\d+/), path: "offstage" },
    });
  });

  test.each(["stream", "events", "poll"])("waits by %s", async (wait) => {
    expect(await askJson(QUESTION, "--wait", wait)).toMatchObject({ code: 0, report: { content: ANSWER } });
  });

  test("goes on with a chat", async () => {
    const first = await askJson(QUESTION);
    const second = await askJson("[[echo]] And of Italy?", "--chat", first.report.chat_id);
    expect(second.report).toMatchObject({ status: "succeeded", chat_id: first.report.chat_id });
    const { stdout } = await offstage(["chats", "show", first.report.chat_id], asUser());
    expect(stdout).toMatch(/4 messages/);
  });

  test("takes the question from stdin and a system prompt", async () => {
    const { code, stdout } = await offstage(["ask", "-", "--system", "Be brief."], asUser(), QUESTION);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${ANSWER}\n` });
    const { body } = provider.requests.findLast(({ body }) => JSON.stringify(body).includes("Be brief."))!;
    expect(body?.messages[0]).toEqual({ role: "system", content: "Be brief." });
  });

  test("prints JSON that fits a schema", async () => {
    const schema = join(folder, "schema.json");
    await writeFile(schema, '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}');
    const question = '[[json={"city":"Paris"}]]';
    const { code, stdout } = await offstage(["ask", question, "--schema", schema], asUser());
    expect({ code, json: JSON.parse(stdout) }).toEqual({ code: 0, json: { city: "Paris" } });
    const unfit = await askJson('[[json={"town":"Paris"}]]', "--schema", schema);
    expect(unfit).toMatchObject({ code: 6, report: { status: "failed", error: { code: "answer_invalid" } } });
  });

  test("without a URL uses the server that runs on the data folder", async () => {
    const { code, stdout } = await offstage(["ask", "--json", QUESTION], onFolder("served"));
    expect(code).toBe(0);
    const shown = await offstage(["chats", "show", JSON.parse(stdout).chat_id], asUser());
    expect(shown.stdout).toContain(ANSWER);
  });

  test("without any server starts one of its own, whose chats stay", async () => {
    const { code, stdout } = await offstage(["ask", QUESTION], onFolder("embedded"));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${ANSWER}\n` });
    const list = await offstage(["chats", "list", "--json"], onFolder("embedded"));
    expect(JSON.parse(list.stdout)).toHaveLength(1);
  });

  test("several at once on one folder take turns", async () => {
    const asks = Array.from({ length: 3 }, () => offstage(["ask", QUESTION], onFolder("shared")));
    for (const { code, stdout } of await Promise.all(asks))
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${ANSWER}\n` });
  });

  test("stops the answer on the server at Ctrl-C", async () => {
    const running = startOffstage(["ask", "[[tokens=2000]][[delay=20]] long"], asUser());
    await running.seen("stdout", /\w/);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/cancelled|stopped/);
    const asked = provider.requests.findLast(({ body }) => JSON.stringify(body).includes("[[tokens=2000]]"))!;
    await asked.closed;
    expect(asked.clientClosed).toBe(true);
  });

  test("reports how far a cancelled turn came", async () => {
    const running = startOffstage(["ask", "--json", "[[tokens=2000]][[delay=20]] longer"], asUser());
    await running.seen("stderr", /^4 /m);
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect({ code, report: JSON.parse(stdout) }).toMatchObject({
      code: 130,
      report: { status: "cancelled", error: { code: "cancelled" }, message_id: expect.any(String) },
    });
  });
});

describe("exit codes", () => {
  const chatsShow = ["chats", "show", UNKNOWN_CHAT];
  // A port below 1024: nobody listens there, and programs without privileges cannot.
  const nobody = { OFFSTAGE_URL: "http://127.0.0.1:2", OFFSTAGE_TOKEN: "sk-secret-key" };

  test.each<[string, number, string[], () => Record<string, string>]>([
    ["an unknown flag", 2, ["ask", QUESTION, "--colour", "red"], asUser],
    ["an unknown command", 2, ["sing"], asUser],
    ["a missing question", 2, ["ask"], asUser],
    ["an empty question", 2, ["ask", " "], asUser],
    ["a way of waiting that there is not", 2, ["ask", QUESTION, "--wait", "hope"], asUser],
    ["a port that is none", 2, ["serve", "--port", "http"], asUser],
    ["a schema that cannot be read", 2, ["ask", QUESTION, "--schema", "no-such-file.json"], asUser],
    ["a wrong token", 3, ["ask", QUESTION, "--token", "sk-wrong"], asUser],
    ["an unknown chat", 4, chatsShow, asUser],
    ["deleting an unknown chat", 4, ["chats", "delete", UNKNOWN_CHAT], asUser],
    ["an unknown model", 6, ["ask", QUESTION, "--model", "nobody"], asUser],
    ["a server that is not there", 5, chatsShow, () => nobody],
    ["an answer that takes too long", 5, ["ask", "[[hang]]", "--timeout", "1"], asUser],
    ["a model that fails", 6, ["ask", "[[status=500]]"], asUser],
  ])("%s ends with %i and one sentence", async (_, expected, args, env) => {
    const { code, stdout, stderr } = await offstage(args, env());
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toMatch(/^(offstage: |error: ).{10,}/m);
    expect(stderr).not.toMatch(/^\s+at .*:\d+|sk-secret-key|sk-wrong/m);
  });

  test("a failure is told as JSON too", async () => {
    const { code, stdout } = await offstage([...chatsShow, "--json"], asUser());
    expect({ code, body: JSON.parse(stdout) }).toEqual({
      code: 4,
      body: { status: "failed", error: { code: "not_found", message: expect.any(String) } },
    });
    expect(await askJson("[[status=500]]")).toMatchObject({
      code: 6,
      report: { status: "failed", error: { code: "model_failed" }, content: "", steps: expect.any(Array) },
    });
  });
});

describe("the other commands", () => {
  test("list, show and delete chats", async () => {
    const { report } = await askJson(QUESTION);
    const list = await offstage(["chats", "list"], asUser());
    expect(list.stdout).toMatch(
      new RegExp(`^${report.chat_id}\\t\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\t.+$`, "m"),
    );
    const show = await offstage(["chats", "show", report.chat_id], asUser());
    expect(show.stdout).toMatch(
      new RegExp(`user · .*\\n  ${QUESTION.replace("?", "\\?")}\\n\\n.* · .*\\n  ${ANSWER}\\n$`),
    );
    const record = await offstage(["chats", "show", "--json", report.chat_id], asUser());
    expect(JSON.parse(record.stdout).chat.history.currentId).toBe(report.message_id);
    const deleted = await offstage(["chats", "delete", report.chat_id], asUser());
    expect(deleted).toMatchObject({ code: 0, stdout: `deleted ${report.chat_id}\n` });
  });

  test("models lists what can be asked", async () => {
    const { code, stdout } = await offstage(["models"], asUser());
    expect({
      code,
      ids: stdout
        .trim()
        .split("\n")
        .map((line) => line.split("\t")[0]),
    }).toEqual({
      code: 0,
      ids: MODELS,
    });
    expect(JSON.parse((await offstage(["models", "--json"], asUser())).stdout)).toHaveLength(MODELS.length);
  });

  test("user add makes an account that can sign in with its password", async () => {
    const added = await offstage(["user", "add", "ann@example.org", "--json"], asUser());
    const account = JSON.parse(added.stdout);
    expect(account).toMatchObject({
      email: "ann@example.org",
      name: "ann",
      role: "user",
      id: expect.any(String),
    });
    const args = ["token", "--email", "ann@example.org", "--password-file", "-"];
    const hers = await offstage(args, { OFFSTAGE_URL: url }, `${account.password}\n`);
    expect(hers.code).toBe(0);
    const chats = await offstage(["chats", "list", "--json"], {
      OFFSTAGE_URL: url,
      OFFSTAGE_TOKEN: hers.stdout.trim(),
    });
    expect({ code: chats.code, chats: chats.stdout }).toEqual({ code: 0, chats: "[]\n" });
    const wrong = await offstage(args, { OFFSTAGE_URL: url }, "guess\n");
    expect(wrong.code).toBe(3);
  });

  test.each([
    [],
    ["serve"],
    ["ask"],
    ["chats"],
    ["chats", "show"],
    ["models"],
    ["user", "add"],
    ["token"],
    ["doctor"],
    ["conformance"],
  ])("%s %s --help exits 0 and writes no control sequences", async (...names) => {
    const { code, stdout } = await offstage([...names, "--help"], { NO_COLOR: "1" });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: offstage/);
    expect(stdout).not.toContain("\u001b");
  });
});
