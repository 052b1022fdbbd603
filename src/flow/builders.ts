import * as z from "zod";
import { addMessages, linearMessages, type NewMessage } from "../chat-tree/index.ts";
import type { ChatDto } from "../contract/chat.ts";
import type { CompletedRequest, CompletionRequest } from "../contract/completion.ts";
import type { WireMessage } from "../contract/message.ts";
import { OffstageError } from "../errors.ts";
import { wireHistory, wireMessages } from "./place-turn.ts";

/**
 * The tutorial's DTOs, built as its field reference has them: what is required must be given, what is optional is
 * defaulted, ids are UUIDs, times are milliseconds, and only processed files may be named.
 */

/** Milliseconds; a time in seconds lies before 1974 as such, and is refused. */
const Timestamp = z.int().min(100_000_000_000, "must be in milliseconds");
const Uuid = z.uuid("must be a UUID");
const Text = z.string().min(1, "must not be empty");
const Files = z.array(
  z.looseObject({
    id: Text,
    type: Text,
    status: z.literal("processed", "must be 'processed': wait until the file is"),
  }),
);
const Params = z.record(z.string(), z.unknown());

const UserMessageInput = z.strictObject({
  id: Uuid,
  content: Text,
  timestamp: Timestamp,
  models: z.array(Text).min(1),
  parentId: Uuid.nullable().optional(),
});
const AssistantMessageInput = z.looseObject({
  id: Uuid,
  content: z.string().default(""),
  parentId: Uuid,
  modelName: Text,
  modelIdx: z.int().min(0),
  timestamp: Timestamp,
});
const Message = z.looseObject({ id: Uuid, role: z.enum(["user", "assistant"]), timestamp: Timestamp });
const ChatInput = z.strictObject({
  id: Uuid.optional(),
  title: Text,
  models: z.array(Text).min(1),
  messages: z.array(Message).min(1),
  files: Files.default([]),
  tags: z.array(z.looseObject({ id: Text, name: Text, color: z.string().optional() })).default([]),
  params: Params.default({}),
});
const CompletionMessage = z.looseObject({
  role: z.enum(["user", "assistant", "system", "tool", "developer"]),
  content: z.string(),
});
const CompletionsInput = z.strictObject({
  chat_id: Uuid,
  id: Uuid,
  messages: z.array(CompletionMessage).min(1),
  model: Text,
  session_id: Text,
  stream: z.boolean().default(false),
  background_tasks: z
    .strictObject({
      title_generation: z.boolean(),
      tags_generation: z.boolean(),
      follow_up_generation: z.boolean(),
    })
    .partial()
    .optional(),
  features: z.record(z.string(), z.boolean()).optional(),
  variables: z.record(z.string(), z.string()).optional(),
  filter_ids: z.array(Text).optional(),
  files: Files.optional(),
});
const CompletedInput = z.strictObject({
  model: Text,
  chat_id: Uuid,
  id: Uuid,
  session_id: Text,
  messages: z.array(Message).optional(),
});

export type UserMessageInput = z.input<typeof UserMessageInput>;
export type AssistantMessageInput = z.input<typeof AssistantMessageInput>;
export type ChatInput = z.input<typeof ChatInput>;
export type CompletionsInput = z.input<typeof CompletionsInput>;
export type CompletedInput = z.input<typeof CompletedInput>;
/** A Chat DTO before the server gave it an id. */
export type BuiltChat = Pick<
  ChatDto,
  "title" | "models" | "files" | "tags" | "params" | "timestamp" | "messages" | "history" | "currentId"
> & { id?: string };

/** Message DTO of a question; without `parentId` it begins a chat. @throws bad_input naming the field. */
export function buildUserMessage(input: UserMessageInput): WireMessage & { id: string } {
  const { parentId = null, ...message } = checked("user message", UserMessageInput, input);
  return { ...message, role: "user", parentId, childrenIds: [] };
}

/** Message DTO of an answer, empty until it is made. @throws bad_input naming the field. */
export function buildAssistantMessage(input: AssistantMessageInput): WireMessage & { id: string } {
  const message = checked("assistant message", AssistantMessageInput, input);
  return {
    model: message.modelName,
    done: message.content !== "",
    ...message,
    role: "assistant",
    childrenIds: [],
  };
}

/**
 * Chat DTO of messages, parents first: the tree stands in `history`, the branch to the last message in `messages`.
 * @throws bad_input naming the field, or the message whose parent is not there.
 */
export function buildChat(input: ChatInput): BuiltChat {
  const { messages, ...chat } = checked("chat", ChatInput, input);
  const additions = messages.map(({ parentId = null, childrenIds: _derived, ...message }) => ({
    ...(message as NewMessage),
    parentId: parentId as string | null,
  }));
  const forest = addMessages({ messages: new Map(), currentId: null }, additions, messages.at(-1)?.id);
  return {
    ...chat,
    timestamp: Math.min(...messages.map(({ timestamp }) => timestamp)),
    messages: wireMessages(linearMessages(forest)),
    history: wireHistory(forest.messages.values(), forest.currentId),
    currentId: forest.currentId,
  };
}

/** ChatCompletionsRequest DTO. @throws bad_input naming the field. */
export function buildCompletionsRequest(input: CompletionsInput): CompletionRequest {
  return checked("completions request", CompletionsInput, input);
}

/** ChatCompletedRequest DTO. @throws bad_input naming the field. */
export function buildCompletedRequest(input: CompletedInput): CompletedRequest {
  return checked("completed request", CompletedInput, input);
}

function checked<Schema extends z.ZodType>(what: string, schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || what}: ${message}`);
  throw new OffstageError("bad_input", `This is no ${what} of the tutorial's: ${problems.join("; ")}.`, {
    details: { problems },
  });
}
