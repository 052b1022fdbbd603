import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askInput, closeStages, NEWEST, OLDEST, openStage } from "../../test/support/flow-stage.ts";
import { createOpenWebUiClient } from "../client/open-webui-client.ts";
import type { AskInput } from "./ask-input.ts";
import { createOffstage, type Offstage } from "./create-offstage.ts";

const TEXT = "The ferry to Lund leaves at 09:40.";

let folder: string;
let path: string;
/** What the server has. */
let files: Record<string, unknown>[];
let collections: Record<string, unknown>[];
/** What each look at a file's status tells; the last one again and again. */
let statuses: string[];
/** How uploads end beside being done: their reply is lost, or nothing comes of them. */
let uploadFaults: ("lost" | "cut")[];
/** Calls about files and collections, as "METHOD path". */
let calls: string[];
const opened: Offstage[] = [];
/** Deadlines and the like. */
const LONG_MS = 60_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-ask-"));
  path = join(folder, "ferry.txt");
  await writeFile(path, TEXT);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  files = [];
  collections = [];
  statuses = ["completed"];
  uploadFaults = [];
  calls = [];
});
afterEach(async () => {
  for (const offstage of opened.splice(0)) await offstage.close();
  await closeStages();
});

/** The server in memory, with files and collections beside its chats. */
function openFilesStage(behaviour = NEWEST) {
  const stage = openStage(behaviour);
  const { server } = stage;
  // Time that passes when everybody sleeps would pass while files are read.
  const clock = {
    ...stage.clock,
    sleep: (ms: number, signal?: AbortSignal) =>
      ms < LONG_MS ? stage.clock.sleep(ms, signal) : rejectedBy(signal),
  };
  const connectionLost = () =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("cut"), { code: "ECONNRESET" }) });
  const missing = () =>
    Response.json({ detail: "We could not find what you're looking for :/" }, { status: 404 });

  async function serve(method: string, url: URL, body: unknown): Promise<Response | null> {
    const [, , , kind, id = "", rest] = url.pathname.split("/");
    if (kind === "knowledge" && rest === undefined) {
      if (id === "") return Response.json(collections);
      const found = collections.find((collection) => collection.id === id);
      return found === undefined ? missing() : Response.json(found);
    }
    if (kind !== "files") return null;
    if (method === "POST") {
      const fault = uploadFaults.shift();
      if (fault === "cut") throw connectionLost();
      const file = (body as FormData).get("file") as File;
      const bytes = new Uint8Array(await file.arrayBuffer());
      files.push({
        id: `f${files.length + 1}`,
        filename: file.name,
        data: { status: "pending" },
        meta: {
          name: file.name,
          size: bytes.length,
          content_type: file.type,
          file_hash: createHash("sha256").update(bytes).digest("hex"),
        },
        created_at: Math.floor(clock.nowMs() / 1000),
      });
      if (fault === "lost") throw connectionLost();
      return Response.json(files.at(-1));
    }
    if (id === "") return Response.json(files);
    const file = files.find((row) => row.id === id);
    if (file === undefined) return missing();
    if (rest !== "process") return Response.json(file);
    const status = statuses.length > 1 ? statuses.shift() : statuses[0];
    return Response.json({ status, ...(status === "failed" && { error: "it holds no text" }) });
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input));
    const method = init?.method ?? "GET";
    const answer = await clock.during(serve(method, url, init?.body));
    if (answer === null) return server.fetch(input, init);
    calls.push(`${method} ${url.pathname}`);
    return answer;
  };
  const client = createOpenWebUiClient({
    baseUrl: server.baseUrl,
    token: "t",
    fetch,
    clock,
    random: () => 0.5,
  });
  const offstage = createOffstage({ client, clock });
  opened.push(offstage);
  const ask = (input: Partial<AskInput>) => offstage.ask(askInput({ wait: "poll", ...input }));
  return { server, clock, ask };
}

function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

describe("a local file", () => {
  it("is uploaded, waited for, and stands in question, chat and completion", async () => {
    statuses = ["pending", "processing", "completed"];
    const { server, ask } = openFilesStage();
    const answer = await ask({ files: [path] }).answer();
    const file = {
      type: "file",
      id: "f1",
      url: "f1",
      name: "ferry.txt",
      status: "processed",
      size: TEXT.length,
      content_type: "text/plain",
    };
    expect(server.completions.map(({ body }) => body.files)).toEqual([[file]]);
    const { chat } = server.chats.get(answer.chatId)!;
    expect(chat.files).toEqual([file]);
    expect(chat.history.messages[answer.userMessageId]?.files).toEqual([file]);
    expect(calls.filter((call) => call.endsWith("/process/status"))).toHaveLength(3);
  });

  it("has an address that old web UIs open", async () => {
    const { server, ask } = openFilesStage(OLDEST);
    await ask({ files: [path] }).answer();
    expect(server.completions[0]?.body.files).toMatchObject([{ url: "/api/v1/files/f1" }]);
  });

  it("is not uploaded again where the reply was lost, and is where nothing came of it", async () => {
    uploadFaults = ["lost"];
    const first = openFilesStage();
    await first.ask({ files: [path] }).answer();
    expect(files).toHaveLength(1);
    uploadFaults = ["cut", "cut"];
    files = [];
    await first.ask({ files: [path] }).answer();
    expect(files).toHaveLength(1);
  });

  it("is given up when no upload arrives, and nothing is asked", async () => {
    uploadFaults = Array.from({ length: 9 }, () => "cut");
    const { server, ask } = openFilesStage();
    await expect(ask({ files: [path] }).answer()).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/in 5 attempts/),
    });
    expect(server.chats.size).toBe(0);
  });

  it("of another name or content is not taken for it", async () => {
    const alike = {
      filename: "ferry.txt",
      meta: { name: "ferry.txt", size: TEXT.length, file_hash: "other" },
    };
    files = [{ id: "old", created_at: 9e9, ...alike }];
    uploadFaults = ["cut"];
    const { server, ask } = openFilesStage();
    await ask({ files: [path] }).answer();
    expect(server.completions[0]?.body.files).toMatchObject([{ id: "f2" }]);
  });

  it("that could not be processed is refused with the server's reason, before there is a chat", async () => {
    statuses = ["processing", "failed"];
    const { server, ask } = openFilesStage();
    await expect(ask({ files: [path] }).answer()).rejects.toMatchObject({
      code: "bad_input",
      message: expect.stringMatching(/"ferry.txt" .* it holds no text/),
    });
    expect(server.chats.size).toBe(0);
  });

  it("that is not there is refused before anything is sent", async () => {
    const { ask } = openFilesStage();
    const turn = ask({ knowledge: ["Boats"], files: [path, join(folder, "nowhere.txt")] });
    await expect(turn.answer()).rejects.toMatchObject({ code: "bad_input" });
    expect(calls).toEqual([]);
  });

  it("is found by its hash when a process died after sending it", async () => {
    const { server, ask } = openFilesStage();
    const ids = { userMessageId: "q", answerIds: ["a"], sessionId: "s" };
    await ask({ files: [path] }).answer();
    server.chats.clear();
    await ask({ files: [path], ids, resume: true }).answer();
    expect(files).toHaveLength(1);
  });

  it("is waited for no longer once the turn is cancelled", async () => {
    statuses = ["processing"];
    const { server, ask } = openFilesStage();
    const turn = ask({ files: [path] });
    for await (const event of turn) if (event.type === "state") break;
    expect(await turn.cancel()).toBe("cancelled");
    expect(server.chats.size).toBe(0);
  });
});

describe("a collection", () => {
  const boats = { id: "k1", name: "Boats", description: "", files_count: 2, status: "processed" };

  it("is named by its name", async () => {
    collections = [boats, { id: "k2", name: "Trains", files_count: 1 }];
    const { server, ask } = openFilesStage();
    await ask({ knowledge: ["boats"], files: [path] }).answer();
    expect(server.completions[0]?.body.files).toMatchObject([
      { type: "collection", id: "k1", name: "Boats", status: "processed" },
      { type: "file", id: "f1" },
    ]);
  });

  it.each([
    ["unknown", [boats], /No collection has the name or id "Cars"/],
    ["empty", [{ ...boats, name: "Cars", files_count: 0 }], /is empty/],
    ["ambiguous", [boats, { ...boats, id: "k2" }].map((row) => ({ ...row, name: "Cars" })), /2 collections/],
  ])("that is %s is refused before anything is uploaded", async (_, rows, sentence) => {
    collections = rows;
    const { server, ask } = openFilesStage();
    const turn = ask({ knowledge: ["Cars"], files: [path] });
    await expect(turn.answer()).rejects.toMatchObject({
      code: "bad_input",
      message: expect.stringMatching(sentence),
    });
    expect({ files, chats: server.chats.size }).toEqual({ files: [], chats: 0 });
  });

  it("that is still processing is waited for", async () => {
    const told = ["processing", "processing", "processed"];
    const toJSON = () => ({ ...boats, status: told.shift() });
    collections = [{ id: "k1", toJSON }];
    const { ask } = openFilesStage();
    await ask({ knowledge: ["Boats"] }).answer();
    expect(calls).toEqual(["/", "/k1", "/k1"].map((path) => `GET /api/v1/knowledge${path}`));
  });
});

describe("the next turn of a chat", () => {
  it("is asked about the chat's files too, without those that are gone", async () => {
    collections = [{ id: "k1", name: "Boats", files_count: 2 }];
    const { server, ask } = openFilesStage();
    const { chatId } = await ask({ knowledge: ["Boats"] }).answer();
    await ask({ chatId, files: [path] }).answer();
    await ask({ chatId }).answer();
    collections = [];
    await ask({ chatId }).answer();
    files = [];
    await ask({ chatId }).answer();
    const asked = server.completions.map(({ body }) => (body.files as { id: string }[]).map(({ id }) => id));
    expect(asked).toEqual([["k1"], ["k1", "f1"], ["k1", "f1"], ["f1"], []]);
    expect(server.chats.get(chatId)?.chat.files).toMatchObject([{ id: "k1" }, { id: "f1" }]);
  });
});

it("an empty path or name is refused at once", () => {
  const { ask } = openFilesStage();
  expect(() => ask({ files: [""] })).toThrow(/is empty/);
  expect(() => ask({ knowledge: [""] })).toThrow(/is empty/);
});
