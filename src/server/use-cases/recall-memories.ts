import { contentText } from "../../contract/content-text.ts";
import type { MemoryTable } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { ContextMessage } from "../knowledge/retrieval/context-message.ts";
import { searchTexts } from "../knowledge/retrieval/query.ts";
import type { ProviderRequest } from "../providers/provider.ts";
import { rankMemories } from "./rank-memories.ts";

/** Characters of a token, about. */
const TOKEN_CHARS = 4;
const MAX_TOKENS = 1_000;
/** A small model forgets the question over more. */
const DEMO_TOKENS = 200;
/** Of the model's context, where that is known. */
const CONTEXT_SHARE = 1 / 8;

/** How many tokens of memories a model is given. */
function tokensFor(model: { contextLength?: number; demo?: boolean }): number {
  if (model.demo) return DEMO_TOKENS;
  return Math.min(MAX_TOKENS, Math.floor((model.contextLength ?? Number.POSITIVE_INFINITY) * CONTEXT_SHARE));
}

/**
 * What a model is told of a user's memories before a conversation: all of them where they fit, else those nearest to what
 * is asked last; null where there is nothing to tell. @throws OffstageError `cancelled` when `signal` is aborted
 */
export async function recallMemories(
  context: Pick<Context, "knowledge" | "store" | "log">,
  userId: string,
  asked: { messages: ProviderRequest["messages"]; model: { contextLength?: number; demo?: boolean } },
  signal?: AbortSignal,
): Promise<ContextMessage | null> {
  const memories = await context.store.memories.listMemories(context.store.read, userId);
  const maxChars = tokensFor(asked.model) * TOKEN_CHARS;
  const lines = memories.map(printMemory);
  if (lines.join("\n").length <= maxChars) return memoryMessage(lines);
  const texts = searchTexts(
    asked.messages.map(({ role, content }) => ({ role: String(role), text: contentText(content) })),
  );
  if (texts.length === 0) return null;
  const ranked = await rankMemories(context, memories, texts, signal);
  return memoryMessage(
    linesWithin(
      ranked.map(({ memory }) => printMemory(memory)),
      maxChars,
    ),
  );
}

/** As many lines as fit, in their order, those that do not passed over; the first in any case, cut if it must be. */
function linesWithin(lines: readonly string[], maxChars: number): string[] {
  const chosen: string[] = [];
  let length = 0;
  for (const line of lines) {
    const fitting = chosen.length === 0 ? line.slice(0, maxChars) : line;
    if (length + fitting.length > maxChars) continue;
    chosen.push(fitting);
    length += fitting.length + 1;
  }
  return chosen;
}

function printMemory({ content, updated_at_sec }: MemoryTable): string {
  const day = new Date(updated_at_sec * 1_000).toISOString().slice(0, 10);
  return `- ${content.replace(/\s+/g, " ").trim()} (noted on ${day})`;
}

function memoryMessage(lines: readonly string[]): ContextMessage | null {
  if (lines.length === 0) return null;
  const content = [
    "The user has had you remember this:",
    ...lines,
    "Draw on it where it bears on the question, and leave it unmentioned where it does not.",
  ].join("\n");
  return { role: "system", content };
}
