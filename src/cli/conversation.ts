import { contentText, type WireMessage } from "../contract/message.ts";
import type { StoredChat } from "../contract/stored-chat.ts";

/**
 * A chat as people read it: its head, then the messages of its current branch, each with who and when. A message
 * that has siblings says which of how many it is.
 */
export function formatConversation(record: StoredChat): string {
  const { messages, currentId } = record.chat.history;
  const branch = branchTo(messages, currentId);
  const hidden = Object.keys(messages).length - branch.length;
  const counts = `${branch.length} ${branch.length === 1 ? "message" : "messages"}`;
  const head = [
    record.title || "(no title)",
    [
      record.id,
      formatTime(record.created_at),
      hidden > 0 ? `${counts}, ${hidden} more on other branches` : counts,
      ...(record.meta.tags?.length ? [`tags: ${record.meta.tags.join(", ")}`] : []),
    ].join(" · "),
  ];
  return [head.join("\n"), ...branch.map((message) => formatMessage(message, messages))].join("\n\n");
}

/** Seconds or milliseconds since 1970 as `2026-11-21 05:40` in local time; "" where there is none. */
export function formatTime(timestamp: number | null | undefined): string {
  if (!timestamp) return "";
  const date = new Date(timestamp < 1e11 ? timestamp * 1000 : timestamp);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function branchTo(messages: Record<string, WireMessage>, leafId: string | null): WireMessage[] {
  const branch: WireMessage[] = [];
  const seen = new Set<string>();
  let id = leafId;
  while (id !== null && !seen.has(id)) {
    const message: WireMessage | undefined = messages[id];
    if (message === undefined) break;
    seen.add(id);
    branch.unshift({ ...message, id });
    id = message.parentId ?? null;
  }
  return branch;
}

function formatMessage(message: WireMessage, all: Record<string, WireMessage>): string {
  const parentId = message.parentId ?? null;
  const siblings = Object.keys(all).filter(
    (id) => (all[id]!.parentId ?? null) === parentId && all[id]!.role === message.role,
  );
  const who =
    message.role === "assistant" ? (message.modelName ?? message.model ?? "assistant") : message.role;
  const place = siblings.length > 1 ? `${siblings.indexOf(message.id!) + 1} of ${siblings.length}` : "";
  const text = contentText(message.content);
  // 0.6.15 never says `done`, and shows a part of an answer only when it is whole.
  const isOpen = message.role === "assistant" && message.done === false && text === "" && !message.error;
  const head = [who, formatTime(message.timestamp), place, isOpen && "not finished"]
    .filter(Boolean)
    .join(" · ");
  const body = text.split("\n").map((line) => (line === "" ? "" : `  ${line}`));
  const problem = message.error ? [`  error: ${errorText(message.error)}`] : [];
  return [head, ...(text === "" ? [] : body), ...problem].join("\n");
}

function errorText(error: unknown): string {
  if (typeof error === "object" && error !== null && "content" in error) return String(error.content);
  return typeof error === "string" ? error : "the answer failed";
}
