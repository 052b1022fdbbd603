import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, finalMessage } from "../support/chat.ts";
import { openStage, type Stage } from "../support/server.ts";
import { isDone, openTab } from "../support/socket.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

/** Ids as they may stand in a URL; some are no valid encoding. */
const ODD_IDS = [
  "%00",
  "%0a",
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "%E0%A4%A",
  "%",
  "%ff",
  "%F0%9F%87%AB",
  "%ED%A0%80",
  "__proto__",
  "constructor",
  "' or 1=1 --",
  "a".repeat(3_000),
  "%2F",
  ".",
  " ",
  "*",
  "null",
  "undefined",
].map((id) => id.replaceAll(" ", "%20"));

const PATHS = [
  "/api/v1/chats/ID",
  "/api/v1/chats/ID/tags",
  "/api/v1/chats/?page=ID",
  "/api/v1/chats/search?text=ID",
  "/api/v1/models/model?id=ID",
  "/api/tasks/chat/ID",
  "/api/v1/knowledge/ID",
  "/api/v1/knowledge/ID/files",
  "/ID",
];

/** One raw HTTP/1.1 exchange, for what `fetch` would not send. Resolves with the status, or 0 if none came. */
function raw(head: string): Promise<number> {
  const { hostname, port } = new URL(stage.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (part) => {
      text += part;
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve(0) : reject(error),
    );
    socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)));
    socket.write(
      `${head}\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${stage.owner.token}\r\n\r\n`,
    );
  });
}

describe("odd addresses are answered, never with a 5xx", () => {
  test.each(PATHS)("%s", async (path) => {
    for (const id of ODD_IDS) {
      for (const method of ["GET", "DELETE", "POST", "OPTIONS", "HEAD", "PUT"]) {
        const status = await raw(`${method} ${path.replace("ID", id)} HTTP/1.1`);
        expect(status, `${method} ${path} with ${id.slice(0, 50)}`).toBeGreaterThanOrEqual(200);
        expect(status, `${method} ${path} with ${id.slice(0, 50)}`).toBeLessThan(500);
      }
    }
  });

  test("what is no HTTP is closed, and the server goes on", async () => {
    for (const head of [
      "garbage",
      "GET / HTTP/9.9",
      "\u0000\u0001",
      `GET /${"a".repeat(100_000)} HTTP/1.1`,
    ]) {
      expect(await raw(head)).toBeLessThan(500);
    }
    expect((await stage.owner.get("/health")).status).toBe(200);
  });
});

describe("odd sockets", () => {
  test("junk from a page breaks nothing for it or others", async () => {
    const [junky, other] = await Promise.all([
      openTab(stage.url, stage.owner.token),
      openTab(stage.url, stage.owner.token),
    ]);
    const junk = [
      undefined,
      null,
      1,
      "text",
      [],
      {},
      { chat_id: null },
      { chat_id: 1, data: { type: {} } },
      { chat_id: "__proto__", data: { type: "join" } },
      { chat_id: "x".repeat(10_000), data: { type: "join" } },
      { auth: null },
      { auth: { token: {} } },
      { auth: { token: "garbage" } },
    ];
    const names = [
      "user-join",
      "events:chat",
      "heartbeat",
      "usage",
      "join-channels",
      "no such event",
      "__proto__",
    ];
    for (const name of names) {
      for (const payload of junk) {
        junky.socket.emit(name, payload);
        junky.socket.emit(name, payload, () => undefined);
      }
    }
    const chat = await askedChat(stage.owner);
    expect((await complete(stage.owner, completionBody(chat))).status).toBe(200);
    await finalMessage(stage.owner, chat.chatId, chat.answerId);
    await other.waitFor(isDone(chat.answerId));
    for (const tab of [junky, other]) tab.close();
  });
});
