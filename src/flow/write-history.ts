import { assertForest, deriveChildren, type Forest, type ForestMessage } from "../chat-tree/index.ts";
import type { PostedChat } from "../contract/chat.ts";
import type { WireMessage } from "../contract/message.ts";
import type { StoredChat } from "../contract/stored-chat.ts";
import { OffstageError } from "../errors.ts";
import { lostMessages, storedForest, wireHistory } from "./place-turn.ts";
import type { Run } from "./run.ts";
import { chatFilesWith, turnFiles } from "./turn-material.ts";

const MAX_REPAIRS = 3;

/**
 * Changes a chat's messages and loses none: reads it afresh, writes as little as the server allows, reads it again, and
 * writes back what others' messages lost by it. Answers the chat as it was read last. `attempt` says which of this effect it is, from 1.
 * @throws conflict where messages stay lost; bad_input for a chat that cannot be made a forest.
 */
export async function writeHistory(
  run: Run,
  edit: (forest: Forest) => Forest,
  attempt = 1,
): Promise<StoredChat> {
  const { client } = run.context;
  const chatId = run.knownChatId();
  const { chat } = await client.getChat(chatId, run.call);
  let wanted = edit(storedForest(chat));
  let known = chat.history.messages;
  for (let repairs = 0; ; repairs++) {
    assertForest(wanted);
    const posted = postedHistory(wanted, known, run.profile?.historyMerge === true);
    const files = turnFiles(run).length > 0 ? { files: chatFilesWith(run, chat) } : {};
    await client.updateChat(chatId, { ...posted, ...files }, run.effectCall(attempt + repairs));
    const after = await client.getChat(chatId, run.call);
    const lost = lostMessages(wanted, after.chat);
    if (lost.length === 0) return after;
    if (repairs === MAX_REPAIRS) {
      throw new OffstageError(
        "conflict",
        `The chat ${chatId} lost the messages ${lost.join(", ")} while it was written.`,
      );
    }
    known = after.chat.history.messages;
    wanted = putBack(wanted, lost, storedForest(after.chat));
  }
}

/** The forest as it was read last, with the messages that it lost; others' are linked and read as they are there. */
function putBack(wanted: Forest, lost: readonly string[], after: Forest): Forest {
  const messages = new Map(after.messages);
  for (const id of lost) {
    const message = wanted.messages.get(id);
    if (message !== undefined) messages.set(id, message);
  }
  return { ...wanted, messages: deriveChildren(messages, new Map()) };
}

/** Only what changed where the server keeps the rest, else all: there a message that is left out is deleted. */
function postedHistory(
  { messages, currentId }: Forest,
  known: Record<string, WireMessage>,
  merges: boolean,
): PostedChat {
  const all = [...messages.values()];
  const posted = merges ? all.filter((message) => hasChanged(message, known)) : all;
  return { history: wireHistory(posted, currentId) };
}

/**
 * Whether a server that merges has to be told of the message. It links new messages to their parents by itself; the parent
 * as we read it could take away a text that came since.
 */
function hasChanged(message: ForestMessage, known: Record<string, WireMessage>): boolean {
  const former: Readonly<Record<string, unknown>> | undefined = known[message.id];
  if (former === undefined) return true;
  const fields = Object.keys({ ...former, ...message }).filter((field) => field !== "childrenIds");
  const before = known[message.id]?.childrenIds ?? [];
  const onlyGained =
    before.every((id) => message.childrenIds.includes(id)) &&
    message.childrenIds.every((id) => before.includes(id) || known[id] === undefined);
  return !onlyGained || fields.some((field) => former[field] !== message[field]);
}
