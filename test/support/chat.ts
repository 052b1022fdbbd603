import { randomUUID } from "node:crypto";
import { eventually } from "./eventually.ts";
import type { Caller, Json, Reply } from "./http.ts";
import type { TestProvider } from "./provider.ts";

/** A chat with one question and the empty answer under it, as the tutorial's step 3 leaves it. */
export interface AskedChat {
  chatId: string;
  userId: string;
  answerId: string;
  question: string;
}

export const MODEL = "gpt-4o";

export function userMessage(id: string, content: unknown, more: Record<string, unknown> = {}) {
  return { id, role: "user", content, timestamp: 1_720_000_000, models: [MODEL], ...more };
}

export function placeholder(id: string, parentId: string | null, more: Record<string, unknown> = {}) {
  return {
    id,
    role: "assistant",
    content: "",
    parentId,
    model: MODEL,
    modelName: MODEL,
    modelIdx: 0,
    timestamp: 1_720_000_001,
    ...more,
  };
}

/** `chat` of a post: the messages in both places, linked as given, the last one current. */
export function chatOf(messages: readonly { id: string }[], more: Record<string, unknown> = {}) {
  return {
    title: "New Chat",
    models: [MODEL],
    messages,
    history: {
      currentId: messages.at(-1)?.id ?? null,
      messages: Object.fromEntries(messages.map((message) => [message.id, message])),
    },
    ...more,
  };
}

/** Posts a chat; resolves with its record. */
export async function newChat(caller: Caller, chat: unknown): Promise<Json> {
  return expectOk(await caller.post("/api/v1/chats/new", { chat }));
}

/** A new chat that is ready for step 4. */
export async function askedChat(
  caller: Caller,
  question = "Hi, what is the capital of France?",
  more: Record<string, unknown> = {},
): Promise<AskedChat> {
  const userId = randomUUID();
  const answerId = randomUUID();
  const chat = chatOf([userMessage(userId, question), placeholder(answerId, userId)], more);
  return { chatId: (await newChat(caller, chat)).id, userId, answerId, question };
}

/** The body of step 4 for a chat. Without `session_id`, so that the answer comes as SSE when it has ended. */
export function completionBody(chat: AskedChat, more: Record<string, unknown> = {}) {
  return {
    chat_id: chat.chatId,
    id: chat.answerId,
    messages: [{ role: "user", content: chat.question }],
    model: MODEL,
    stream: true,
    ...more,
  };
}

/** Step 4. */
export function complete(caller: Caller, body: unknown, accept = "*/*"): Promise<Reply> {
  return caller.post("/api/chat/completions", body, { accept });
}

/** Step 4 in the background: resolves with the ack while the answer goes on. */
export async function trigger(
  caller: Caller,
  chat: AskedChat,
  more: Record<string, unknown> = {},
): Promise<{ taskId: string }> {
  const reply = await complete(
    caller,
    completionBody(chat, { session_id: "session-id", ...more }),
    "application/json",
  );
  return { taskId: expectOk(reply).task_id };
}

/** A question whose answer is five tokens and then silence, until it is stopped. */
export const STALLED = "[[tokens=9]] [[stall=5]]";
export const STALLED_TEXT = "tok0 tok1 tok2 tok3 tok4";

/** Waits until the provider has sent five tokens of an answer that then stalls. */
export async function stalled(provider: TestProvider): Promise<void> {
  await eventually("the answer stalls", () => provider.requests.some(({ tokensSent }) => tokensSent === 5));
}

/** Stops whatever a chat's tasks do. */
export async function stopChat(caller: Caller, chatId: string): Promise<void> {
  expectOk(await caller.post(`/api/tasks/chat/${chatId}/stop`));
}

/** The record of a chat as GET gives it. */
export async function fetchChat(caller: Caller, chatId: string): Promise<Json> {
  return expectOk(await caller.get(`/api/v1/chats/${chatId}`));
}

/** A message as stored. */
export async function fetchMessage(caller: Caller, chatId: string, messageId: string): Promise<Json> {
  return (await fetchChat(caller, chatId)).chat.history.messages[messageId];
}

/** The same message as it stands in `chat.messages[]`. */
export function listedMessage(record: Json, messageId: string): Json {
  return record.chat.messages.find((message: Json) => message.id === messageId);
}

/** Waits until an answer is final, and resolves with its message. */
export function finalMessage(caller: Caller, chatId: string, messageId: string): Promise<Json> {
  return eventually(`the answer ${messageId} is final`, async () => {
    const message = await fetchMessage(caller, chatId, messageId);
    return message?.done === true ? message : undefined;
  });
}

/** Waits until no task of a chat is listed any more. */
export async function noTasks(caller: Caller, chatId: string): Promise<void> {
  await eventually("the chat has no tasks", async () => (await taskIds(caller, chatId)).length === 0);
}

export async function taskIds(caller: Caller, chatId: string): Promise<string[]> {
  return expectOk(await caller.get(`/api/tasks/chat/${chatId}`)).task_ids;
}

/** The ids from a root to `messageId`, by parent links. */
export function branchOf(record: Json, messageId: string): string[] {
  const branch: string[] = [];
  for (let id: string | null = messageId; id !== null; ) {
    branch.unshift(id);
    if (branch.length > 1_000) throw new Error("the chat has a cycle");
    id = record.chat.history.messages[id].parentId;
  }
  return branch;
}

/** The body of a reply that must be a success. */
export function expectOk(reply: Reply): Json {
  if (reply.status === 200) return reply.body;
  throw new Error(`expected 200, got ${reply.status}: ${reply.text.slice(0, 500)}`);
}
