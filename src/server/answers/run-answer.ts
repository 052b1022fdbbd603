import type { MessageError } from "../../contract/completion.ts";
import { isTemporaryChat } from "../../contract/ids.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec } from "../context.ts";
import type { CompletionChunk, Found, ProviderEvent } from "../providers/provider.ts";
import { runBackgroundTasks } from "../tasks/background-tasks.ts";
import type { AnswerPlan } from "./answer-plan.ts";
import {
  type AnswerOutcome,
  type EventSink,
  isSameRequest,
  type RunningAnswer,
  type Upstream,
} from "./answer-registry.ts";
import { beginAnswerSpan, endAnswerSpan } from "./answer-span.ts";
import { createAnswerText } from "./answer-text.ts";
import { endedRow } from "./ended-row.ts";
import { createLiveText } from "./live-text.ts";
import { breakage, failureText, refusal } from "./provider-failure.ts";
import { fingerprintOf } from "./request-fingerprint.ts";

/** How often the growing answer is kept, and for how long a lease holds without being prolonged. */
const KEEP_INTERVAL_MS = 250;
const LEASE_RENEWAL_MS = 10_000;
export const LEASE_MS = 30_000;

export interface PreparedAnswer {
  answer: RunningAnswer;
  start(): void;
  abandon(reason: unknown): void;
}

/** It said nothing for so long that another process ended it, and perhaps began it anew. */
const leaseLost = () =>
  new OffstageError(
    "conflict",
    "Another server has ended this answer, because this one had not kept its lease.",
  );

/** A whole completion in the shape of a chunk. */
function asChunk(completion: Record<string, unknown>): CompletionChunk {
  const choices = completion.choices as { message?: object }[] | undefined;
  return {
    ...completion,
    choices: choices?.map(({ message, ...choice }) => ({ ...choice, delta: message ?? {} })),
  };
}

/**
 * Makes one answer: asks the provider, tells and keeps the text as it grows, stores its end, then runs the background
 * tasks. It is on the list of answers from now on, so that the same request again joins it; `start` once its beginning is
 * committed, else `abandon`. Nothing that goes wrong escapes: it ends in the message and in the outcome.
 */
export function prepareAnswer(context: Context, plan: AnswerPlan): PreparedAnswer {
  const { bus, clock } = context;
  const nowMs = () => clock.nowMs();
  const isKept = !isTemporaryChat(plan.chatId);
  const controller = new AbortController();
  const text = createAnswerText(plan.former, nowMs);
  const about = { chatId: plan.chatId, messageId: plan.messageId, model: plan.model };
  const liveText = createLiveText({ bus, userId: plan.userId, about, text, nowMs });
  const sinks = new Set<EventSink>();
  const { journal } = plan;
  const upstream = Promise.withResolvers<Upstream>();
  const ended = Promise.withResolvers<AnswerOutcome>();
  const settled = Promise.withResolvers<number>();
  const beganAtMs = nowMs();
  let firstTextMs: number | null = null;
  let found: Found = { sources: [], statuses: [] };
  let stopped = false;
  let interruption: MessageError | null = null;
  let keepTimer: NodeJS.Timeout | null = null;
  let renewal: NodeJS.Timeout | undefined;

  async function keep(): Promise<void> {
    keepTimer = null;
    try {
      await context.store.write(async (tx) => {
        const grown = context.store.messages.keepPartial(tx, {
          chatId: plan.chatId,
          id: plan.messageId,
          owner: context.owner,
          text: text.whole(),
          leaseUntilMs: nowMs() + LEASE_MS,
        });
        const written = [grown, journal.keepNews(tx)];
        tx.endHere();
        await Promise.all(written);
      });
    } catch (error) {
      // The answer itself goes on; its end is stored with the whole text, or reported.
      context.log.warn({ err: error, ...about }, "a growing answer could not be kept");
    }
  }

  /** Takes in events up to the provider's error chunk; returns that error, if there is one. */
  function takeIn(events: readonly ProviderEvent[]): MessageError | null {
    const failing = events.findIndex(({ chunk }) => chunk?.error);
    const good = failing < 0 ? events : events.slice(0, failing);
    for (const { chunk, found: foundNow } of good) {
      if (foundNow) tellFound(foundNow);
      if (!chunk) continue;
      const added = text.add(chunk);
      if (added.delta === "" && added.reasoningDelta === "") continue;
      journal.grew();
      firstTextMs ??= nowMs() - beganAtMs;
      liveText.add(added.delta, added.reasoningDelta);
    }
    if (isKept) keepTimer ??= setTimeout(keep, KEEP_INTERVAL_MS);
    for (const sink of sinks) sink(good);
    return failing < 0 ? null : { content: failureText(events[failing]?.chunk?.error) };
  }

  function tellFound(foundNow: Found): void {
    found = foundNow;
    bus.publish(plan.userId, { type: "answer-sources", ...about, sources: found.sources });
    tellStatuses(found.statuses);
  }

  function tellStatuses(statuses: Found["statuses"]): void {
    for (const status of statuses) bus.publish(plan.userId, { type: "answer-status", ...about, status });
  }

  async function ask(): Promise<{ error: MessageError | null; completion: Record<string, unknown> | null }> {
    const response = await plan.complete(controller.signal);
    if (response.status >= 400) {
      const { body, retryAfter } = response.kind === "json" ? response : { body: null };
      const error = refusal(response.status, body);
      upstream.resolve({ ok: false, status: response.status, detail: error.content, retryAfter });
      return { error, completion: null };
    }
    upstream.resolve({ ok: true });
    if (response.kind === "json") {
      const completion = response.body as Record<string, unknown>;
      const event = { data: "", chunk: asChunk(completion) };
      return {
        error: takeIn([response.found ? { ...event, found: response.found } : event]),
        completion,
      };
    }
    let isDone = false;
    for await (const events of response.events) {
      const error = takeIn(events);
      if (error) return { error, completion: null };
      isDone ||= events.at(-1)?.data === "[DONE]";
    }
    if (isDone || text.isFinished) return { error: null, completion: null };
    return {
      error: { content: "The provider's stream ended before the answer did.", code: "model_failed" },
      completion: null,
    };
  }

  /** Resolves with the chat's title. */
  async function store(error: MessageError | null): Promise<string> {
    if (!isKept) return "";
    journal.ended(error?.content ?? null);
    const title = await context.store.write(async (tx) => {
      const [chat, message] = await Promise.all([
        context.store.chats.findChat(tx, plan.chatId),
        context.store.messages.findMessage(tx, plan.chatId, plan.messageId),
      ]);
      // Deleted while it was being answered: there is nothing left to write into.
      if (!chat || !message) return "";
      if (message.task_id !== plan.taskId || message.answer_state !== "running") throw leaseLost();
      const body = JSON.parse(message.body_json) as Record<string, unknown>;
      body.content = text.whole();
      if (error) body.error = error;
      if (found.sources.length > 0) body.sources = found.sources;
      if (found.statuses.length > 0)
        body.statusHistory = [...((body.statusHistory as unknown[] | undefined) ?? []), ...found.statuses];
      if (text.usage) body.usage = text.usage;
      if (text.toolCalls.length > 0) body.tool_calls = text.toolCalls;
      const revision = chat.revision + 1;
      const written = [
        context.store.messages.replaceMessage(tx, endedRow(message, body, revision)),
        context.store.chats.replaceChat(tx, { ...chat, revision, updated_at_sec: nowSec(clock) }),
        journal.keep(tx),
      ];
      tx.endHere();
      await Promise.all(written);
      return chat.title;
    });
    journal.stored();
    return title;
  }

  async function make(): Promise<AnswerOutcome> {
    let error: MessageError | null = null;
    let completion: Record<string, unknown> | null = null;
    try {
      ({ error, completion } = await ask());
    } catch (thrown) {
      const failure = breakage(thrown);
      if (!stopped) error = interruption ?? failure.error;
      upstream.resolve(
        stopped
          ? { ok: false, status: 499, detail: "The answer was stopped." }
          : { ok: false, status: failure.status, detail: failure.error.content },
      );
    }
    clearInterval(renewal);
    if (keepTimer) clearTimeout(keepTimer);
    liveText.finish();
    let title = "";
    try {
      title = await store(error);
    } catch (thrown) {
      context.log.error({ err: thrown, ...about }, "an answer could not be stored");
      error = { content: `The answer could not be stored: ${breakage(thrown).error.content}` };
    }
    const outcome = { text: text.whole(), error, stopped, usage: text.usage, firstTextMs, completion };
    const snapshot = text.snapshot();
    bus.publish(plan.userId, {
      type: "answer-finished",
      ...about,
      snapshot,
      title,
      error,
      stopped,
      usage: text.usage,
    });
    sinks.clear();
    return outcome;
  }

  async function live(): Promise<void> {
    const span = beginAnswerSpan(context.tracing, plan);
    await span.within(async () => {
      const outcome = await make();
      endAnswerSpan(span, outcome);
      ended.resolve(outcome);
      const hasTasks = !outcome.error && !stopped && plan.backgroundTasks;
      leave(hasTasks ? await runBackgroundTasks(context, plan, outcome.text, controller.signal) : 0);
    });
  }

  function leave(taskTokens = 0): void {
    context.answers.remove(answer);
    const active = context.answers.ofChat(plan.chatId).some(({ userId }) => userId === plan.userId);
    if (!active) bus.publish(plan.userId, { type: "chat-active", ...about, active });
    journal.settled();
    settled.resolve(taskTokens);
  }

  const answer: RunningAnswer = {
    taskId: plan.taskId,
    ...about,
    userId: plan.userId,
    beganAtMs,
    isElsewhere: false,
    isAskedBy: (request) => isSameRequest(plan.request, request),
    fingerprint: () => fingerprintOf(plan.request),
    sinks,
    upstream: upstream.promise,
    ended: ended.promise,
    settled: settled.promise,
    snapshot: () => text.snapshot(),
    show(tell) {
      // Else what waits would be told again, after the text that has it.
      liveText.flush();
      tell(text.snapshot());
    },
    follow: async () => {},
    stop(reason) {
      interruption = reason ?? null;
      stopped = interruption === null;
      controller.abort();
    },
  };
  context.answers.add(answer);

  function start(): void {
    if (isKept) renewal = setInterval(keep, LEASE_RENEWAL_MS);
    context.journals.enlist(journal);
    // A provider that thinks for long would leave nothing behind if the process died meanwhile.
    if (journal.isKept) keepTimer ??= setTimeout(keep, KEEP_INTERVAL_MS);
    bus.publish(plan.userId, {
      type: "answer-started",
      ...about,
      parentId: plan.parentId,
      taskId: plan.taskId,
    });
    tellStatuses(plan.statuses);
    live().catch((error) => {
      context.log.error({ err: error, ...about }, "an answer's tasks broke off");
      leave();
    });
  }

  function abandon(reason: unknown): void {
    const { error, status } = breakage(reason);
    upstream.resolve({ ok: false, status, detail: error.content });
    ended.resolve({ text: "", error, stopped: false, usage: null, firstTextMs, completion: null });
    leave();
  }

  return { answer, start, abandon };
}
