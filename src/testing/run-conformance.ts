import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createOpenWebUiClient, type OpenWebUiClient } from "../client/open-webui-client.ts";
import { filledString } from "../contract/json-shape.ts";
import { ApiError, asOffstageError, type ErrorCode, OffstageError } from "../errors.ts";
import type { ChatShape, ConformanceCase, Probe, ProbeChat, ProbeValue } from "./conformance-case.ts";
import { linkedShape } from "./probe-chat.ts";
import { createProbeCall, describeReply, valueAt } from "./probe-http.ts";

const CASE_TIMEOUT_MS = 60_000;
/** The making of a chat, which its case's end does not break off, and each call before and after the cases. */
const CALL_TIMEOUT_MS = 15_000;
/** All deleting together: a server that has gone must not hold the report. */
const CLEAN_UP_MS = 60_000;

export interface ConformanceOptions {
  /** Where the server is: `https://chat.example.org`. */
  baseUrl: string;
  /** A JWT, or an API key: live events need a JWT on most servers. */
  token: string;
  /** Answers the questions; some cases need a dozen short answers. */
  model: string;
  /** Ends the run with `cancelled`, once its chats are deleted. */
  signal?: AbortSignal;
  /** Names of cases, or of capabilities; all by default. */
  only?: readonly string[];
  /** Each case. Default 60,000. */
  timeoutMs?: number;
  /** The provider behind the model obeys directives in the question, such as `[[status=500]]`; without, faults are skipped. */
  steerable?: boolean;
  /** Called with each result as it comes. */
  onResult?: (result: CaseResult) => void;
  fetch?: typeof globalThis.fetch;
}

/** What came of one case. */
export type CaseResult = { name: string; capability: string; question: string; ms: number } & (
  | { outcome: "answered"; value: ProbeValue; evidence: string }
  | { outcome: "skipped"; reason: string }
  | { outcome: "failed"; error: { code: ErrorCode; message: string } }
);

export interface ConformanceReport {
  baseUrl: string;
  /** What the server calls itself; nothing here was decided by it. */
  version: string;
  model: string;
  ms: number;
  cases: CaseResult[];
  answered: number;
  skipped: number;
  failed: number;
  /** Chats of this run that could not be deleted, and why. */
  left: { chatId: string; error: string }[];
}

/**
 * Puts `cases` to a server, one after the other. A case that throws or takes too long is `failed` in the report; every
 * chat that was made is deleted, whatever happens.
 * @throws OffstageError `bad_input` for an unknown case or model, `cancelled`, and what stops the first look at the server
 */
export async function runConformance(
  options: ConformanceOptions,
  cases: readonly ConformanceCase[],
): Promise<ConformanceReport> {
  const { token, model, signal, steerable = false, timeoutMs = CASE_TIMEOUT_MS } = options;
  const startedAt = performance.now();
  const chosen = chooseCases(cases, options.only);
  const fetch = options.fetch ?? globalThis.fetch;
  const client = createOpenWebUiClient({
    baseUrl: options.baseUrl,
    token,
    fetch,
    timeoutMs: CALL_TIMEOUT_MS,
  });
  const { baseUrl } = client;
  const { version } = await client.version({ signal });
  await client.session({ signal });
  await assertModel(client, model, signal);

  /** What cases share; a failure is shared too. */
  const shared = new Map<string, Promise<unknown>>();
  /** Every chat that was asked for, also by cases that did not wait for it. */
  const chats: Promise<ProbeChat>[] = [];

  async function createChat(question: string, shape: ChatShape): Promise<ProbeChat> {
    const ids = { userId: randomUUID(), answerId: randomUUID(), question };
    const call = createProbeCall({ baseUrl, token, fetch }, AbortSignal.timeout(CALL_TIMEOUT_MS));
    const reply = await call("POST", "/api/v1/chats/new", { body: { chat: shape({ ...ids, model }) } });
    const chatId = filledString(valueAt(reply.body, "id"));
    if (chatId !== null) return { ...ids, chatId, created: reply.body };
    throw new ApiError("server_failed", `POST chats/new answered ${describeReply(reply)}, without an id.`, {
      status: reply.status,
      body: reply.body,
      requestId: null,
      retryAfterSec: null,
    });
  }

  function createProbe(caseSignal: AbortSignal): Probe {
    return {
      baseUrl,
      token,
      model,
      steerable,
      signal: caseSignal,
      call: createProbeCall({ baseUrl, token, fetch }, caseSignal),
      capabilities: () => client.capabilities({ signal: caseSignal }),
      createChat: (question, shape = linkedShape()) => {
        caseSignal.throwIfAborted();
        const chat = createChat(question, shape);
        chats.push(chat);
        return chat;
      },
      pause: (ms) => sleep(ms, undefined, { signal: caseSignal }),
      once: <Value>(key: string, make: () => Promise<Value>) => {
        const made = (shared.get(key) as Promise<Value> | undefined) ?? make();
        shared.set(key, made);
        return made;
      },
    };
  }

  const results: CaseResult[] = [];
  const left: ConformanceReport["left"] = [];
  try {
    for (const conformanceCase of chosen) {
      if (signal?.aborted) break;
      const result = await runCase(conformanceCase, createProbe, { timeoutMs, signal });
      if (signal?.aborted) break;
      results.push(result);
      options.onResult?.(result);
    }
  } finally {
    const deadlineAtMs = Date.now() + CLEAN_UP_MS;
    for (const made of await Promise.allSettled(chats)) {
      if (made.status === "rejected") continue;
      const { chatId } = made.value;
      const error = await deleteChat(client, chatId, deadlineAtMs);
      if (error !== null) left.push({ chatId, error });
    }
  }
  if (signal?.aborted) {
    const where =
      left.length === 0 ? "none of its chats is left" : `chats left: ${left.map((l) => l.chatId)}`;
    throw new OffstageError("cancelled", `The conformance run was cancelled; ${where}.`, {
      cause: signal.reason,
      details: { left },
    });
  }
  const count = (outcome: CaseResult["outcome"]) => results.filter((r) => r.outcome === outcome).length;
  return {
    baseUrl,
    version,
    model,
    ms: Math.round(performance.now() - startedAt),
    cases: results,
    answered: count("answered"),
    skipped: count("skipped"),
    failed: count("failed"),
    left,
  };
}

async function runCase(
  { name, capability, question, run }: ConformanceCase,
  createProbe: (signal: AbortSignal) => Probe,
  limits: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<CaseResult> {
  const startedAt = performance.now();
  const finish = () => ({ name, capability, question, ms: Math.round(performance.now() - startedAt) });
  const ending = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: OffstageError) => {
    reject(reason);
    ending.abort(reason);
  };
  const cancel = () => end(new OffstageError("cancelled", `The case ${name} was cancelled.`));
  const timer = setTimeout(() => {
    const { timeoutMs } = limits;
    end(new OffstageError("timed_out", `The case ${name} did not end within ${timeoutMs} ms.`));
  }, limits.timeoutMs);
  limits.signal?.addEventListener("abort", cancel, { once: true });
  try {
    const outcome = await Promise.race([run(createProbe(ending.signal)), ended]);
    if ("skipped" in outcome) return { ...finish(), outcome: "skipped", reason: outcome.skipped };
    return { ...finish(), outcome: "answered", ...outcome };
  } catch (thrown) {
    const { code, message } = asOffstageError(ending.signal.aborted ? ending.signal.reason : thrown);
    return { ...finish(), outcome: "failed", error: { code, message } };
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", cancel);
    ending.abort();
  }
}

function chooseCases(
  cases: readonly ConformanceCase[],
  only?: readonly string[],
): readonly ConformanceCase[] {
  if (only === undefined) return cases;
  const known = new Set(cases.flatMap(({ name, capability }) => [name, capability]));
  const unknown = only.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new OffstageError(
      "bad_input",
      `There is no case or capability "${unknown}". There are: ${[...known].join(", ")}.`,
    );
  }
  return cases.filter(({ name, capability }) => only.includes(name) || only.includes(capability));
}

async function assertModel(client: OpenWebUiClient, model: string, signal?: AbortSignal): Promise<void> {
  const ids = (await client.listModels({ signal })).map(({ id }) => id);
  if (ids.includes(model)) return;
  const some = ids.slice(0, 10).join(", ") || "none at all";
  throw new OffstageError("bad_input", `The server shows no model "${model}". It shows: ${some}.`);
}

/** Why the chat could not be deleted, or null. What runs in it is stopped before, as far as this user may. */
async function deleteChat(
  client: OpenWebUiClient,
  chatId: string,
  deadlineAtMs: number,
): Promise<string | null> {
  const stopping = client.stopChatTasks(chatId, { deadlineAtMs });
  const stopError = await stopping.then(() => null, asOffstageError);
  try {
    await client.deleteChat(chatId, { repeatable: true, deadlineAtMs });
    return null;
  } catch (thrown) {
    const { message } = asOffstageError(thrown);
    return stopError === null ? message : `${message} Before: ${stopError.message}`;
  }
}
