import pRetry from "p-retry";
import type { FileReference } from "../../contract/chat.ts";
import type { CompletionRequest } from "../../contract/completion.ts";
import { isTemporaryChat } from "../../contract/ids.ts";
import type { Queries } from "../../db/database.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { RunningAnswer } from "../answers/answer-registry.ts";
import { AnsweredElsewhereError } from "../answers/answered-elsewhere.ts";
import type { PreparedAnswer } from "../answers/run-answer.ts";
import type { Sender } from "../auth/sender.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { assertRoomForChat, findOwnChat } from "./chat-access.ts";
import { newChatRows } from "./create-chat.ts";
import { findUsableModel } from "./find-model.ts";
import { awaitMaterial } from "./material.ts";
import { placeholderFields } from "./placeholder-fields.ts";
import { startTemporaryTurn } from "./temporary-turn.ts";
import { answerTargets, requestUserMessage } from "./turn-plan.ts";
import { type Target, TurnWriter } from "./turn-writer.ts";

/** The answers of one request, in the order that it asked for them; some may have been running already. */
export interface StartedTurn {
  chatId: string;
  isNewChat: boolean;
  answers: RunningAnswer[];
  /** Those of them that were running before. */
  joined: ReadonlySet<RunningAnswer>;
}

/**
 * Begins, continues, repeats or joins the answers that a request with a chat asks for. Resolves once the beginning is
 * committed; what comes later is told by events and kept in the messages. Of a temporary chat nothing is kept.
 * @throws OffstageError `not_found`, `conflict`, `bad_input`; nothing is changed then
 */
export async function startTurn(
  context: Context,
  user: User,
  request: CompletionRequest,
  sender: Sender,
): Promise<StartedTurn> {
  assertTakesTurns(context);
  await awaitNamedFiles(context, user, request);
  const targets: Target[] = [];
  for (const target of answerTargets(request, context.newId)) {
    targets.push({ ...target, found: await findUsableModel(context, user, target.model) });
  }
  const turn =
    request.chat_id && isTemporaryChat(request.chat_id)
      ? await startTemporaryTurn(context, user, request, targets)
      : await pRetry(() => beginTurn(context, user, { request, targets, sender }), {
          ...UNTIL_TOLD,
          shouldRetry: ({ error }) => error instanceof AnsweredElsewhereError,
        });
  for (const answer of turn.joined) await answer.follow();
  return turn;
}

/** How long what another node has begun may take to be told here: 0.6 s in all. */
const UNTIL_TOLD = { retries: 5, minTimeout: 20, factor: 2 };

async function beginTurn(
  context: Context,
  user: User,
  { request, targets, sender }: { request: CompletionRequest; targets: readonly Target[]; sender: Sender },
): Promise<StartedTurn> {
  const prepared: PreparedAnswer[] = [];
  const joined: RunningAnswer[] = [];
  const isNewChat = !request.chat_id;
  try {
    let changed: Record<string, unknown> = {};
    const chatId = await context.store.write(async (tx) => {
      // Where the database runs the work once more, the first run has not been.
      for (const { abandon } of prepared.splice(0)) abandon(new Error("The turn was begun anew."));
      joined.length = 0;
      const { chat, messages } = request.chat_id
        ? await findChatOfTurn(context, tx, user, request.chat_id)
        : await insertOneCallChat(context, tx, user, { request, targets, sender });
      const turn = new TurnWriter(context, tx, user, { request, chat, sender });
      await turn.load(messages);
      turn.place(targets);
      for (const [index, target] of targets.entries()) {
        const running = await turn.begin(target, index === 0);
        if ("answer" in running) prepared.push(running);
        else joined.push(running);
      }
      await turn.finish(targets[0]!.messageId);
      if (context.bus.hasAudience(user.id)) changed = turn.changedMessages();
      return chat.id;
    });
    if (Object.keys(changed).length > 0) {
      const currentId = targets[0]!.messageId;
      context.bus.publish(user.id, { type: "messages-changed", chatId, messages: changed, currentId });
    }
    for (const { start } of prepared) start();
    context.bus.publish(user.id, { type: "chat-list-changed", chatId });
    const running = [...prepared.map(({ answer }) => answer), ...joined];
    const answers = targets.map(({ messageId }) => running.find((answer) => answer.messageId === messageId)!);
    return { chatId, isNewChat, answers, joined: new Set(joined) };
  } catch (error) {
    for (const { abandon } of prepared) abandon(error);
    throw error;
  }
}

async function findChatOfTurn(
  { store }: Context,
  tx: Queries,
  user: User,
  chatId: string,
): Promise<{ chat: ChatTable; messages: MessageTable[] }> {
  const [chat, messages] = await Promise.all([
    findOwnChat(store, tx, user.id, chatId, 404),
    store.messages.listMessages(tx, chatId),
  ]);
  return { chat, messages };
}

/** How long a client is asked to wait for the server that comes after this one. */
const SUCCESSOR_SEC = 5;

/** @throws OffstageError `unavailable` while the server shuts down */
export function assertTakesTurns({ answers }: Context): void {
  if (!answers.isClosed) return;
  throw new OffstageError("unavailable", "The server is shutting down; try again soon.", {
    details: { retryAfterSec: SUCCESSOR_SEC },
  });
}

const WAIT_FOR_FILES_SEC = 60;

/** Where the request asks for it, waits for the material that it or its chat names; what comes of it is seen later. */
export async function awaitNamedFiles(
  context: Context,
  user: User,
  request: CompletionRequest,
): Promise<void> {
  const { wait_for_files: wait, chat_id: chatId } = request;
  if (!wait) return;
  let files = request.files;
  if (!files && chatId && !isTemporaryChat(chatId)) {
    const chat = await findOwnChat(context.store, context.store.read, user.id, chatId, 404);
    files = (JSON.parse(chat.body_json) as { files?: FileReference[] }).files;
  }
  const waitSec = wait === true ? WAIT_FOR_FILES_SEC : wait;
  await awaitMaterial(context, user, files ?? [], waitSec * 1_000);
}

/** The one-call form: makes the chat with the question and a placeholder for each answer. */
async function insertOneCallChat(
  context: Context,
  tx: Queries,
  user: User,
  { request, targets, sender }: { request: CompletionRequest; targets: readonly Target[]; sender: Sender },
): Promise<{ chat: ChatTable; messages: MessageTable[] }> {
  const posted = requestUserMessage(request);
  const content = posted?.content ?? request.messages?.findLast(({ role }) => role === "user")?.content;
  if (content === undefined || content === null) {
    throw new OffstageError("bad_input", "A new chat needs a question: give `user_message` or `messages`.");
  }
  const models = targets.map(({ model }) => model);
  const timestamp = nowSec(context.clock);
  const question = {
    timestamp,
    models,
    ...posted,
    id: posted?.id ?? context.newId(),
    role: "user" as const,
    content,
    parentId: null,
    childrenIds: targets.map(({ messageId }) => messageId),
  };
  const placeholders = targets.map((target) => ({
    ...placeholderFields(target, timestamp),
    id: target.messageId,
    parentId: question.id,
    childrenIds: [],
  }));
  const form = {
    models,
    params: request.params?.system ? { system: request.params.system } : {},
    messages: [question, ...placeholders],
    history: { currentId: targets[0]!.messageId },
  };
  const { chat, messages } = newChatRows(context, user.id, form, { origin: sender.origin });
  await assertRoomForChat(context, tx, user.id);
  await Promise.all([
    context.store.chats.insertChat(tx, chat),
    ...messages.map((message) => context.store.messages.insertMessage(tx, message)),
  ]);
  return { chat, messages };
}
