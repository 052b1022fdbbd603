import { usageAttributes } from "../providers/trace-provider.ts";
import type { Span, Tracing } from "../tracing/tracing.ts";
import type { AnswerOutcome } from "./answer-registry.ts";

/** Begins the span of an answer; of one without a chat only the model is known. */
export function beginAnswerSpan(
  tracing: Tracing,
  answer: { model: string; chatId?: string; messageId?: string },
): Span {
  const attributes = {
    "gen_ai.request.model": answer.model,
    "gen_ai.conversation.id": answer.chatId,
    "offstage.message.id": answer.messageId,
  };
  return tracing.begin({ name: "answer", attributes });
}

/** Ends it with what came of the answer. */
export function endAnswerSpan(
  span: Span,
  { error, stopped, usage, firstTextMs }: Pick<AnswerOutcome, "error" | "stopped" | "usage" | "firstTextMs">,
): void {
  span.note({
    "offstage.answer.outcome": stopped ? "stopped" : error ? "failed" : "finished",
    "offstage.answer.first_text_ms": firstTextMs ?? undefined,
    ...usageAttributes(usage),
  });
  if (error && !stopped) span.fail(typeof error.code === "string" ? error.code : "model_failed");
  span.end();
}
