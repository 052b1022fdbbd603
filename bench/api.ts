import { Pool } from "undici";

/** A server to measure. */
export interface Target {
  name: string;
  /** No slash at its end. */
  baseUrl: string;
  token: string;
  model: string;
  /**
   * Whether it keeps what the tutorial promises beyond the real server: the title is there at step 7, the answer stands
   * in `chat.messages[]` too and says `done`. Where it does not, late titles are counted, not errors.
   */
  keepsTutorial: boolean;
  /** Null for a server that somebody else started. */
  pid: number | null;
}

/** Calls of one target over at most `connections` kept connections. */
export interface Api {
  /** The body of the reply as JSON. @throws Error naming the path for any status but 200 */
  call(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown>;
  /** Reads a reply to its end; resolves with its size in bytes, its last 256 bytes, and when its first part came. */
  drain(method: "GET" | "POST", path: string, body?: unknown, accept?: string): Promise<Drained>;
  close(): Promise<void>;
}

export interface Drained {
  bytes: number;
  tail: string;
  firstPartAtMs: number;
}

const CALL_TIMEOUT_MS = 60_000;

export function connectApi(target: Pick<Target, "baseUrl" | "token">, connections: number): Api {
  const { origin, pathname } = new URL(target.baseUrl);
  const pool = new Pool(origin, {
    connections,
    headersTimeout: CALL_TIMEOUT_MS,
    bodyTimeout: CALL_TIMEOUT_MS,
  });
  const prefix = pathname.replace(/\/$/, "");
  const authorization = `Bearer ${target.token}`;

  /** Dispatched without a stream per reply: at hundreds of flows a second these would be most of the driver's work. */
  function send(
    method: "GET" | "POST",
    path: string,
    body: unknown,
    accept: string,
    onData: (part: Buffer) => void,
  ): Promise<void> {
    const headers = { authorization, accept, "content-type": "application/json" };
    const text = body === undefined ? null : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      let status = 0;
      const refusal: Buffer[] = [];
      pool.dispatch(
        { method, path: prefix + path, headers, body: text },
        {
          onRequestStart() {},
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(_controller, part) {
            if (status === 200) onData(part);
            else refusal.push(part);
          },
          onResponseEnd() {
            if (status === 200) return resolve();
            const said = Buffer.concat(refusal).toString().slice(0, 200);
            reject(new Error(`${method} ${path}: HTTP ${status} ${said}`));
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        },
      );
    });
  }

  return {
    async call(method, path, body) {
      const parts: Buffer[] = [];
      await send(method, path, body, "application/json", (part) => parts.push(part));
      return JSON.parse(parts.length === 1 ? parts[0]!.toString() : Buffer.concat(parts).toString());
    },
    async drain(method, path, body, accept = "application/json") {
      let bytes = 0;
      let tail = Buffer.alloc(0);
      let firstPartAtMs = Number.NaN;
      await send(method, path, body, accept, (part) => {
        if (bytes === 0) firstPartAtMs = performance.now();
        bytes += part.length;
        tail = Buffer.concat([tail, part.subarray(-256)]).subarray(-256);
      });
      return { bytes, tail: tail.toString(), firstPartAtMs };
    },
    close: () => pool.close(),
  };
}
