import { setTimeout } from "node:timers/promises";
import { OffstageError } from "../errors.ts";
import { createAccessToken } from "./access-token.ts";
import { createAccountCalls } from "./account-calls.ts";
import { startAttemptLimit } from "./attempt-limit.ts";
import { detectCapabilities } from "./capabilities.ts";
import { createCatalogCalls } from "./catalog-calls.ts";
import { createChatCalls } from "./chat-calls.ts";
import type {
  CallOptions,
  ClientClock,
  OpenWebUiClient,
  OpenWebUiClientOptions,
} from "./client-interface.ts";
import { createCompletionCalls } from "./completion-calls.ts";
import { createFileCalls } from "./file-calls.ts";
import { createKnowledgeCalls } from "./knowledge-calls.ts";
import { openLiveEvents } from "./live-events.ts";
import { createRetryPolicy } from "./retry-policy.ts";
import { createSharedLook } from "./shared-look.ts";
import { createTaskCalls } from "./task-calls.ts";
import { createTransport } from "./transport.ts";

export type * from "./client-interface.ts";
export { assertReadable, findAlike } from "./local-file.ts";

/**
 * A client of one server. Sends nothing until its first call.
 *
 * @throws `bad_input` for a base URL or a token that no request could carry.
 */
export function createOpenWebUiClient(options: OpenWebUiClientOptions): OpenWebUiClient {
  const { credentials, timeoutMs = 30_000, clock = SYSTEM_CLOCK } = options;
  const baseUrl = parseBaseUrl(options.baseUrl);
  const token = createAccessToken(
    parseToken(options.token ?? options.apiKey ?? null),
    credentials && (async () => parseToken((await account.signIn(credentials)).token) ?? ""),
  );
  const transport = createTransport({
    baseUrl,
    fetch: options.fetch ?? globalThis.fetch,
    token,
    retry: createRetryPolicy(options.retry ?? {}, clock, options.random ?? Math.random),
    clock,
    timeoutMs,
    userAgent: options.userAgent ?? "offstage",
  });
  const account = createAccountCalls(transport, token);
  const catalog = createCatalogCalls(transport);
  const look = createSharedLook((signal) => detectCapabilities(transport, catalog.version, { signal }));
  const capabilities = async ({ signal, deadlineAtMs = Infinity }: CallOptions = {}) => {
    const limits = { timeoutMs: Infinity, deadlineInMs: deadlineAtMs - clock.nowMs(), signal };
    const limit = startAttemptLimit("The look at the server", limits);
    try {
      return await look(limit.signal);
    } catch (thrown) {
      throw limit.explain(thrown);
    } finally {
      limit.end();
    }
  };
  return {
    baseUrl,
    capabilities,
    serverNowMs: transport.serverNowMs,
    ...catalog,
    ...account,
    ...createChatCalls(transport),
    ...createCompletionCalls(transport, options.completionTimeoutMs ?? 120_000),
    ...createTaskCalls(transport, capabilities),
    ...createFileCalls(transport, clock),
    ...createKnowledgeCalls(transport, capabilities),
    liveEvents: ({ signal } = {}) => openLiveEvents({ baseUrl, token: token.get, timeoutMs, signal }),
  };
}

const SYSTEM_CLOCK: ClientClock = {
  nowMs: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
};

function parseBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new OffstageError(
      "bad_input",
      `"${text}" is no base URL of a server. Give one such as https://chat.example.org or http://127.0.0.1:8080.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new OffstageError(
      "bad_input",
      "The base URL holds a user or password. Give a token, an API key or credentials instead.",
    );
  }
  return url.href.replace(/\/+$/, "");
}

function parseToken(text: string | null): string | null {
  const token = text?.trim() ?? null;
  if (token !== null && !/^[\x21-\x7e]+$/.test(token)) {
    throw new OffstageError(
      "bad_input",
      "The token or API key is empty or holds spaces or control characters. Copy it again.",
    );
  }
  return token;
}
