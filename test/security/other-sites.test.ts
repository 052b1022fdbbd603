import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/server/index.ts";
import { account, openStage, type Stage } from "../support/server.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ server: { guard: { allowedHosts: ["chat.example.com"] } } });
});
afterAll(() => stage?.close());

/** A request to the letter: `fetch` would not let a caller name host and origin. */
function send(
  baseUrl: string,
  options: { method?: string; path: string; headers: Record<string, string>; body?: unknown },
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(baseUrl);
  const { method = "GET", path, headers, body } = options;
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe("a stranger's name that points at this machine (DNS rebinding)", () => {
  test.each(["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example"])(
    "gets nothing: %s",
    async (host) => {
      for (const path of ["/api/config", "/api/v1/auths/", "/", "/openapi.json", "/api/nothing"]) {
        const { status, text } = await send(stage.url, { path, headers: { host } });
        expect(status, path).toBe(403);
        expect(JSON.parse(text).detail).toContain("OFFSTAGE_ALLOWED_HOSTS");
      }
    },
  );

  test("gets no socket either", async () => {
    const socket = io(stage.url, {
      path: "/ws/socket.io",
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      extraHeaders: { host: "evil.example" },
    });
    const failure = await new Promise<Error>((resolve) => socket.once("connect_error", resolve));
    socket.disconnect();
    expect(failure).toBeInstanceOf(Error);
  });

  test.each([
    "127.0.0.1",
    "localhost:8080",
    "[::1]:8080",
    "app.localhost",
    "Chat.Example.com:443",
    "10.0.0.7",
  ])("is told from the server's own names: %s", async (host) => {
    expect((await send(stage.url, { path: "/api/version", headers: { host } })).status).toBe(200);
  });
});

describe("a page of another site (CSRF)", () => {
  const fromElsewhere: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "http://localhost:3000" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ];

  test.each(fromElsewhere)("cannot act with the cookie of this site: %j", async (headers) => {
    const cookie = `token=${stage.owner.token}`;
    const body = { name: "Eve" };
    const path = "/api/v1/auths/update/profile";
    const reply = await send(stage.url, { method: "POST", path, headers: { ...headers, cookie }, body });
    expect(reply.status).toBe(403);
    expect((await stage.owner.get("/api/v1/auths/")).body.name).toBe("owner");
  });

  test.each(fromElsewhere)("cannot claim a server that waits for its first user: %j", async (headers) => {
    const dataDir = await mkdtemp(join(tmpdir(), "offstage-unclaimed-"));
    const server = await startServer({
      dataDir,
      port: 0,
      local: false,
      embedder: { kind: "none" },
      log: "silent",
    });
    try {
      const signUp = { method: "POST", path: "/api/v1/auths/signup", body: account("eve") };
      expect((await send(server.url, { ...signUp, headers })).status).toBe(403);
      expect(
        (await send(server.url, { ...signUp, headers: { "sec-fetch-site": "same-origin" } })).status,
      ).toBe(200);
    } finally {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test("is no concern of programs, which name no site, and of pages behind a proxy that changes the host", async () => {
    const { email, password } = account("owner");
    const signIn = { method: "POST", path: "/api/v1/auths/signin", body: { email, password } };
    expect((await send(stage.url, { ...signIn, headers: {} })).status).toBe(200);
    const proxied = {
      host: "127.0.0.1:8080",
      origin: "https://chat.example.com",
      "sec-fetch-site": "same-origin",
    };
    expect((await send(stage.url, { ...signIn, headers: proxied })).status).toBe(200);
  });
});
