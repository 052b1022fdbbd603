/** JSON as a server under test sent it: of no known shape, so looked into unguarded. */
export type Json = ReturnType<typeof JSON.parse>;

/** An answer, read to its end. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; undefined where it is not JSON. */
  body: Json;
  /** What kind of answer a completion gave. */
  form: "sse" | "completion" | "ack" | "other";
  /** The parsed `data:` fields of a server-sent stream, `[DONE]` as that string. */
  chunks: Json[];
}

export interface CallOptions {
  body?: unknown;
  /** Default `* / *` as curl sends it. */
  accept?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Calls one server as one user: `call` waits for the whole answer, `open` only for its headers. */
export interface Caller {
  baseUrl: string;
  token: string;
  open(method: string, path: string, options?: CallOptions): Promise<Response>;
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown, options?: Omit<CallOptions, "body">): Promise<Reply>;
  delete(path: string): Promise<Reply>;
}

/** A caller with a Bearer token; with an empty one it sends none. */
export function createCaller(baseUrl: string, token: string): Caller {
  const open: Caller["open"] = (method, path, { body, accept = "*/*", headers, signal } = {}) =>
    fetch(baseUrl + path, {
      method,
      headers: {
        accept,
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  const call: Caller["call"] = async (method, path, options) => readReply(await open(method, path, options));
  return {
    baseUrl,
    token,
    open,
    call,
    get: (path) => call("GET", path),
    post: (path, body, options) => call("POST", path, { ...options, body }),
    delete: (path) => call("DELETE", path),
  };
}

/** Reads an answer to its end. */
export async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const body = isStream ? undefined : parseJson(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    form: formOf(isStream, body),
    chunks: isStream ? parseStream(text) : [],
  };
}

function formOf(isStream: boolean, body: Json): Reply["form"] {
  if (isStream) return "sse";
  if (body?.object === "chat.completion") return "completion";
  return body?.status === true && body.task_id !== undefined ? "ack" : "other";
}

function parseStream(text: string): Json[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim())
    .map((data) => (data === "[DONE]" ? data : JSON.parse(data)));
}

/** The JSON in a text; undefined where it is none. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The answer's text in a completion's reply, streamed or whole. */
export function replyText(reply: Reply): string {
  if (reply.form === "completion") return reply.body.choices[0].message.content;
  return reply.chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? "").join("");
}

/** Why a call was refused, as text, whether `detail` is a sentence or a list of problems. */
export function detailOf(reply: Reply): string {
  const detail = reply.body?.detail;
  return typeof detail === "string" ? detail : JSON.stringify(detail ?? null);
}
