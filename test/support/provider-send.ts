import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { DONE, type StreamPlan } from "./provider-answer.ts";

/** The directives that end a stream before its time. */
export const CUTS = ["abort", "sseerror", "nodone", "stall"] as const;

/** How an answer is sent: waits in milliseconds, and where and how it is cut. */
export interface Pace {
  firstMs: number;
  delayMs: number;
  cut: (typeof CUTS)[number] | undefined;
  /** Tokens before the cut. */
  cutAfter: number;
}

export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
};

/** Sends an answer as events, one write a token. `destroy` is how `abort` cuts the socket. */
export function sendStream(
  response: ServerResponse,
  plan: StreamPlan,
  { firstMs, delayMs, cut, cutAfter }: Pace,
  onToken: () => void,
  destroy: (response: ServerResponse) => void,
): void {
  whileOpen(response, async (signal) => {
    await wait(firstMs, signal);
    response.writeHead(200, SSE_HEADERS);
    response.write(plan.head);
    for (const piece of cut === undefined ? plan.pieces : plan.pieces.slice(0, cutAfter)) {
      await wait(delayMs, signal);
      if (!response.write(piece)) await once(response, "drain", { signal });
      onToken();
    }
    if (cut === undefined) response.end(plan.tail);
    else if (cut === "nodone") response.end();
    else if (cut === "sseerror") {
      const error = errorBody("mock failure in mid-stream", "overloaded");
      response.end(`data: ${JSON.stringify({ error })}\n\n${DONE}`);
    } else if (cut === "abort") {
      // Destroyed only once all before it has left.
      await new Promise<void>((resolve) => response.write(": cut\n\n", () => resolve()));
      destroy(response);
    }
  });
}

/** Sends an answer as one JSON body, after the time that its tokens take. */
export function sendWhole(
  response: ServerResponse,
  body: object,
  { firstMs, delayMs }: Pace,
  tokens: number,
  onToken: () => void,
): void {
  whileOpen(response, async (signal) => {
    await wait(firstMs + delayMs * tokens, signal);
    for (let count = 0; count < tokens; count++) onToken();
    sendJson(response, 200, body);
  });
}

/** Sends OpenAI's error body. */
export function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  code: string | null,
): void {
  sendJson(response, status, { error: errorBody(message, code) });
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  response.writeHead(status, headers);
  response.end(text);
}

function errorBody(message: string, code: string | null) {
  return { message, type: "mock_error", code };
}

/** Runs `send` with a signal that is aborted when the client goes away; leaves no timer behind. */
function whileOpen(response: ServerResponse, send: (signal: AbortSignal) => Promise<void>): void {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  send(gone.signal).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal });
}
