/**
 * A deterministic OpenAI-compatible provider, for tests and benchmarks. `startProvider` runs it in this process;
 * `node test/support/provider.ts --port N [--strict] [--delay ms] [--first ms] [--tokens n] [--task mode]` as one of its own.
 *
 * Directives anywhere in the last user message steer its answer:
 *   [[tokens=1000]] so many tokens     [[delay=5]] ms before each       [[first=200]] ms before the first
 *   [[echo]] the message itself        [[json=…]] this very text        [[tool]] a tool call
 *   [[empty]] no text                  [[reason=3]] reasoning first     [[usage]] [[nousage]] the usage chunk, always or never
 *   [[status=500]] an error status     [[badjson]] 200 with no JSON     [[hang]] no answer, ever
 *   [[nostream]] JSON even to `stream: true`
 * and, after so many tokens:
 *   [[abort=5]] the socket is cut      [[stall=5]] silence              [[nodone=5]] an end without finish_reason and [DONE]
 *   [[sseerror=5]] an error chunk, then [DONE]
 *
 * Embeddings are vectors by words, with directives of their own (`provider-embeddings.ts`).
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import {
  answerText,
  type CompletionBody,
  CREATED_SEC,
  isTaskPrompt,
  lastUserText,
  parseDirectives,
  planStream,
  refuse,
  splitTokens,
  usageOf,
  wholeAnswer,
} from "./provider-answer.ts";
import { answerEmbeddings, isEmbeddingsBody } from "./provider-embeddings.ts";
import { CUTS, type Pace, SSE_HEADERS, sendError, sendJson, sendStream, sendWhole } from "./provider-send.ts";

export interface ProviderOptions {
  /** 0: a free one. */
  port: number;
  /** Before each token. */
  delayMs: number;
  /** Before the first token. */
  firstMs: number;
  /** Length of each answer; 0: what fits the question. */
  tokens: number;
  models: string[];
  /** Refuses body fields that OpenAI's API does not have. */
  strict: boolean;
  /** Every request's socket is destroyed. */
  down: boolean;
  /** If not null, other keys are refused with a 401. */
  apiKey: string | null;
  /** How title, tags and follow-up prompts are answered: by JSON, by prose, by a 500, or only after `slowMs`. */
  task: "json" | "plain" | "status500" | "slow";
  slowMs: number;
  /** Statuses of the next requests for embeddings, instead of answers; each is used once. */
  failEmbeddings: number[];
  /** Before each answer to a request for embeddings. */
  embedMs: number;
  /** Keeps `requests`; off for long benchmarks. */
  record: boolean;
}

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: CompletionBody | undefined;
  /** Tells connections apart. */
  clientPort: number;
  tokensSent: number;
  /** The client went away before the answer's end. */
  clientClosed: boolean;
  /** Resolves when the answer has ended, one way or the other. */
  closed: Promise<void>;
}

export interface TestProvider {
  /** Base URL, ends in `/v1`. */
  url: string;
  port: number;
  requests: RecordedRequest[];
  /** Completions that are being answered now, and the most that ever were at once. */
  readonly open: { now: number; most: number };
  configure(options: Partial<Omit<ProviderOptions, "port">>): void;
  /** Back to the options of the start; forgets `requests` and `open.most`. */
  reset(): void;
  close(): Promise<void>;
}

const DEFAULTS: ProviderOptions = {
  port: 0,
  delayMs: 0,
  firstMs: 0,
  tokens: 0,
  models: ["gpt-4o", "gpt-4o-mini"],
  strict: false,
  down: false,
  apiKey: null,
  task: "json",
  slowMs: 2_000,
  failEmbeddings: [],
  embedMs: 0,
  record: true,
};
const STREAM_CACHE_SIZE = 256;

/** Starts a provider on 127.0.0.1; resolves once it listens. */
export async function startProvider(options: Partial<ProviderOptions> = {}): Promise<TestProvider> {
  const initial = { ...DEFAULTS, ...options };
  const config = { ...initial };
  const requests: RecordedRequest[] = [];
  const open = { now: 0, most: 0 };
  /** Whole streams as bytes, by what they depend on. */
  const streams = new Map<string, Buffer>();
  /** Answers that this provider cut itself. */
  const cutHere = new WeakSet<ServerResponse>();

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => respond(request, response, Buffer.concat(parts).toString()));
  });
  server.keepAliveTimeout = 60_000;

  function respond(request: IncomingMessage, response: ServerResponse, text: string): void {
    const path = request.url!.replace(/^\/v1/, "");
    const body = parseBody(text);
    const { promise: closed, resolve: markClosed } = Promise.withResolvers<void>();
    const { method = "", headers } = request;
    const asked = { method, path, headers, body, clientPort: request.socket.remotePort! };
    const record: RecordedRequest = { ...asked, tokensSent: 0, clientClosed: false, closed };
    if (config.record) requests.push(record);
    response.on("close", () => {
      record.clientClosed = !response.writableFinished && !cutHere.has(response);
      markClosed();
    });
    if (config.down) {
      cutNow(response);
    } else if (config.apiKey !== null && headers.authorization !== `Bearer ${config.apiKey}`) {
      sendError(response, 401, "Incorrect API key provided.", "invalid_api_key");
    } else if (path === "/models") {
      const data = config.models.map((id) => ({
        id,
        object: "model",
        created: CREATED_SEC,
        owned_by: "test",
      }));
      sendJson(response, 200, { object: "list", data });
    } else if (path.split("?")[0] === "/embeddings" && isEmbeddingsBody(body)) {
      const failure = config.failEmbeddings.shift();
      const answer = failure ?? answerEmbeddings(body);
      const send = () => {
        if (typeof answer === "object") sendJson(response, 200, answer);
        else fail(response, answer, `mock failure ${answer}`, "mock_failure");
      };
      if (config.embedMs === 0) send();
      else setTimeout(send, config.embedMs);
    } else if (path.split("?")[0] === "/chat/completions" && Array.isArray(body?.messages)) {
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      response.on("close", () => {
        open.now -= 1;
      });
      complete(response, body, record);
    } else {
      sendError(response, 400, `There is no ${method} ${path} with such a body.`, "bad_request");
    }
  }

  function fail(response: ServerResponse, status: number, message: string, code: string | null): void {
    if (status === 429) response.setHeader("retry-after", "1");
    sendError(response, status, message, code);
  }

  function cutNow(response: ServerResponse): void {
    cutHere.add(response);
    response.destroy();
  }

  function complete(response: ServerResponse, body: CompletionBody, record: RecordedRequest): void {
    const last = lastUserText(body.messages);
    const isTask = isTaskPrompt(last);
    const directives = isTask ? {} : parseDirectives(last);
    const refusal = refuse(body, directives, config, isTask);
    if (refusal !== null) {
      fail(response, refusal.status, refusal.message, refusal.code);
      return;
    }
    if (directives.badjson !== undefined) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{not json");
      return;
    }
    if (directives.hang !== undefined) return;

    const delayMs = Number(directives.delay ?? config.delayMs);
    const slowMs = isTask && config.task === "slow" ? config.slowMs : 0;
    const firstMs = Number(directives.first ?? config.firstMs) + slowMs;
    const answer = answerText(body, directives, config.tokens, config.task === "plain");
    const streaming = body.stream === true && directives.nostream === undefined;
    const cut = CUTS.find((name) => directives[name] !== undefined);
    if (streaming && delayMs === 0 && firstMs === 0 && cut === undefined) {
      const cacheKey = JSON.stringify([
        answer,
        body.model,
        usageOf(body, directives, 0),
        directives.reason,
        directives.tool,
      ]);
      let stream = streams.get(cacheKey);
      if (stream === undefined) {
        const { head, pieces, tail } = planStream(body, directives, answer);
        stream = Buffer.from(head + pieces.join("") + tail);
        if (streams.size >= STREAM_CACHE_SIZE) streams.clear();
        streams.set(cacheKey, stream);
      }
      record.tokensSent = splitTokens(answer).length;
      response.writeHead(200, SSE_HEADERS);
      response.end(stream);
      return;
    }
    const pace: Pace = { firstMs, delayMs, cut, cutAfter: Number(directives[cut ?? ""] ?? 0) };
    const onToken = () => {
      record.tokensSent += 1;
    };
    if (streaming) sendStream(response, planStream(body, directives, answer), pace, onToken, cutNow);
    else
      sendWhole(response, wholeAnswer(body, directives, answer), pace, splitTokens(answer).length, onToken);
  }

  server.listen(config.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    open,
    configure: (changes) => void Object.assign(config, changes),
    reset() {
      Object.assign(config, initial);
      requests.length = 0;
      open.most = open.now;
    },
    async close() {
      if (!server.listening) return;
      const ended = once(server, "close");
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}

function parseBody(text: string): CompletionBody | undefined {
  try {
    return JSON.parse(text) as CompletionBody;
  } catch {
    return undefined;
  }
}

async function runAsProgram(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      strict: { type: "boolean", default: false },
      delay: { type: "string", default: "0" },
      first: { type: "string", default: "0" },
      tokens: { type: "string", default: "0" },
      task: { type: "string", default: "json" },
    },
  });
  const provider = await startProvider({
    port: Number(values.port),
    strict: values.strict,
    delayMs: Number(values.delay),
    firstMs: Number(values.first),
    tokens: Number(values.tokens),
    task: values.task as ProviderOptions["task"],
    record: false,
  });
  process.stdout.write(`provider listening on ${provider.url}\n`);
}

if (import.meta.main) await runAsProgram();
