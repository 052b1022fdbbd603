import { answerText, decodeError } from "../contract/answer-decoding.ts";
import { isJsonObject, type JsonObject, stringItems } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";
import type { ChatShape, Probe, ProbeChat } from "./conformance-case.ts";
import { describeReply, type ProbeReply, valueAt } from "./probe-http.ts";

/** Between two looks at a running answer. */
const LOOK_PAUSE_MS = 150;
/** So many looks in a row without a task and without an end: nothing more will come. */
const IDLE_LOOKS = 3;

/** A chat that every web UI opens: linked both ways, with seconds as times. `answer` is laid over the answer's message. */
export function linkedShape(answer: JsonObject = {}): ChatShape {
  return ({ userId, answerId, question, model }) => {
    const timestamp = Math.floor(Date.now() / 1_000);
    const messages = [
      {
        id: userId,
        role: "user",
        content: question,
        parentId: null,
        childrenIds: [answerId],
        timestamp,
        models: [model],
      },
      {
        id: answerId,
        role: "assistant",
        content: "",
        parentId: userId,
        childrenIds: [],
        model,
        modelName: model,
        modelIdx: 0,
        timestamp,
        done: false,
        ...answer,
      },
    ];
    return {
      title: "offstage conformance",
      models: [model],
      messages,
      history: { currentId: answerId, messages: Object.fromEntries(messages.map((m) => [m.id, m])) },
    };
  };
}

/** A completion for the chat's answer, told in the background, without the fields that link it to its question. */
export function unlinkedCompletion({ model }: Probe, chat: ProbeChat): JsonObject {
  return {
    chat_id: chat.chatId,
    id: chat.answerId,
    session_id: "offstage-conformance",
    model,
    stream: true,
    messages: [{ role: "user", content: chat.question }],
  };
}

/** The same with the fields that this server needs to keep the answer under its question, and with no others. */
export async function linkedCompletion(probe: Probe, chat: ProbeChat): Promise<JsonObject> {
  const { linkParent, linkMessage } = await probe.capabilities();
  return {
    ...unlinkedCompletion(probe, chat),
    params: { function_calling: "legacy" },
    ...(linkParent ? { parent_id: chat.userId } : {}),
    ...(linkMessage ? { parent_message: { id: chat.userId } } : {}),
  };
}

/** Asks for a completion. */
export function complete(probe: Probe, body: JsonObject, accept?: string): Promise<ProbeReply> {
  return probe.call("POST", "/api/chat/completions", { body, ...(accept ? { accept } : {}) });
}

/** The chat as stored. @throws not_found where the server does not show it */
export async function readChat(probe: Probe, chatId: string): Promise<JsonObject> {
  const reply = await probe.call("GET", `/api/v1/chats/${chatId}`);
  if (reply.status === 200 && isJsonObject(reply.body)) return reply.body;
  throw new OffstageError("not_found", `GET chats/${chatId} answered ${describeReply(reply)}.`);
}

/** A message as stored, or undefined. */
export function messageIn(record: JsonObject, messageId: string): JsonObject | undefined {
  const message = valueAt(record, "chat", "history", "messages", messageId);
  return isJsonObject(message) ? message : undefined;
}

/** What runs for the chat. */
export async function tasksOf(probe: Probe, chatId: string): Promise<string[]> {
  const reply = await probe.call("GET", `/api/tasks/chat/${chatId}`);
  return stringItems(valueAt(reply.body, "task_ids"));
}

/** An answer that has ended, and what was seen on the way. */
export interface WatchedAnswer {
  record: JsonObject;
  message: JsonObject;
  text: string;
  /** Stored texts that were seen while a task was listed, in the order of the looks. */
  textsWhileRunning: string[];
}

/** Waits until nothing runs for the chat any more and its answer has an end, or never will have one. */
export async function watchAnswer(probe: Probe, chat: ProbeChat): Promise<WatchedAnswer> {
  const textsWhileRunning: string[] = [];
  for (let idleLooks = 0; ; await probe.pause(LOOK_PAUSE_MS)) {
    // Tasks first: what has ended in between then shows in the chat.
    const isRunning = (await tasksOf(probe, chat.chatId)).length > 0;
    const record = await readChat(probe, chat.chatId);
    const message = messageIn(record, chat.answerId) ?? {};
    const text = answerText(message);
    idleLooks = isRunning ? 0 : idleLooks + 1;
    if (isRunning) textsWhileRunning.push(text);
    const hasEnded = message.done === true || text !== "" || decodeError(message.error) !== null;
    if (!isRunning && (hasEnded || idleLooks >= IDLE_LOOKS))
      return { record, message, text, textsWhileRunning };
  }
}

/** The ids from a root to the chat's current message; ends where a link leads nowhere. */
export function currentBranch(record: JsonObject): string[] {
  const branch: string[] = [];
  let id = valueAt(record, "chat", "history", "currentId");
  while (typeof id === "string" && !branch.includes(id)) {
    const message = messageIn(record, id);
    if (!message) break;
    branch.unshift(id);
    id = message.parentId;
  }
  return branch;
}
