import type { JsonObject } from "../contract/json-shape.ts";
import type { ConformanceCase, Probe, ProbeChat } from "./conformance-case.ts";
import { linkedShape, messageIn, readChat } from "./probe-chat.ts";
import { describeReply, type ProbeReply } from "./probe-http.ts";

const QUESTION = "This chat is a test.";
const STORED = { content: "stored", done: true };

function postHistory(
  probe: Probe,
  { chatId }: ProbeChat,
  currentId: string,
  messages: readonly JsonObject[],
): Promise<ProbeReply> {
  const history = { currentId, messages: Object.fromEntries(messages.map((m) => [m.id, m])) };
  return probe.call("POST", `/api/v1/chats/${chatId}`, { body: { chat: { history, messages } } });
}

async function bothMessages(probe: Probe, { chatId, userId, answerId }: ProbeChat) {
  const record = await readChat(probe, chatId);
  return { user: messageIn(record, userId) ?? {}, answer: messageIn(record, answerId) ?? {} };
}

/** What a server makes of posted chats; no model is called. */
export const documentCases: ConformanceCase[] = [
  {
    name: "history_merge",
    capability: "history_merge",
    question: "Does a message stay that a posted history leaves out, though an answer in it names it?",
    run: async (probe) => {
      const chat = await probe.createChat(QUESTION, linkedShape(STORED));
      const { answer } = await bothMessages(probe, chat);
      const reply = await postHistory(probe, chat, chat.answerId, [answer]);
      const isThere = messageIn(await readChat(probe, chat.chatId), chat.userId) !== undefined;
      return { value: isThere, evidence: `posted without the question: ${reply.status}` };
    },
  },
  {
    name: "omission_deletes",
    capability: "history_merge",
    question: "Does a web UI's save, read before and without its last message, delete that message?",
    run: async (probe) => {
      const chat = await probe.createChat(QUESTION, linkedShape(STORED));
      const { user } = await bothMessages(probe, chat);
      const reply = await postHistory(probe, chat, chat.userId, [{ ...user, childrenIds: [] }]);
      const isThere = messageIn(await readChat(probe, chat.chatId), chat.answerId) !== undefined;
      return { value: !isThere, evidence: `posted without the answer: ${reply.status}` };
    },
  },
  {
    name: "delete_message",
    capability: "delete_message",
    question: "Can one message be deleted?",
    run: async (probe) => {
      const chat = await probe.createChat(QUESTION, linkedShape(STORED));
      const reply = await probe.call("DELETE", `/api/v1/chats/${chat.chatId}/messages/${chat.answerId}`);
      const isThere = messageIn(await readChat(probe, chat.chatId), chat.answerId) !== undefined;
      return { value: !isThere, evidence: `DELETE chats/{id}/messages/{id}: ${reply.status}` };
    },
  },
  {
    name: "edit_guard",
    capability: "edit_guard",
    question: "Is a client's text for an answer with done: false ignored?",
    run: async (probe) => {
      const chat = await probe.createChat(QUESTION);
      const { user, answer } = await bothMessages(probe, chat);
      const edited = { ...answer, content: "edited", done: false };
      const reply = await postHistory(probe, chat, chat.answerId, [user, edited]);
      const { content } = (await bothMessages(probe, chat)).answer;
      return {
        value: content !== "edited",
        evidence: `posted: ${describeReply(reply).slice(0, 3)}, then content is ${JSON.stringify(content)}`,
      };
    },
  },
];
