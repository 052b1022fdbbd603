import { randomUUID } from "node:crypto";
import type { WireMessage } from "../../src/contract/message.ts";
import { ATTEMPT_HEADER, RUN_HEADER } from "../../src/contract/run-mark.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { FakeBehaviour } from "./fake-versions.ts";

/** What the model says to a request: words that come one by one, or a failure after some of them. */
export interface FakeAnswer {
  words: string[];
  error?: unknown;
  /** The server forgets the work without a trace. */
  vanishes?: boolean;
}

/**
 * `500`: nothing happened and the server says so. `unsent`: there was nobody to connect to. `cut`: nothing happened and
 * nothing is said. `lost`: it happened, the reply is lost. `late`: the same, but it happens only some seconds afterwards.
 */
export type Fault = "500" | "unsent" | "cut" | "lost" | "late";

export interface FakeRequest {
  method: string;
  path: string;
  body: FakeBody;
  accept: string;
  token: string | null;
  run: string | null;
  attempt: string | null;
}

/** What calls post, as far as this server reads it. */
export interface FakeBody {
  chat: FakeChat["chat"];
  chat_id: string;
  id: string;
  model: string;
  messages: { role: string; content: string }[];
  parent_id?: string;
  parent_message?: { id: string };
  background_tasks?: { title_generation?: boolean };
  [key: string]: unknown;
}

interface FakeChat {
  id: string;
  title: string;
  chat: {
    title?: string;
    history: { messages: Record<string, WireMessage>; currentId?: string | null };
    [key: string]: unknown;
  };
  created_at: number;
  updated_at: number;
  meta: { tags: string[] };
}

interface FakeTask {
  id: string;
  chatId: string;
  stopped: boolean;
}

const WORD_MS = 40;
const TITLE_MS = 60;
const LATE_MS = 3_000;
const BASE_URL = "http://127.0.0.1:1";

/** An Open WebUI in memory, on a fake clock, that fails where it is told to. */
export class FakeOpenWebUi {
  readonly baseUrl = BASE_URL;
  readonly behaviour: FakeBehaviour;
  readonly chats = new Map<string, FakeChat>();
  readonly tasks = new Map<string, FakeTask>();
  readonly requests: FakeRequest[] = [];
  readonly completions: FakeRequest[] = [];
  /** What each completion is answered with. */
  answer: (body: FakeBody) => FakeAnswer = ({ messages }) => ({
    words: ["You ", "asked: ", String(messages.at(-1)?.content)],
  });
  /** The fault of the n-th request, from 0; undefined for none. */
  faultAt: (index: number, request: FakeRequest) => Fault | undefined = () => undefined;
  /** What every call but the version is refused with; null for nothing. */
  refusal: { status: number; detail: string } | null = null;
  /** The only token that holds, the last that a sign-in gave; null while any does. */
  validToken: string | null = null;
  signIns = 0;
  /** How far its clock is ahead of everybody's. */
  skewMs = 0;
  /** Models that completions are refused for, as those that a user may not see. */
  readonly hiddenModels = new Set<string>();
  /** What `POST chat/completed` answers. */
  completed: (body: FakeBody) => unknown = (body) => body;
  /** Called before each request is served. */
  before: (request: FakeRequest) => void = () => {};
  readonly #clock: FakeClock;
  readonly #overlays = new Map<string, string>();

  constructor(behaviour: FakeBehaviour, clock: FakeClock) {
    this.behaviour = behaviour;
    this.#clock = clock;
  }

  readonly fetch: typeof globalThis.fetch = (input, init) =>
    this.#clock.during(this.#receive(String(input), init));

  async #receive(url: string, init: RequestInit = {}): Promise<Response> {
    init.signal?.throwIfAborted();
    const request: FakeRequest = {
      method: init.method ?? "GET",
      path: url.slice(BASE_URL.length),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      accept: new Headers(init.headers).get("accept") ?? "",
      token: new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? null,
      run: new Headers(init.headers).get(RUN_HEADER),
      attempt: new Headers(init.headers).get(ATTEMPT_HEADER),
    };
    this.requests.push(request);
    const fault = this.faultAt(this.requests.length - 1, request);
    if (fault === "500") return this.#json({ detail: "Internal Server Error" }, 500);
    if (fault === "late") {
      this.#clock.sleep(LATE_MS).then(() => this.#serve(request));
    } else if (fault !== "cut" && fault !== "unsent") {
      const response = this.#serve(request);
      if (fault === undefined) return response;
      await response.body?.cancel();
    }
    const code = fault === "unsent" ? "ECONNREFUSED" : "ECONNRESET";
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("no connection"), { code }) });
  }

  #nowMs(): number {
    return this.#clock.nowMs() + this.skewMs;
  }

  #json(body: unknown, status = 200): Response {
    const date = new Date(this.#nowMs()).toUTCString();
    return Response.json(body, { status, headers: { date } });
  }

  #serve(request: FakeRequest): Response {
    this.before(request);
    const { method, path } = request;
    const { pathname, searchParams } = new URL(path, BASE_URL);
    const { behaviour } = this;
    const segments = pathname.split("/");
    const key = `${method} ${pathname}`;
    if (key === "GET /api/version") {
      return this.#json({
        version: behaviour.version,
        ...(behaviour.offstage && { offstage: behaviour.offstage }),
      });
    }
    if (key === "POST /api/v1/auths/signin") {
      this.validToken = `jwt-${++this.signIns}`;
      return this.#json({ id: "u", email: "u", name: "u", role: "user", token: this.validToken });
    }
    if (this.validToken !== null && request.token !== this.validToken) {
      return this.#json({ detail: "Your session has expired or the token is invalid." }, 401);
    }
    if (this.refusal !== null) return this.#json({ detail: this.refusal.detail }, this.refusal.status);
    if (key === "GET /api/v1/users/user/status") return this.#known(behaviour.linkParent);
    if (/^GET .*\/knowledge\/[^/]+\/files$/.test(key)) return this.#known(behaviour.linkMessage);
    if (/^GET .*\/files\/[^/]+$/.test(key)) return this.#json(this.file(segments.at(-1) ?? ""));
    if (key === "POST /api/v1/chats/new") return this.#create(request.body.chat);
    if (key === "GET /api/v1/chats/") return this.#list(() => true, searchParams);
    if (key === "GET /api/v1/chats/search") {
      const text = searchParams.get("text") ?? "";
      return this.#list((chat) => JSON.stringify(chat).includes(text), searchParams);
    }
    if (key === "POST /api/chat/completions") return this.#complete(request);
    if (key === "POST /api/chat/completed") return this.#json(this.completed(request.body));
    if (pathname.startsWith("/api/tasks/")) return this.#serveTasks(method, segments);
    const chat = this.chats.get(segments[4] ?? "");
    if (method === "POST" && segments[7] === "event") return this.#json(chat !== undefined);
    if (method === "DELETE" && segments[5] === "messages") {
      return behaviour.historyMerge ? this.#json({ detail: "nothing there" }, 404) : this.#json({}, 405);
    }
    if (chat === undefined)
      return this.#json({ detail: "We could not find what you're looking for :/" }, 401);
    if (method === "DELETE") {
      this.chats.delete(chat.id);
      return this.#json(true);
    }
    return method === "POST" ? this.#update(chat, request.body.chat) : this.#json(this.#shown(chat));
  }

  /** What `GET files/{id}` answers. */
  file: (id: string) => unknown = (id) => ({ id });

  #known(known: boolean): Response {
    return known
      ? this.#json({ detail: "not here" }, 403)
      : new Response("<html>", { headers: { "content-type": "text/html" } });
  }

  #create(chat: FakeChat["chat"]): Response {
    const nowSec = Math.floor(this.#nowMs() / 1000);
    const record = {
      id: randomUUID(),
      title: chat.title ?? "New Chat",
      chat,
      created_at: nowSec,
      updated_at: nowSec,
      meta: { tags: [] },
    };
    this.chats.set(record.id, structuredClone(record));
    return this.#json(record);
  }

  #list(matches: (chat: FakeChat) => boolean, query: URLSearchParams): Response {
    const rows = [...this.chats.values()].filter(matches).sort((a, b) => b.updated_at - a.updated_at);
    const page = Number(query.get("page") ?? 1);
    return this.#json(rows.slice((page - 1) * 60, page * 60).map(({ chat: _chat, ...row }) => row));
  }

  #update(record: FakeChat, posted: FakeChat["chat"]): Response {
    const { history } = record.chat;
    Object.assign(record.chat, posted);
    if (posted.history !== undefined && this.behaviour.historyMerge) {
      const messages = { ...history.messages, ...posted.history.messages };
      record.chat.history = { ...history, ...posted.history, messages };
      for (const [id, { parentId }] of Object.entries(posted.history.messages)) {
        const parent = messages[parentId ?? ""];
        if (parent !== undefined) parent.childrenIds = [...new Set([...(parent.childrenIds ?? []), id])];
      }
    }
    record.updated_at = Math.floor(this.#nowMs() / 1000);
    return this.#json(this.#shown(record));
  }

  #shown(record: FakeChat): FakeChat {
    const shown = structuredClone(record);
    for (const [id, message] of Object.entries(shown.chat.history.messages)) {
      const overlay = this.behaviour.grows ? this.#overlays.get(`${record.id} ${id}`) : undefined;
      if (overlay !== undefined) message.content = overlay;
    }
    return shown;
  }

  #serveTasks(method: string, segments: string[]): Response {
    const { serverTurns } = this.behaviour;
    const [, , , kind, id = "", stop] = segments;
    if (method === "GET") {
      const running = [...this.tasks.values()].filter(({ chatId }) => chatId === id);
      return this.#json({ task_ids: running.map((task) => task.id) });
    }
    if (kind === "chat" && stop === "stop") {
      if (!serverTurns) return this.#json({ detail: "Method Not Allowed" }, 405);
      for (const task of this.tasks.values()) if (task.chatId === id) task.stopped = true;
      return this.#json({ status: true });
    }
    const task = this.tasks.get(id);
    if (task === undefined) return this.#json({ detail: `Task with ID ${id} not found.` }, 404);
    task.stopped = true;
    return this.#json({ status: false });
  }

  #complete(request: FakeRequest): Response {
    const { behaviour } = this;
    const { body } = request;
    this.completions.push(request);
    const record = this.chats.get(body.chat_id);
    if (record === undefined) return this.#json({ detail: "no chat" }, 404);
    if (this.hiddenModels.has(body.model)) return this.#json({ detail: "Model not found" }, 400);
    const former = record.chat.history.messages[body.id];
    if (behaviour.refusesSameId && former?.done === true)
      return this.#json({ detail: "Message already exists" }, 409);
    if (behaviour.linkMessage && !behaviour.serverTurns && body.parent_message === undefined) {
      return this.#json({ detail: "'NoneType' object has no attribute 'get'" }, 400);
    }
    const leaks =
      (!behaviour.linkParent && body.parent_id !== undefined) ||
      (!behaviour.linkMessage && body.parent_message !== undefined);
    const answer = leaks ? { words: [], error: "unknown argument" } : this.answer(body);
    const parentId = behaviour.serverTurns ? body.parent_message?.id : body.parent_id;
    this.#upsert(body, {
      model: body.model,
      ...(behaviour.linkParent && { parentId: parentId ?? null }),
    });
    const task: FakeTask = { id: randomUUID(), chatId: body.chat_id, stopped: false };
    this.tasks.set(task.id, task);
    const chunks: string[] = [];
    const run = this.#run(task, body, answer, chunks);
    if (behaviour.streams && request.accept.includes("text/event-stream")) return this.#stream(run, chunks);
    return this.#json(
      behaviour.serverTurns
        ? { status: true, task_id: task.id, task_ids: [task.id], chat_id: body.chat_id }
        : { status: true, task_id: task.id },
    );
  }

  async #run(task: FakeTask, body: FakeBody, answer: FakeAnswer, chunks: string[]): Promise<void> {
    const overlayKey = `${body.chat_id} ${body.id}`;
    let text = typeof this.#message(body)?.content === "string" ? String(this.#message(body)?.content) : "";
    for (const word of answer.words) {
      await this.#clock.sleep(WORD_MS);
      if (task.stopped) break;
      text += word;
      chunks.push(word);
      this.#overlays.set(overlayKey, text);
    }
    this.#overlays.delete(overlayKey);
    if (!answer.vanishes) {
      const done = this.behaviour.marksDone ? { done: true } : {};
      const output = [{ type: "message", content: [{ type: "output_text", text }] }];
      this.#upsert(body, {
        ...(this.behaviour.textIn === "output" ? { output } : { content: text }),
        ...done,
        ...(answer.error !== undefined && { error: { content: answer.error } }),
      });
    }
    if (body.background_tasks?.title_generation && !task.stopped && !answer.vanishes) {
      await this.#clock.sleep(TITLE_MS);
      const record = this.chats.get(body.chat_id);
      if (record !== undefined) record.title = "A title";
    }
    this.tasks.delete(task.id);
  }

  #stream(run: Promise<void>, chunks: string[]): Response {
    const encoder = new TextEncoder();
    let sent = 0;
    const event = (delta: object, finish_reason: string | null = null) =>
      encoder.encode(`data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`);
    let over = false;
    run.finally(() => {
      over = true;
    });
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        while (sent === chunks.length && !over) await this.#clock.sleep(WORD_MS / 2);
        const content = chunks[sent++];
        if (content !== undefined) controller.enqueue(event({ content }));
        else {
          controller.enqueue(event({}, "stop"));
          controller.enqueue(encoder.encode("data: [DONE]\n\n"));
          controller.close();
        }
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #message({ chat_id, id }: FakeBody): WireMessage | undefined {
    return this.chats.get(chat_id)?.chat.history.messages[id];
  }

  #upsert(body: FakeBody, fields: Record<string, unknown>): void {
    const history = this.chats.get(body.chat_id)?.chat.history;
    if (history === undefined) return;
    history.messages[body.id] = { ...history.messages[body.id], ...fields };
    history.currentId = body.id;
  }
}
