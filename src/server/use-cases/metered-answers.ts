import type { CompletionRequest, Usage } from "../../contract/completion.ts";
import type { AnswerOutcome, RunningAnswer } from "../answers/answer-registry.ts";
import { beginAnswerSpan, endAnswerSpan } from "../answers/answer-span.ts";
import type { Identity } from "../auth/authenticate.ts";
import type { Sender } from "../auth/sender.ts";
import type { Context } from "../context.ts";
import type { Admission } from "../guard/quotas.ts";
import type { ProviderEvent, ProviderResponse } from "../providers/provider.ts";
import { askStateless } from "./ask-stateless.ts";
import { type StartedTurn, startTurn } from "./start-turn.ts";

/** Characters that a token is taken to have where a provider counts none. */
const CHARS_PER_TOKEN = 4;

function tokensOf(usage: Usage | null, text: string): { prompt: number; answer: number; total: number } {
  const prompt = usage?.prompt_tokens ?? 0;
  const answer = usage?.completion_tokens ?? Math.ceil(text.length / CHARS_PER_TOKEN);
  return { prompt, answer, total: usage?.total_tokens ?? prompt + answer };
}

/**
 * `startTurn` within what its asker may use; what its answers and their tasks take is counted.
 * @throws OffstageError `rate_limited`; what `startTurn` throws
 */
export async function startMeteredTurn(
  context: Context,
  identity: Identity,
  request: CompletionRequest,
  sender: Sender,
): Promise<StartedTurn> {
  const asked = Math.max(1, Object.keys(request.message_ids ?? {}).length);
  const admission = await context.quotas.admit(identity, asked);
  let unused = asked;
  try {
    const turn = await startTurn(context, identity.user, request, sender);
    for (const answer of turn.answers) {
      if (turn.joined.has(answer)) continue;
      unused -= 1;
      meter(context, admission, answer);
    }
    return turn;
  } finally {
    for (; unused > 0; unused -= 1) admission.giveBack();
  }
}

function meter(context: Context, admission: Admission, answer: RunningAnswer): void {
  answer.ended.then(({ text, error, stopped, usage, firstTextMs }: AnswerOutcome) => {
    const tokens = tokensOf(usage, text);
    admission.ended();
    admission.spend(tokens.total);
    context.metrics?.answerEnded({
      kind: "saved",
      outcome: stopped ? "stopped" : error ? "failed" : "finished",
      firstTextMs,
      totalMs: context.clock.nowMs() - answer.beganAtMs,
      promptTokens: tokens.prompt,
      answerTokens: tokens.answer,
    });
  });
  answer.settled.then((taskTokens) => admission.spend(taskTokens));
}

/**
 * `askStateless` within what its asker may use; what the answer takes is counted.
 * @throws OffstageError `rate_limited`; what `askStateless` throws
 */
export async function askMetered(
  context: Context,
  identity: Identity,
  request: CompletionRequest,
  signal: AbortSignal,
): Promise<ProviderResponse> {
  const nowMs = () => context.clock.nowMs();
  const beganAtMs = nowMs();
  const admission = await context.quotas.admit(identity, 1);
  const span = beginAnswerSpan(context.tracing, request);
  let isOver = false;
  let firstTextMs: number | null = null;

  function end(outcome: "finished" | "failed" | "stopped", usage: Usage | null, text: string): void {
    if (isOver) return;
    isOver = true;
    const error = outcome === "failed" ? { content: "" } : null;
    endAnswerSpan(span, { error, stopped: outcome === "stopped", usage, firstTextMs });
    const tokens = tokensOf(usage, text);
    admission.ended();
    admission.spend(tokens.total);
    context.metrics?.answerEnded({
      kind: "stateless",
      outcome,
      firstTextMs,
      totalMs: nowMs() - beganAtMs,
      promptTokens: tokens.prompt,
      answerTokens: tokens.answer,
    });
  }

  const asksUsage =
    (request.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true;

  async function* metered(events: AsyncIterable<ProviderEvent[]>): AsyncGenerator<ProviderEvent[]> {
    let usage: Usage | null = null;
    let text = "";
    let outcome: "finished" | "failed" | "stopped" = "stopped";
    // A caller who goes away before the first read never lets this function run to its end.
    signal.addEventListener("abort", () => end("stopped", usage, text), { once: true });
    try {
      for await (const batch of events) {
        for (const { chunk } of batch) {
          usage = chunk?.usage ?? usage;
          const content = chunk?.choices?.[0]?.delta?.content ?? "";
          if (content !== "") firstTextMs ??= nowMs() - beganAtMs;
          text += content;
        }
        yield asksUsage ? batch : batch.filter(({ chunk }) => !(chunk?.usage && chunk.choices?.length === 0));
      }
      outcome = "finished";
    } catch (thrown) {
      outcome = "failed";
      throw thrown;
    } finally {
      end(signal.aborted ? "stopped" : outcome, usage, text);
    }
  }

  try {
    const wantsUsage = admission.needsTokens;
    const response = await span.within(() =>
      askStateless(context, identity.user, request, signal, wantsUsage),
    );
    if (response.kind === "events") return { ...response, events: metered(response.events) };
    const { usage = null } = (response.body ?? {}) as { usage?: Usage | null };
    end(
      response.status >= 400 ? "failed" : "finished",
      usage,
      response.status >= 400 ? "" : wholeText(response.body),
    );
    return response;
  } catch (thrown) {
    end(signal.aborted ? "stopped" : "failed", null, "");
    throw thrown;
  }
}

function wholeText(body: unknown): string {
  const { choices } = (body ?? {}) as { choices?: { message?: { content?: unknown } }[] };
  const content = choices?.[0]?.message?.content;
  return typeof content === "string" ? content : "";
}
