import { withoutReasoning } from "../../../src/contract/answer-decoding.ts";
import { request } from "../api/request.ts";
import type { ChatRecord, CompletionAck, WireFile, WireMessage } from "../api/shapes.ts";
import type { Conversation } from "./conversation.svelte.ts";
import type { Message } from "./message.svelte.ts";
import { newId } from "./new-id.ts";
import { session } from "./session.svelte.ts";
import { userSettings } from "./user-settings.svelte.ts";

export interface Question {
  content: string;
  files: WireFile[];
  models: string[];
  /** The message that it follows; null for the first. */
  parentId: string | null;
  params?: Record<string, unknown>;
  features?: Record<string, boolean>;
}

const nowSec = () => Math.floor(Date.now() / 1000);

/** What every completion of these pages says: answer in the chat, tell by events, and do not wait. */
function completion(body: Record<string, unknown>): Promise<CompletionAck> {
  return request<CompletionAck>("POST", "/api/chat/completions", {
    body: {
      stream: true,
      session_id: session.live.sessionId || newId(),
      ...body,
      ...(userSettings.usesMemories ? { features: { ...(body.features as object), memory: true } } : {}),
    },
  });
}

const tasksAfter = (isFirst: boolean) => ({
  title_generation: isFirst,
  tags_generation: isFirst,
  follow_up_generation: true,
});

function material(conversation: Conversation | null, question: Question): Record<string, unknown> {
  const earlier = conversation?.branch.flatMap(({ files }) => files) ?? [];
  const all = [...(conversation?.files ?? []), ...earlier, ...question.files];
  const named = all.filter(({ type }) => type !== "image");
  const files = [...new Map(named.map((file) => [`${file.type} ${file.id ?? file.name}`, file])).values()];
  return files.length > 0 ? { files, wait_for_files: true } : {};
}

function placeholders(question: WireMessage, models: readonly string[]): WireMessage[] {
  return models.map((model, modelIdx) => ({
    id: newId(),
    role: "assistant",
    content: "",
    parentId: question.id,
    childrenIds: [],
    model,
    modelIdx,
    timestamp: nowSec(),
    done: false,
  }));
}

function targets(answers: readonly WireMessage[]) {
  const [first] = answers;
  if (answers.length === 1) return { model: first!.model, id: first!.id };
  const message_ids = answers.map(({ id, model, modelIdx }) => ({
    model_id: model,
    message_id: id,
    modelIdx,
  }));
  return { model: first!.model, message_ids };
}

/**
 * Puts a question to its models; shown at once, taken back where the server refuses. Answers the chat's id, which is new
 * where there was none. @throws RequestFailed
 */
export async function ask(conversation: Conversation | null, question: Question): Promise<string> {
  const { content, files, models, parentId } = question;
  const user: WireMessage = {
    id: newId(),
    role: "user",
    content,
    parentId,
    childrenIds: [],
    models,
    timestamp: nowSec(),
    ...(files.length > 0 ? { files } : {}),
  };
  const answers = placeholders(user, models);
  const body = {
    ...(conversation ? { chat_id: conversation.id } : { parent_id: null }),
    ...targets(answers),
    user_message: user,
    background_tasks: tasksAfter(!conversation || parentId === null),
    ...material(conversation, question),
    ...(question.params ? { params: question.params } : {}),
    ...(question.features ? { features: question.features } : {}),
  };
  if (!conversation) return (await completion(body)).chat_id;
  const formerId = conversation.currentId;
  const shown = Object.fromEntries([user, ...answers].map((message) => [message.id, message]));
  conversation.takeIn(shown, answers[0]!.id);
  try {
    await completion(body);
  } catch (error) {
    conversation.forget(Object.keys(shown), formerId);
    throw error;
  }
  return conversation.id;
}

/** Has a question answered once more, beside what there is. @throws RequestFailed */
export async function answerAgain(conversation: Conversation, answer: Message): Promise<void> {
  const placeholder: WireMessage = {
    id: newId(),
    role: "assistant",
    content: "",
    parentId: answer.parentId,
    childrenIds: [],
    model: answer.model,
    modelIdx: answer.modelIdx,
    timestamp: nowSec(),
    done: false,
  };
  const formerId = conversation.currentId;
  conversation.takeIn({ [placeholder.id]: placeholder }, placeholder.id);
  try {
    await completion({
      chat_id: conversation.id,
      id: placeholder.id,
      parent_id: answer.parentId,
      model: answer.model,
      background_tasks: tasksAfter(false),
      ...material(conversation, { content: "", files: [], models: [], parentId: null }),
    });
  } catch (error) {
    conversation.forget([placeholder.id], formerId);
    throw error;
  }
}

/** Has an answer that failed made again in its place. @throws RequestFailed */
export async function retryAnswer(conversation: Conversation, answer: Message): Promise<void> {
  const { error, text } = answer;
  answer.read({ role: "assistant", content: "", done: false, error: null });
  try {
    await completion({
      chat_id: conversation.id,
      id: answer.id,
      parent_id: answer.parentId,
      model: answer.model,
      background_tasks: tasksAfter(answer.parentId === conversation.branch[0]?.id),
      ...material(conversation, { content: "", files: [], models: [], parentId: null }),
    });
  } catch (failure) {
    answer.read({ role: "assistant", content: text, done: true, error });
    throw failure;
  }
}

/** Has an answer go on where it ended. @throws RequestFailed */
export async function continueAnswer(conversation: Conversation, answer: Message): Promise<void> {
  answer.isDone = false;
  try {
    await completion({
      chat_id: conversation.id,
      id: answer.id,
      assistant_message_id: answer.id,
      model: answer.model,
    });
  } catch (error) {
    answer.isDone = true;
    throw error;
  }
}

/** Stops all that is being answered in a chat; what has come stays. @throws RequestFailed */
export async function stopAnswers(conversation: Conversation): Promise<void> {
  await request("POST", `/api/tasks/chat/${encodeURIComponent(conversation.id)}/stop`);
}

/**
 * Gives a message another text, in its place and for every tab. What the model thought stands within the stored text, and
 * is kept. @throws RequestFailed
 */
export async function editMessage(
  conversation: Conversation,
  message: Message,
  content: string,
): Promise<void> {
  const path = `/api/v1/chats/${encodeURIComponent(conversation.id)}`;
  let thought = "";
  if (message.reasoning !== "") {
    const { chat } = await request<ChatRecord>("GET", path);
    const stored = String(chat.history.messages[message.id]?.content ?? "");
    const said = withoutReasoning(stored);
    if (stored.endsWith(said)) thought = stored.slice(0, stored.length - said.length);
  }
  await request("POST", `${path}/messages/${encodeURIComponent(message.id)}`, {
    body: { content: thought + content },
  });
  message.text = content;
}

/** Shows another branch from now on, in other tabs and after a reload too. @throws RequestFailed */
export async function showBranch(conversation: Conversation, message: Message): Promise<void> {
  const currentId = conversation.leafOf(message).id;
  conversation.currentId = currentId;
  await request("POST", `/api/v1/chats/${encodeURIComponent(conversation.id)}`, {
    body: { chat: { history: { currentId } } },
  });
}
