import { branch, type Forest } from "../../chat-tree/index.ts";
import type { CompletionRequest } from "../../contract/completion.ts";
import { contentText, type WireMessage } from "../../contract/message.ts";
import { OffstageError } from "../../errors.ts";

/** One answer that a completion asks for. */
export interface AnswerTarget {
  model: string;
  messageId: string;
  modelIdx: number;
}

/** The answers that a request asks for, in order; `newId` names the one of a request that does not. */
export function answerTargets(request: CompletionRequest, newId: () => string): AnswerTarget[] {
  const { message_ids: ids, model } = request;
  if (Array.isArray(ids) && ids.length > 0) {
    return ids.map(({ model_id, message_id, modelIdx }, index) => ({
      model: model_id,
      messageId: message_id,
      modelIdx: modelIdx ?? index,
    }));
  }
  if (ids && !Array.isArray(ids) && Object.keys(ids).length > 0) {
    return Object.entries(ids).map(([id, messageId], modelIdx) => ({ model: id, messageId, modelIdx }));
  }
  return [{ model, messageId: request.id || newId(), modelIdx: 0 }];
}

/** The user's message that a request brings along, under either of its names. */
export function requestUserMessage(request: CompletionRequest): WireMessage | null {
  const message = request.user_message ?? request.parent_message;
  return message && Object.keys(message).length > 0 ? message : null;
}

/** Where the answers go, and the user's message that has to be made first, if any. */
export interface TurnPlace {
  /** The answers' parent; undefined leaves a stored placeholder where it is. */
  answerParentId: string | null | undefined;
  newUserMessage: { id: string; parentId: string | null; fields: Record<string, unknown> } | null;
}

/**
 * Decides under which message the answers of a request stand (rule 3 of `docs/contract.md`). `textOf` reads a stored
 * message's text. @throws OffstageError `conflict` for a parent that the chat lacks, `bad_input` where nothing is asked
 */
export function placeTurn(input: {
  request: CompletionRequest;
  forest: Forest;
  /** Whether all answers have a stored placeholder: then nothing needs to be made for them. */
  isPlaceholderStored: boolean;
  textOf: (messageId: string) => string;
  newId: () => string;
}): TurnPlace {
  const { request, forest } = input;
  const assertKnown = (id: string) => {
    if (!forest.messages.has(id)) {
      throw new OffstageError("conflict", `The parent message "${id}" is not in this chat (any more).`);
    }
  };
  const user = requestUserMessage(request);
  if (user?.id) {
    if (forest.messages.has(user.id)) return { answerParentId: user.id, newUserMessage: null };
    const isAnswersParent = request.parent_id === user.id;
    const parentId = isAnswersParent ? user.parentId : (request.parent_id ?? user.parentId);
    const isRoot = user.parentId === null || (request.parent_id === null && user.parentId === undefined);
    if (parentId) assertKnown(parentId);
    const { id, parentId: _parent, childrenIds: _children, ...fields } = user;
    const text = user.content ?? request.messages?.findLast(({ role }) => role === "user")?.content;
    if (text === undefined) {
      throw new OffstageError(
        "bad_input",
        `The user message "${id}" is not in this chat and comes without content.`,
      );
    }
    const place = parentId ?? (isRoot ? null : forest.currentId);
    return {
      answerParentId: id,
      newUserMessage: { id, parentId: place, fields: { ...fields, content: text } },
    };
  }
  if (request.parent_id) {
    assertKnown(request.parent_id);
    return { answerParentId: request.parent_id, newUserMessage: null };
  }
  if (input.isPlaceholderStored) return { answerParentId: undefined, newUserMessage: null };

  const current = branch(forest).findLast(({ role }) => role === "user");
  const asked = request.messages?.findLast(({ role }) => role === "user");
  if (current && (!asked || input.textOf(current.id) === contentText(asked.content))) {
    return { answerParentId: current.id, newUserMessage: null };
  }
  if (!asked) {
    throw new OffstageError(
      "bad_input",
      "Nothing is asked: give `messages` that hold a user message, a `user_message`, or a chat that has one.",
    );
  }
  const id = input.newId();
  return {
    answerParentId: id,
    newUserMessage: { id, parentId: forest.currentId, fields: { content: asked.content ?? "" } },
  };
}

/** What the same id again means. `row` is the stored answer. */
export type Again = "start" | "continue" | "rerun" | "join" | "refuse";

export function decideAgain(input: {
  request: CompletionRequest;
  messageId: string;
  state: "none" | "running" | "final";
  text: string;
  hasError: boolean;
  /** Null where no process of ours is making it. */
  isSameAsRunning: boolean | null;
}): Again {
  const { request, state, text } = input;
  if (state === "running" && input.isSameAsRunning !== null) return input.isSameAsRunning ? "join" : "refuse";
  if (state === "running" || input.hasError) return "rerun";
  if (state === "none" && text === "") return "start";
  const last = request.messages?.at(-1);
  const endsWithAnswer =
    last?.role === "assistant" && text !== "" && contentText(last.content).trim() === text.trim();
  if (request.assistant_message_id === input.messageId || endsWithAnswer) return "continue";
  return "refuse";
}
