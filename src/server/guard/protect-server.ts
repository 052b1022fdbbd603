import { type Server, type ServerOptions, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Limits } from "../config.ts";

/** On every answer that does not say otherwise: nothing in it is a page, and no page may frame it. */
const HEADERS = Object.entries({
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
});

/** What a served web UI may do: all that its own pages need, but no strange frame, base, form target or plug-in. */
export const PAGE_POLICY = "frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'";

/** What our own pages may do: show and run what this server sends, and speak with it. */
export const OWN_PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** How often Node looks for requests that take too long. */
const LOOK_EVERY_MS = 1_000;
/** Longer than common proxies and clients keep idle connections. */
const KEEP_ALIVE_MS = 65_000;

/** The limits that Node's HTTP server keeps by itself. */
export function serverOptions(limits: Limits): ServerOptions {
  const { maxHeaderBytes, headersTimeoutMs, requestTimeoutMs } = limits;
  return {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: LOOK_EVERY_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
}

/** By Node's code of a request that it could not read. */
const REFUSALS: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    detail: "The headers of the request are larger than this server takes.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "The request took too long to arrive." },
};

/** Puts the security headers on every answer, and a sentence into those to requests that no route ever sees. */
export function protectServer(server: Server): void {
  server.prependListener("request", (_, response) => {
    for (const [name, value] of HEADERS) response.setHeader(name, value);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    // An answer that has begun cannot become another one.
    const { _httpMessage: begun } = socket as Duplex & { _httpMessage?: ServerResponse };
    if (!socket.writable || error.code === "ECONNRESET" || begun?.headersSent) {
      socket.destroy();
      return;
    }
    const { status, detail } = REFUSALS[error.code ?? ""] ?? { status: 400, detail: "This is not HTTP." };
    const body = JSON.stringify({ detail });
    const headers = [...HEADERS, ["content-type", "application/json"], ["content-length", body.length]];
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}connection: close\r\n\r\n${body}`);
  });
}
