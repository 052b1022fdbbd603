import type { Usage } from "../../contract/completion.ts";
import type { AnswerSnapshot } from "../../contract/live-event.ts";
import type { CompletionChunk } from "../providers/provider.ts";

/** What a provider's chunks add up to. Grows by appending only; each append costs its own length. */
export interface AnswerText {
  /** Takes in one chunk of choice 0; returns what it added. */
  add(chunk: CompletionChunk): { delta: string; reasoningDelta: string };
  /** The whole text as it is stored and shown: a `<details type="reasoning">` block, if any, then the content. */
  whole(): string;
  snapshot(): AnswerSnapshot;
  readonly hasReasoning: boolean;
  readonly usage: Usage | null;
  readonly toolCalls: readonly Record<string, unknown>[];
  /** The provider said that it has ended. */
  readonly isFinished: boolean;
}

const escapeLine = (line: string) => `> ${line}`;

/** Reasoning as Open WebUI 0.6.15 stores it and every version's page shows it folded. */
export function reasoningBlock(reasoning: string, seconds: number | null): string {
  const done = seconds !== null;
  const summary = done ? `Thought for ${seconds} seconds` : "Thinking…";
  const duration = done ? ` duration="${seconds}"` : "";
  const lines = reasoning.trim().split("\n").map(escapeLine).join("\n");
  return `<details type="reasoning" done="${done}"${duration}>\n<summary>${summary}</summary>\n${lines}\n</details>\n`;
}

/** @param former the text that a continued answer already has; it stays in front. */
export function createAnswerText(former: string, nowMs: () => number): AnswerText {
  let content = former;
  let reasoning = "";
  let reasoningBeganMs = 0;
  let reasoningSeconds: number | null = null;
  let usage: Usage | null = null;
  let isFinished = false;
  const toolCalls: Record<string, unknown>[] = [];

  function addToolCalls(parts: readonly unknown[]): void {
    for (const part of parts) {
      if (typeof part !== "object" || part === null) continue;
      const { index = toolCalls.length, ...fields } = part as { index?: number } & Record<string, unknown>;
      const known = toolCalls[index];
      if (!known) {
        toolCalls[index] = structuredClone(fields);
        continue;
      }
      const added = fields.function as { name?: string; arguments?: string } | undefined;
      const former = known.function as { name?: string; arguments?: string } | undefined;
      known.function = {
        ...former,
        name: (former?.name ?? "") + (added?.name ?? ""),
        arguments: (former?.arguments ?? "") + (added?.arguments ?? ""),
      };
    }
  }

  function whole(): string {
    if (reasoning === "") return content;
    const seconds = reasoningSeconds ?? (isFinished ? Math.round((nowMs() - reasoningBeganMs) / 1000) : null);
    return reasoningBlock(reasoning, seconds) + content;
  }

  return {
    add(chunk) {
      if (chunk.usage) usage = chunk.usage;
      const choice = chunk.choices?.find((candidate) => (candidate.index ?? 0) === 0);
      if (!choice) return { delta: "", reasoningDelta: "" };
      if (choice.finish_reason) isFinished = true;
      const delta = choice.delta?.content ?? "";
      const reasoningDelta = choice.delta?.reasoning_content ?? choice.delta?.reasoning ?? "";
      if (reasoningDelta !== "") {
        if (reasoning === "") reasoningBeganMs = nowMs();
        reasoning += reasoningDelta;
      }
      if (delta !== "") {
        if (reasoning !== "" && reasoningSeconds === null) {
          reasoningSeconds = Math.round((nowMs() - reasoningBeganMs) / 1000);
        }
        content += delta;
      }
      if (choice.delta?.tool_calls) addToolCalls(choice.delta.tool_calls);
      return { delta, reasoningDelta };
    },
    whole,
    snapshot: () => ({ whole: whole(), content, reasoning }),
    get hasReasoning() {
      return reasoning !== "";
    },
    get usage() {
      return usage;
    },
    get isFinished() {
      return isFinished;
    },
    get toolCalls() {
      return toolCalls.filter(Boolean);
    },
  };
}
