import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatOf, newChat, userMessage } from "../support/chat.ts";
import { type Json, parseJson } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const LIMIT = 64 * 1024;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ server: { limits: { maxBodyBytes: LIMIT } } });
});
afterAll(() => stage?.close());

/** Sends parts until the answer comes, or the parts end; what breaks after the answer does not matter. */
function send(
  path: string,
  headers: Record<string, string>,
  parts: Iterable<string>,
): Promise<{ status: number; body: Json; partsSent: number }> {
  return new Promise((resolve, reject) => {
    let partsSent = 0;
    let answered = false;
    const outgoing = request(stage.url + path, {
      method: "POST",
      agent: false,
      headers: {
        authorization: `Bearer ${stage.owner.token}`,
        "content-type": "application/json",
        ...headers,
      },
    });
    outgoing.on("response", (response) => {
      answered = true;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => {
        text += part;
      });
      response.on("error", reject);
      response.on("end", () => {
        outgoing.destroy();
        resolve({ status: response.statusCode!, body: parseJson(text), partsSent });
      });
    });
    outgoing.on("error", (error) => {
      if (!answered) reject(error);
    });
    (async () => {
      for (const part of parts) {
        if (answered || outgoing.destroyed) return;
        partsSent += 1;
        if (!outgoing.write(part)) {
          await new Promise<void>((go) => {
            outgoing
              .once("drain", go)
              .once("close", go)
              .once("response", () => go());
          });
        }
        await new Promise(setImmediate);
      }
      outgoing.end();
    })().catch(reject);
  });
}

const PATHS = ["/api/v1/chats/new", "/api/chat/completions", "/api/v1/auths/signin"];

describe("a body over the limit is a 413", () => {
  test.each(PATHS)("when its length says so: %s", async (path) => {
    const body = JSON.stringify({ chat: { mine: "x".repeat(LIMIT) } });
    const { status, body: answer } = await send(path, { "content-length": String(body.length) }, [body]);
    expect(status).toBe(413);
    expect(answer.detail).toMatch(/\w+ \w+/);
  });

  test.each(PATHS)("when it streams in without a length, before its end: %s", async (path) => {
    const part = "x".repeat(8 * 1024);
    const endless = (function* () {
      yield '{"chat":{"mine":"';
      for (let index = 0; index < 4_000; index += 1) yield part;
      yield '"}}';
    })();
    const { status, body: answer, partsSent } = await send(path, { "transfer-encoding": "chunked" }, endless);
    expect(status).toBe(413);
    expect(answer.detail).toMatch(/\w+ \w+/);
    expect(partsSent).toBeLessThan(4_000);
  });

  test("a body just under it is taken, also streamed", async () => {
    const body = JSON.stringify({ chat: chatOf([userMessage("u", "x".repeat(20_000))]) });
    const halves = [body.slice(0, 10_000), body.slice(10_000)];
    expect((await send("/api/v1/chats/new", { "transfer-encoding": "chunked" }, halves)).status).toBe(200);
  });

  test("the server is alive afterwards", async () => {
    expect((await newChat(stage.owner, {})).success).toBe(true);
  });
});
