import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CAPABILITIES } from "../../src/contract/capabilities.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { recordedExchange } from "../support/recordings.ts";
import { offstage, type RunningCommand, startOffstage } from "./run-offstage.ts";

const UNKNOWN_CHAT = "4f6c0000-0000-4000-8000-000000000000";

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("offstage doctor on our own server", () => {
  let folder: string;
  let provider: TestProvider;
  let serve: RunningCommand;
  let url: string;
  let token: string;
  let chatId: string;
  let tutorialChatId: string;

  const onFolder = () => ({
    OFFSTAGE_DATA_DIR: folder,
    OPENAI_API_BASE_URLS: provider.url,
    OPENAI_API_KEYS: "provider-key",
  });
  const doctor = (...args: string[]) =>
    offstage(["doctor", ...args], { OFFSTAGE_URL: url, OFFSTAGE_TOKEN: token });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "offstage-doctor-"));
    provider = await startProvider({ strict: true });
    serve = startOffstage(["serve", "--port", "0"], onFolder());
    [, url] = (await serve.seen("stdout", /^offstage listening on (\S+)\n$/)) as [string, string];
    token = (await offstage(["token"], onFolder())).stdout.trim();
    const asked = await offstage(["ask", "--json", "Hi", "--url", url, "--token", token]);
    chatId = JSON.parse(asked.stdout).chat_id;
    const posted = await fetch(`${url}/api/v1/chats/new`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(recordedExchange("0.6.15/10_step1_new").request.body),
    });
    tutorialChatId = ((await posted.json()) as { id: string }).id;
  });

  afterAll(async () => {
    serve.child.kill("SIGTERM");
    expect((await serve.ended).code).toBe(0);
    await provider.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("tells what the server can do and which way the flow goes, in lines of 100 columns", async () => {
    const { code, stdout } = await doctor();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^offstage \S+ as Open WebUI \d\S+ at http/);
    expect(stdout).toMatch(/^models that the token may use: \d+\npath: offstage\n {2}Completions /m);
    for (const name of ["link_parent", "link_message", "server_turns", "history_merge", "parallel_safe"]) {
      expect(stdout).toMatch(new RegExp(`^${name} +yes +it is offstage's own server$`, "m"));
    }
    expect(stdout).toMatch(/^stop_scope +chat /m);
    expect(stdout).toMatch(/^text_location +- +content is read, else/m);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
    expect(stdout).not.toContain(token);
  });

  test("tells it as JSON, and without a URL of the server on the data folder", async () => {
    const { code, stdout } = await offstage(["doctor", "--json"], onFolder());
    expect(code).toBe(0);
    const described = JSON.parse(stdout);
    expect(described).toMatchObject({
      url,
      standing: "known",
      path: "offstage",
      models: expect.arrayContaining(["gpt-4o"]),
    });
    expect(described.capabilities).toHaveLength(Object.keys(CAPABILITIES).length);
    expect(described.capabilities).toContainEqual({
      name: "server_turns",
      value: true,
      found: "follows",
      foundBy: "it is offstage's own server",
      meaning: expect.any(String),
      why: expect.any(String),
    });
  });

  test("does not take a wrong token for a good one", async () => {
    const { code, stdout, stderr } = await offstage(["doctor", "--url", url, "--token", "wrong"]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("Check the token");
  });

  test("finds nothing in a chat that the flow made", async () => {
    const { code, stdout } = await doctor("--json", "--chat", chatId);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([
      { id: chatId, title: expect.any(String), findings: [] },
      { chats: 1, broken: 0, misleading: 0, healthy: 1 },
    ]);
  });

  test("tells what misleads in every chat, and exits with 0 as long as nothing breaks", async () => {
    const { code, stdout, stderr } = await doctor("--all");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${chatId} healthy `, "m"));
    expect(stdout).toMatch(
      new RegExp(`^${tutorialChatId} misleading New Chat\n- misleads \\(millisecond_timestamp\\): `, "m"),
    );
    expect(stderr).toBe("2 chats: 0 broken, 1 misleading, 1 healthy\n");
  });

  test("refuses an unknown chat, and --chat beside --all", async () => {
    expect(await doctor("--chat", UNKNOWN_CHAT)).toMatchObject({ code: 4, stdout: "" });
    expect(await doctor("--chat", chatId, "--all")).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("offstage doctor on a server of a version that nobody tried", () => {
  test.each([
    ["0.99.0", "newer than any that was tried: looked at and used like the others"],
    ["0.0.0", "no version that was tried: looked at and used like the others"],
  ])("says so of %s, and how each answer was found", async (version, standing) => {
    const answers = (call: string): [number, unknown] => {
      if (call === "GET /api/version") return [200, { version }];
      if (call === "GET /api/models") return [200, { data: [{ id: "m" }] }];
      return call.startsWith("POST /api/tasks/chat/")
        ? [200, { status: true }]
        : [404, { detail: "Chat not found" }];
    };
    const server = createServer((request, response) => {
      const [status, body] = answers(`${request.method} ${request.url}`);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await offstage(["doctor", "--url", `http://127.0.0.1:${port}`, "--token", "t"]);
    server.close();
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining([
        `Open WebUI ${version} at http://127.0.0.1:${port}`,
        standing,
        "path: server-turns",
        "server_turns           yes   it has POST /api/tasks/chat/{id}/stop",
        "history_merge          yes   it has DELETE /api/v1/chats/{id}/messages/{id}",
        "link_parent            yes   follows from link_message",
        "parallel_safe          no    follows from server_turns",
      ]),
    );
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });
});

/** Our own server mends what is posted to it, so that broken chats are served from recordings of real ones. */
describe("offstage doctor on a server with broken chats", () => {
  const posts: string[] = [];
  const chats = new Map(
    [recordedExchange("0.6.15/10_step1_new"), recordedExchange("0.12.4/70-one-call-session", "get")].map(
      ({ response }) => [(response.body as { id: string }).id, response.body],
    ),
  );
  const [brokenId, healthyId] = [...chats.keys()] as [string, string];
  const answers = (path: string): unknown => {
    if (path.startsWith("/api/tasks/chat/")) return { task_ids: [] };
    if (path === "/api/v1/chats/?page=1") return [...chats.values()];
    return path.startsWith("/api/v1/chats/?page=") ? [] : chats.get(path.slice("/api/v1/chats/".length));
  };
  let server: Server;
  let env: Record<string, string>;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.method !== "GET") posts.push(`${request.method} ${request.url}`);
      const body = answers(request.url ?? "");
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body ?? { detail: "Not Found" }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    env = { OFFSTAGE_URL: `http://127.0.0.1:${port}`, OFFSTAGE_TOKEN: "token" };
  });

  afterAll(async () => {
    server.close();
    await once(server, "close");
    expect(posts).toEqual([]);
  });

  test("names them with what would mend them and exits with 7", async () => {
    const { code, stdout, stderr } = await offstage(["doctor", "--all"], env);
    expect(code).toBe(7);
    expect(stdout).toMatch(new RegExp(`^${brokenId} broken New Chat\n- breaks \\(`, "m"));
    expect(stdout).toContain("Set history.currentId to 'user-msg-id'.");
    expect(stdout).toMatch(
      new RegExp(`^${healthyId} healthy Capital of France\n- note \\(messages_behind\\)`, "m"),
    );
    expect(stderr).toBe("2 chats: 1 broken, 0 misleading, 1 healthy\n");
  });

  test("tells everything as a line of JSON a chat, then the counts", async () => {
    const { code, stdout } = await offstage(["doctor", "--json", "--chat", brokenId], env);
    expect(code).toBe(7);
    expect(jsonLines(stdout)).toEqual([
      {
        id: brokenId,
        title: "New Chat",
        findings: expect.arrayContaining([
          {
            code: "current_id_only",
            severity: "breaks",
            messageId: null,
            sentence: expect.stringContaining("'user-msg-id'"),
            mend: "Set history.currentId to 'user-msg-id'.",
          },
        ]),
      },
      { chats: 1, broken: 1, misleading: 0, healthy: 0 },
    ]);
  });
});
