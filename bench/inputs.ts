import { randomUUID } from "node:crypto";

/** What every flow asks, and the text that an answer to it must hold. */
export const QUESTION = "Hi, what is the capital of France?";
export const EXPECTED_ANSWER = "The capital of France is Paris.";

/** The title that a new chat is posted with: a generated one differs from it. */
export const POSTED_TITLE = "New Chat";

/** A message as the tutorial's 'Message DTO' has it; times in milliseconds. */
export interface InputMessage {
  id: string;
  role: "user" | "assistant";
  content: string;
  timestamp: number;
  parentId?: string | null;
  childrenIds?: string[];
  models?: string[];
  model?: string;
  modelName?: string;
  modelIdx?: number;
  done?: boolean;
}

export interface InputChat {
  title: string;
  models: string[];
  messages: InputMessage[];
  history: { current_id?: string; currentId?: string; messages: Record<string, InputMessage> };
}

/** The ids that the caller of a flow makes. */
export interface TurnIds {
  userId: string;
  answerId: string;
  sessionId: string;
}

export function newTurnIds(): TurnIds {
  return { userId: randomUUID(), answerId: randomUUID(), sessionId: randomUUID() };
}

/** The bodies of the tutorial's steps 1 and 3: the chat with its user message, then with the placeholder as well. */
export function tutorialChats(
  ids: TurnIds,
  turn: { model: string; question: string; nowMs: number },
): { created: InputChat; enriched: InputChat } {
  const { model, question, nowMs } = turn;
  const user: InputMessage = {
    id: ids.userId,
    role: "user",
    content: question,
    timestamp: nowMs,
    models: [model],
  };
  const placeholder: InputMessage = {
    id: ids.answerId,
    role: "assistant",
    content: "",
    parentId: ids.userId,
    modelName: model,
    modelIdx: 0,
    timestamp: nowMs + 1000,
  };
  const chat = (messages: InputMessage[]): InputChat => ({
    title: POSTED_TITLE,
    models: [model],
    messages,
    history: {
      current_id: messages.at(-1)!.id,
      messages: Object.fromEntries(messages.map((message) => [message.id, message])),
    },
  });
  return { created: chat([user]), enriched: chat([user, placeholder]) };
}

/** The body of the tutorial's step 4, with everything that it names. */
export function completionBody(
  ids: TurnIds,
  turn: { chatId: string; model: string; question: string; titleGeneration: boolean },
): Record<string, unknown> {
  return {
    chat_id: turn.chatId,
    id: ids.answerId,
    messages: [{ role: "user", content: turn.question }],
    model: turn.model,
    stream: true,
    background_tasks: {
      title_generation: turn.titleGeneration,
      tags_generation: false,
      follow_up_generation: false,
    },
    features: { code_interpreter: false, web_search: false, image_generation: false, memory: false },
    variables: {
      "{{USER_NAME}}": "",
      "{{USER_LANGUAGE}}": "en-US",
      "{{CURRENT_DATETIME}}": "2025-07-14T12:00:00Z",
      "{{CURRENT_TIMEZONE}}": "Europe",
    },
    session_id: ids.sessionId,
  };
}

/**
 * A finished chat of `count` messages (user and assistant in turn, one branch, every link set), each with about
 * `characters` of text, so that 200 of 800 make a record of some 380 KB.
 */
export function longChat(
  count: number,
  options: { model: string; characters: number; nowMs: number },
): InputChat {
  const { model, characters, nowMs } = options;
  const ids = Array.from({ length: count }, (_, index) => `message-${index}`);
  const messages = ids.map((id, index): InputMessage => {
    const isUser = index % 2 === 0;
    return {
      id,
      role: isUser ? "user" : "assistant",
      content: fillerText(index, characters),
      parentId: ids[index - 1] ?? null,
      childrenIds: ids.slice(index + 1, index + 2),
      timestamp: nowMs + index,
      ...(isUser ? { models: [model] } : { model, modelName: model, modelIdx: 0, done: true }),
    };
  });
  const byId = Object.fromEntries(messages.map((message) => [message.id, message]));
  return {
    title: `${count} messages`,
    models: [model],
    messages,
    history: { currentId: ids.at(-1)!, messages: byId },
  };
}

function fillerText(seed: number, characters: number): string {
  const words = ["river", "bridge", "“market”", "harbour", "Straße", "garden", "tower\n", "lantern"];
  let text = `Message ${seed}:`;
  for (let index = seed; text.length < characters; index += 1) text += ` ${words[index % words.length]}`;
  return text.slice(0, characters).trim();
}
