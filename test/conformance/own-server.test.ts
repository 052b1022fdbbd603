import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConformanceReport, testOpenWebUI } from "../../src/testing/index.ts";
import { offstage } from "../cli/run-offstage.ts";
import type { Caller } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const MODEL = "gpt-4o";

/** What our server answers, case by case. */
const OWN_ANSWERS: Record<string, boolean | string> = {
  link_parent: true,
  link_message: true,
  server_turns: true,
  unknown_chat_refused: true,
  stateless_ok: true,
  api_keys: true,
  history_merge: true,
  omission_deletes: true,
  delete_message: true,
  edit_guard: false,
  linked_chain: true,
  text_location: "content",
  server_done: true,
  grows: false,
  event_name: "chat-events and events",
  event_payload: "deltas",
  tutorial_new_chat: true,
  tutorial_poll_ends: true,
  tutorial_chain: true,
  tutorial_completed: true,
  sync_save: true,
  duplicate_guard: true,
  stop_per_chat: true,
  stop_per_task: true,
  refusal_stored: true,
  broken_stream_stored: true,
  error_chunk_stored: true,
  early_end_stored: true,
  error_marks_done: true,
  error_shape: "string",
  empty_answer_done: true,
  builtin_tools: "skipped: only the provider sees which tools it is sent",
  async_upload: false,
  knowledge_files_paged: true,
  sources_stored: true,
  unknown_material_refused: true,
  parallel_safe: "skipped: answers get lost only now and then: one good run would prove nothing",
};

let stage: Stage;
let plainUser: Caller;

beforeAll(async () => {
  stage = await openStage();
  plainUser = await stage.addUser("plain");
});
afterAll(() => stage?.close());

function answersOf({ cases }: ConformanceReport) {
  return Object.fromEntries(
    cases.map((result) => {
      if (result.outcome === "answered") return [result.name, result.value];
      if (result.outcome === "skipped") return [result.name, `skipped: ${result.reason}`];
      return [result.name, `failed: ${result.error.message}`];
    }),
  );
}

test.each([
  { role: "an admin", caller: () => stage.owner },
  { role: "a plain user", caller: () => plainUser },
])(
  "every answer of our server to $role is what its behaviour says, and no chat stays",
  async ({ caller }) => {
    const { baseUrl, token } = caller();
    const report = await testOpenWebUI({ baseUrl, token, model: MODEL, steerable: true });
    expect(answersOf(report)).toEqual(OWN_ANSWERS);
    expect(report.left).toEqual([]);
    expect((await caller().get("/api/v1/chats/")).body).toEqual([]);
  },
);

test("faults are skipped, saying why, where the provider cannot be steered", async () => {
  const { baseUrl, token } = stage.owner;
  const report = await testOpenWebUI({
    baseUrl,
    token,
    model: MODEL,
    only: ["errors_stored", "error_shape"],
  });
  expect(report).toMatchObject({ answered: 0, skipped: 5, failed: 0 });
  for (const answer of Object.values(answersOf(report))) expect(answer).toMatch(/^skipped: nobody can make/);
});

test("a key that the user has already is neither replaced nor deleted", async () => {
  const { baseUrl, token } = plainUser;
  const { api_key: key } = (await plainUser.post("/api/v1/auths/api_key")).body;
  const report = await testOpenWebUI({ baseUrl, token, model: MODEL, only: ["api_keys"] });
  expect(answersOf(report)).toEqual({ api_keys: true });
  expect(report.cases).toMatchObject([{ evidence: "the user has one" }]);
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(`${baseUrl}/api/v1/auths/`, { headers })).status).toBe(200);
});

test("a token that does not hold ends the run at once", async () => {
  const running = testOpenWebUI({ baseUrl: stage.url, token: "wrong", model: MODEL });
  await expect(running).rejects.toMatchObject({ code: "unauthorized" });
});

test("`offstage conformance` prints a table and the skips on stdout, progress on stderr, and no token", async () => {
  const { token } = stage.owner;
  const run = await offstage(
    ["conformance", "--model", MODEL, "--only", "server_turns", "edit_guard", "builtin_tools"],
    { OFFSTAGE_URL: stage.url, OFFSTAGE_TOKEN: token },
  );
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toMatch(/^capability +case +value +ms +evidence$/m);
  expect(run.stdout).toMatch(/^server_turns +server_turns +yes +\d+ /m);
  expect(run.stdout).toMatch(/^edit_guard +edit_guard +no +\d+ /m);
  expect(run.stdout).toMatch(/^builtin_tools: skipped, because only the provider/m);
  expect(run.stdout).toMatch(/^2 answered, 1 skipped, 0 failed in \d+ ms$/m);
  expect(run.stderr).toMatch(/^server_turns: answered/m);
  expect(run.stdout + run.stderr).not.toContain(token);
});

test("`offstage conformance --json` prints the report", async () => {
  const run = await offstage(
    ["conformance", "--model", MODEL, "--json", "--steerable", "--only", "error_marks_done"],
    { OFFSTAGE_URL: stage.url, OFFSTAGE_TOKEN: stage.owner.token },
  );
  expect(JSON.parse(run.stdout)).toMatchObject({
    baseUrl: stage.url,
    failed: 0,
    cases: [{ name: "error_marks_done", outcome: "answered", value: true }],
  });
});
