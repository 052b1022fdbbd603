import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, newChat } from "../support/chat.ts";
import { createCaller } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const PAGE = "<html>the page</html>";
const FILES = {
  "site/open_webui/frontend/index.html": PAGE,
  "site/open_webui/frontend/_app/immutable/chunk.abc.js": "export {}",
  "site/open_webui/frontend/_app/version.json": '{"version":"33c1978"}',
  "site/open_webui/frontend/static/favicon.png": "png",
  "site/open_webui/frontend/wasm/x.wasm": "wasm",
  "site/open_webui/static/logo.png": "logo",
  "site/open_webui/config.py": "secret",
  "site/open_webui-0.6.15.dist-info/METADATA": "Version: 0.6.15",
  "site/open_webui/frontend/_app/immutable/long.abc.js": "/* long */".repeat(1_000),
  "site/open_webui/frontend/audio/name with spaces.mp3": "0123456789",
  "outside.txt": "secret",
};

let folder: string;
let stage: Stage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-frontend-"));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await symlink(join(folder, "outside.txt"), join(folder, "site/open_webui/frontend/static/link.txt"));
  stage = await openStage({ server: { frontend: join(folder, "site/open_webui/frontend") } });
});
afterAll(async () => {
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Reply {
  status: number;
  type: string;
  cache: string;
  text: string;
  headers: IncomingHttpHeaders;
}

/** Asks for a path to the letter, which `fetch` would tidy up. */
function ask(path: string, method = "GET", headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stage.url);
    request({ hostname, port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const { "content-type": type = "", "cache-control": cache = "" } = response.headers;
        const bytes = Buffer.concat(parts);
        const isGzip = response.headers["content-encoding"] === "gzip" && bytes.length > 0;
        const text = (isGzip ? gunzipSync(bytes) : bytes).toString();
        resolve({ status: response.statusCode ?? 0, type, cache, text, headers: response.headers });
      });
    })
      .on("error", reject)
      .end();
  });
}

describe("a web UI's files", () => {
  test.each([
    ["/", "text/html", "no-cache", PAGE],
    ["/c/0198-some-chat", "text/html", "no-cache", PAGE],
    ["/auth?redirect=%2Fc%2F1", "text/html", "no-cache", PAGE],
    ["/s/shared", "text/html", "no-cache", PAGE],
    ["/_app/immutable/chunk.abc.js", "text/javascript", "immutable", "export {}"],
    ["/_app/version.json", "application/json", "no-cache", '{"version":"33c1978"}'],
    ["/static/favicon.png", "image/png", "no-cache", "png"],
    ["/static/logo.png", "image/png", "no-cache", "logo"],
    ["/wasm/x.wasm", "application/wasm", "no-cache", "wasm"],
  ])("%s is served as %s, %s", async (path, type, cache, text) => {
    const reply = await ask(path);
    expect(reply).toMatchObject({ status: 200, text });
    expect(reply.type).toContain(type);
    expect(reply.cache).toContain(cache);
  });

  test.each(["/_app/immutable/gone.js", "/static/gone.png", "/favicon.ico"])(
    "%s, which is not there, is a 404 and no page",
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  test.each([
    "/../config.py",
    "/static/../../config.py",
    "/static/../config.py",
    "/%2e%2e/config.py",
    "/..%2fconfig.py",
    "/static/..%2f..%2f..%2f..%2foutside.txt",
    "/static/%2e%2e/config.py",
    "/static//../config.py",
    "/..%5c..%5coutside.txt",
    "/%00",
    "/static/\\..\\config.py",
    "/%c0%ae%c0%ae/config.py",
    "/static/link.txt",
    `/${"../".repeat(40)}etc/passwd`,
  ])("%s leads nowhere outside", async (path) => {
    const { status, text } = await ask(path);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/secret|root:/);
  });

  test.each([
    "/api",
    "/api/nothing",
    "/api/v1/nothing",
    "/ws/nothing",
    "/openai/nothing",
    "/ollama/api/nothing",
  ])("%s is the API's: a JSON 404", async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, type: "application/json" });
  });

  const LONG = "/_app/immutable/long.abc.js";

  test("text goes compressed to whom takes that, the same each time", async () => {
    for (const _ of [1, 2]) {
      const reply = await ask(LONG, "GET", { "accept-encoding": "br, gzip" });
      expect(reply.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding" });
      expect(Number(reply.headers["content-length"])).toBeLessThan(200);
      expect(reply.text).toBe(FILES[`site/open_webui/frontend${LONG}`]);
    }
  });

  test.each([
    ["to nobody else", LONG, {}],
    ["where it is refused", LONG, { "accept-encoding": "gzip;q=0" }],
    ["where it would save nothing", "/_app/immutable/chunk.abc.js", { "accept-encoding": "gzip" }],
    ["in parts", LONG, { "accept-encoding": "gzip", range: "bytes=0-" }],
  ])("%s", async (_whom, path, headers) => {
    const reply = await ask(path, "GET", headers);
    expect(reply.headers["content-encoding"]).toBeUndefined();
    expect(reply.text).toBe(FILES[`site/open_webui/frontend${path}` as keyof typeof FILES]);
  });

  test.each([LONG, "/", "/c/some-chat", "/static/logo.png"])(
    "%s is not sent to whom has it",
    async (path) => {
      const { etag = "", "last-modified": modified = "" } = (await ask(path)).headers;
      const known: Record<string, string>[] = [
        { "if-none-match": etag },
        { "if-none-match": `"other", ${etag}` },
        { "if-none-match": "*" },
        { "if-modified-since": modified },
        { "if-none-match": etag, "accept-encoding": "gzip" },
      ];
      for (const headers of known) {
        for (const method of ["GET", "HEAD"]) {
          expect(await ask(path, method, headers)).toMatchObject({
            status: 304,
            text: "",
            headers: { etag },
          });
        }
      }
      const unknown: Record<string, string>[] = [
        { "if-none-match": '"other"', "if-modified-since": modified },
        { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
        { "if-modified-since": "once" },
      ];
      for (const headers of unknown) expect((await ask(path, "GET", headers)).status).toBe(200);
    },
  );

  test.each([LONG, "/", "/static/logo.png"])(
    "HEAD of %s says what GET says, without the body",
    async (path) => {
      for (const encoding of ["identity", "gzip"]) {
        const headers = { "accept-encoding": encoding };
        const [got, headed] = [await ask(path, "GET", headers), await ask(path, "HEAD", headers)];
        expect(headed).toMatchObject({ status: 200, text: "" });
        expect({ ...headed.headers, date: "" }).toEqual({ ...got.headers, date: "" });
      }
    },
  );

  test.each([
    ["bytes=2-4", 206, "234"],
    ["bytes=-3", 206, "789"],
    ["bytes=8-99999999999999999999", 206, "89"],
    ["bytes=99999999999999999999-", 416, ""],
    ["bytes=5-2", 416, ""],
    ["bytes=-0", 416, ""],
    ["bytes=0-1,4-5", 206, "0123456789"],
    ["lines=1-2", 206, "0123456789"],
    [`bytes=${"9".repeat(4_000)}-${"9".repeat(4_000)}`, 416, ""],
  ])("the range %s of ten bytes is answered with %d", async (range, status, text) => {
    expect(await ask("/audio/name%20with%20spaces.mp3", "GET", { range })).toMatchObject({ status, text });
  });

  test.each(["POST", "DELETE", "PUT"])("%s is answered by no page", async (method) => {
    expect((await ask("/c/1", method)).status).toBe(404);
  });
});

test("the page learns the name and the version that it expects; clients learn what the server is", async () => {
  const anyone = createCaller(stage.url, "");
  expect(expectOk(await anyone.get("/api/config"))).toMatchObject({ name: "Open WebUI", version: "0.6.15" });
  expect(expectOk(await anyone.get("/api/version")).version).toBe("0.12.4");
  expect(expectOk(await stage.owner.get("/api/version/updates"))).toEqual({
    current: "0.6.15",
    latest: "0.6.15",
  });
});

test.each([
  ["a page's", { origin: "http://127.0.0.1" }, ["chat-events"]],
  ["another client's", {}, ["chat-events", "events"]],
])("%s socket is spoken to in %j", async (_whose, headers, dialects) => {
  const socket = io(stage.url, {
    path: "/ws/socket.io",
    transports: ["websocket"],
    auth: { token: stage.owner.token },
    extraHeaders: headers as Record<string, string>,
    forceNew: true,
  });
  const heard = new Set<string>();
  const titled = Promise.withResolvers<void>();
  socket.onAny((name: string, envelope: { data?: { data?: { done?: boolean } } }) => {
    heard.add(name);
    if (envelope.data?.data?.done === true) titled.resolve();
  });
  await new Promise<void>((resolve) => socket.on("connect", resolve));
  try {
    await socket.emitWithAck("user-join", { auth: { token: stage.owner.token } });
    await complete(stage.owner, completionBody(await askedChat(stage.owner)));
    await titled.promise;
    await socket.emitWithAck("user-join", { auth: { token: stage.owner.token } });
    expect([...heard].toSorted()).toEqual(dialects);
  } finally {
    socket.close();
  }
});

test("a page that shows a chat has read it; it cannot say so of somebody else's", async () => {
  const ann = await stage.addUser("ann");
  const { id } = await newChat(ann, { title: "Mine" });
  expectOk(await ann.post(`/api/v1/chats/${id}/unread`));
  const lastRead = async () => expectOk(await ann.get("/api/v1/chats/"))[0].last_read_at;
  for (const [caller, isRead] of [
    [stage.owner, false],
    [ann, true],
  ] as const) {
    const socket = io(stage.url, {
      path: "/ws/socket.io",
      transports: ["websocket"],
      auth: { token: caller.token },
      forceNew: true,
    });
    try {
      await socket.emitWithAck("events:chat", { chat_id: id, data: { type: "last_read_at" } });
      await expect.poll(lastRead, { timeout: 2_000 }).satisfy((at: number) => at > 0 === isRead);
    } finally {
      socket.close();
    }
  }
});

describe("settings", () => {
  test("are null at first; what is named is replaced, the rest stays, and each user has their own", async () => {
    const bob = await stage.addUser("bob");
    expect(expectOk(await bob.get("/api/v1/users/user/settings"))).toBeNull();
    expectOk(await bob.post("/api/v1/users/user/settings/update", { ui: { theme: "dark" }, other: 1 }));
    expectOk(await bob.post("/api/v1/users/user/settings/update", { ui: { version: "0.6.15" } }));
    expect(expectOk(await bob.get("/api/v1/users/user/settings"))).toEqual({
      ui: { version: "0.6.15" },
      other: 1,
    });
    expect(expectOk(await stage.owner.get("/api/v1/users/user/settings"))).toBeNull();
  });

  test("a user has another name at once", async () => {
    const eve = await stage.addUser("eve");
    expect(expectOk(await eve.post("/api/v1/auths/update/profile", { name: "Evelyn" })).name).toBe("Evelyn");
    const session = expectOk(await eve.get("/api/v1/auths/"));
    expect(session.name).toBe("Evelyn");
    expect(expectOk(await stage.owner.get(`/api/v1/users/${session.id}`)).name).toBe("Evelyn");
  });
});

test.each(["/api/v1/users/u1/profile/image", "/api/v1/models/model/profile/image?id=%3Cscript%3E"])(
  "%s is a picture that says nothing of its name",
  async (path) => {
    const { status, type, text } = await ask(path);
    expect({ status, type }).toEqual({ status: 200, type: "image/svg+xml" });
    expect(text).not.toContain("script");
  },
);
