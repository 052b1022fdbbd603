import type { MessageError } from "./completion.ts";
import { contentText } from "./content-text.ts";
import { isJsonObject } from "./json-shape.ts";

/** Up to 0.9 the model's thinking stands inside the content, as a block of HTML that the server made. */
const REASONING_BLOCK = /<details type="reasoning"[^>]*>([\s\S]*?)<\/details>\n?/g;
const REASONING_SUMMARY = /<summary>[\s\S]*?<\/summary>/;
/** Newer ones of these (0.6.41 to 0.9.0) escape all that stands in it, the marks of its quotation too. */
const ESCAPED_QUOTATION = /^\s*&gt;/;
const ESCAPES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&#x27;": "'",
};

/**
 * The text of an answer wherever its server keeps it: in `content` without the blocks of thinking, else joined from
 * `output[]` (0.10 keeps it only there). "" where there is none.
 */
export function answerText(message: { content?: unknown; output?: unknown }): string {
  return withoutReasoning(contentText(message.content)) || outputText(message.output);
}

/** What the model thought before it answered, from either place; "" where there is nothing. */
export function answerReasoning(message: { content?: unknown; output?: unknown }): string {
  const inContent = [...contentText(message.content).matchAll(REASONING_BLOCK)].map((block) =>
    unescaped((block[1] ?? "").replace(REASONING_SUMMARY, ""))
      .replace(/^> ?/gm, "")
      .trim(),
  );
  return inContent.join("\n") || joinedOutput(message.output, "reasoning");
}

function unescaped(quotation: string): string {
  if (!ESCAPED_QUOTATION.test(quotation)) return quotation;
  return quotation.replace(/&(?:lt|gt|amp|quot|#x27);/g, (escaped) => ESCAPES[escaped] ?? escaped);
}

/** A content without its blocks of thinking. */
export function withoutReasoning(content: string): string {
  return content.includes("<details") ? content.replace(REASONING_BLOCK, "") : content;
}

/** The text of the messages among the items of `output[]`. */
export function outputText(output: unknown): string {
  return joinedOutput(output, "message");
}

function joinedOutput(output: unknown, type: string): string {
  if (!Array.isArray(output)) return "";
  return output
    .filter((item) => item?.type === type && Array.isArray(item.content))
    .map((item) => item.content.map((part: { text?: unknown } | null) => part?.text ?? "").join(""))
    .join("\n");
}

/**
 * An error as servers store and send it (a text, `{content}`, `{message}`, `{detail}`, or one of these inside another)
 * as one with a sentence; null where there is none.
 */
export function decodeError(value: unknown): MessageError | null {
  if (value === undefined || value === null || value === false || value === "") return null;
  return { ...(isJsonObject(value) ? value : {}), content: errorSentence(value) };
}

function errorSentence(value: unknown): string {
  if (typeof value === "string") return value;
  if (!isJsonObject(value)) return "The server stored an error without saying which.";
  for (const key of ["content", "message", "detail", "error"]) {
    const inner = value[key];
    if (typeof inner === "string" && inner !== "") return inner;
    if (isJsonObject(inner)) return errorSentence(inner);
  }
  return JSON.stringify(value);
}
