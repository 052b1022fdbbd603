import { answerText } from "../../../src/contract/answer-decoding.ts";
import type { ChatRecord, WireMessage } from "../api/shapes.ts";
import { passagesOf } from "../state/passages.ts";
import { sharingText as text } from "./text.ts";

/** The messages from the root down to the current one. */
function branchOf({ chat }: ChatRecord): WireMessage[] {
  const { messages, currentId } = chat.history;
  const branch = new Set<WireMessage>();
  let message = messages[currentId ?? ""];
  while (message && !branch.has(message)) {
    branch.add(message);
    message = messages[message.parentId ?? ""];
  }
  return [...branch].reverse();
}

const speakerOf = (message: WireMessage) =>
  message.role === "assistant" ? message.modelName || message.model || message.role : text.you;

function sourceLines({ sources = [] }: WireMessage): string[] {
  const lines = passagesOf(sources).map(({ name, page }, index) => text.source(index + 1, name, page));
  return lines.length > 0 ? [`${text.sources}:\n\n${lines.map((line) => `- ${line}`).join("\n")}`] : [];
}

/** The conversation that is shown, as Markdown: who said what, and the sources of each answer. */
export function chatAsMarkdown(record: ChatRecord): string {
  const parts = branchOf(record).flatMap((message) => [
    `## ${speakerOf(message)}`,
    answerText(message).trim(),
    ...sourceLines(message),
  ]);
  return `${[`# ${record.title}`, ...parts].join("\n\n")}\n`;
}

/** The same without marks of its own; what an answer has of them stays. */
export function chatAsText(record: ChatRecord): string {
  const parts = branchOf(record).map((message) =>
    [`${speakerOf(message)}:`, answerText(message).trim(), ...sourceLines(message)].join("\n"),
  );
  return `${[record.title, ...parts].join("\n\n")}\n`;
}

/** A file's name that every system takes, made of a chat's title. */
export function fileName(title: string, extension: string): string {
  const name = title
    .replace(/[\p{Cc}<>:"/\\|?*.]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 80);
  return `${name || "chat"}.${extension}`;
}
