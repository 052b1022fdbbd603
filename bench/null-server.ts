/**
 * Answers the seven steps of a flow at once and does nothing else: what the driver reaches against it is the driver's
 * own ceiling. Started as `node bench/null-server.ts`; says `null server listening on URL`.
 */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EXPECTED_ANSWER, type InputChat } from "./inputs.ts";

export const READY_PREFIX = "null server listening on ";

export interface NullServer {
  url: string;
  close(): Promise<void>;
}

/** Starts it on 127.0.0.1, on a free port. */
export async function startNullServer(): Promise<NullServer> {
  /** The newest of each chat, as text: with the answer in it once the placeholder was posted. */
  const records = new Map<string, string>();

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => respond(request.url!, Buffer.concat(parts).toString(), response));
  });
  server.keepAliveTimeout = 60_000;

  function respond(path: string, body: string, response: ServerResponse): void {
    const reply = replyTo(path, body);
    if (reply === undefined) response.writeHead(404, { "content-length": 0 });
    else {
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(reply),
      });
    }
    response.end(reply);
  }

  function replyTo(path: string, body: string): string | undefined {
    if (path === "/api/chat/completions") return '{"status":true,"task_id":"null-task"}';
    if (path === "/api/chat/completed") return body;
    const id =
      path === "/api/v1/chats/new" ? `null-chat-${records.size}` : path.slice("/api/v1/chats/".length);
    if (body !== "") records.set(id, answeredRecord(id, (JSON.parse(body) as { chat: InputChat }).chat));
    return records.get(id);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const ended = once(server, "close");
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}

/** The record that a flow may find at its end: the posted chat, its answer finished, its title made. */
function answeredRecord(id: string, chat: InputChat): string {
  for (const message of chat.messages) if (message.role === "assistant") answer(message);
  for (const message of Object.values(chat.history.messages))
    if (message.role === "assistant") answer(message);
  const title = "A generated title";
  return JSON.stringify({
    success: true,
    id,
    title,
    chat: { ...chat, id, title, history: { ...chat.history, currentId: chat.history.current_id } },
  });
}

function answer(message: { content: string; done?: boolean }): void {
  message.content = EXPECTED_ANSWER;
  message.done = true;
}

if (import.meta.main) process.stdout.write(`${READY_PREFIX}${(await startNullServer()).url}\n`);
