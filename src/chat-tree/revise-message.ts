import { contentText } from "../contract/content-text.ts";
import type { ForestMessage } from "./forest.ts";
import type { PostedMessage } from "./posted-chat.ts";

/** What the server knows of a stored message beside the message. */
export interface MessageFacts {
  /** The chat's revision at the message's last change; children that come or go are none. */
  revision: number;
  /** Whether a task ever ran for the message: `running` while it does, `final` however it ended. */
  answerState: "none" | "running" | "final";
  /**
   * Whether the clients that post snapshots have it: it came with `chats/new`, or a plan's `seen` names it. A change that
   * neither a snapshot nor an answer makes takes the mark away.
   */
  inSnapshot?: boolean;
}

/** What a posted copy makes of a stored message. */
export interface Revision {
  /** The stored object itself where the copy brings nothing new. Its `childrenIds` are as stored. */
  message: ForestMessage;
  /** Whether a snapshot's poster is now known to have the message as it will be stored, and was not before. */
  isNewlySeen: boolean;
}

/** What the server writes into an answer: a post may give another value, but an empty one takes nothing away. */
const SERVER_FIELDS: ReadonlySet<string> = new Set([
  "followUps",
  "model",
  "sources",
  "statusHistory",
  "usage",
]);
/** How an answer that the server ran ended, and who spoke: a post has no say in it. */
const ENDING_FIELDS: ReadonlySet<string> = new Set(["done", "error", "role"]);

/**
 * A stored message with a posted copy merged into it, field by field; a field that the copy omits stays. A copy with an
 * older stamp than the stored message brings only fields that this lacks, unless a snapshot posts what one had brought. A
 * running answer takes no text, and none of the fields that the server writes; a final one no empty text and no older
 * one, which without a current stamp is a prefix of it. The links of a snapshot win; otherwise neither an older copy nor
 * a null `parentId` moves the message.
 */
export function reviseMessage(
  stored: ForestMessage,
  facts: MessageFacts,
  posted: PostedMessage,
  { inSnapshot }: { inSnapshot: boolean },
): Revision {
  const { revision: stamp = Number.NEGATIVE_INFINITY } = posted;
  const isCovered = stamp >= facts.revision || (inSnapshot && facts.inSnapshot === true);
  const isOlder = posted.revision !== undefined && !isCovered;
  const accepted = acceptedFields(stored, facts, posted);
  const differing = accepted.filter(([key, value]) => !isSameJson(stored[key], value));
  const brought = isOlder ? differing.filter(([key]) => stored[key] === undefined) : differing;
  const parentId = inSnapshot || !(isOlder || posted.parentId === null) ? posted.parentId : undefined;
  const isMoved = parentId !== undefined && parentId !== stored.parentId;
  const isChanged = brought.length > 0 || isMoved;
  const message = {
    ...stored,
    ...Object.fromEntries(brought),
    parentId: isMoved ? parentId : stored.parentId,
  };
  return {
    message: isChanged ? message : stored,
    isNewlySeen: inSnapshot && brought.length === differing.length && (isChanged || !isCovered),
  };
}

/** The fields less a `done` that means nothing: on an assistant's message with neither text nor error. */
export function withoutEmptyDone(fields: Record<string, unknown>, role: string): Record<string, unknown> {
  if (
    role !== "assistant" ||
    fields.done !== true ||
    contentText(fields.content) !== "" ||
    !isEmpty(fields.error)
  ) {
    return fields;
  }
  const { done, ...rest } = fields;
  return rest;
}

function acceptedFields(
  stored: ForestMessage,
  { answerState, revision }: MessageFacts,
  posted: PostedMessage,
): [string, unknown][] {
  if (answerState === "none") {
    const merged = withoutEmptyDone({ ...stored, ...posted.fields }, stored.role);
    return Object.entries(posted.fields).filter(
      ([key, value]) => key in merged && !(SERVER_FIELDS.has(key) && isEmpty(value)),
    );
  }
  const isStampedCurrent = posted.revision !== undefined && posted.revision >= revision;
  return Object.entries(posted.fields).filter(([key, value]) => {
    if (ENDING_FIELDS.has(key)) return false;
    if (key === "content") return answerState === "final" && isEdit(stored.content, value, isStampedCurrent);
    return !SERVER_FIELDS.has(key) || (answerState === "final" && !isEmpty(value));
  });
}

function isEdit(stored: unknown, posted: unknown, isStampedCurrent: boolean): boolean {
  const text = contentText(posted);
  if (text === "") return false;
  return isStampedCurrent || !contentText(stored).startsWith(text);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isSameJson(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
