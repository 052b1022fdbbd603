import { isJsonObject } from "../contract/json-shape.ts";
import type { ChatShape, ConformanceCase, Probe } from "./conformance-case.ts";
import { complete, currentBranch, unlinkedCompletion, watchAnswer } from "./probe-chat.ts";
import { describeReply, valueAt } from "./probe-http.ts";

type TutorialIds = Parameters<ChatShape>[0];

/** The body of step 1: the question alone, in the tutorial's spelling. */
const questionShape: ChatShape = ({ userId, question, model }) => {
  const message = { id: userId, role: "user", content: question, timestamp: Date.now(), models: [model] };
  return {
    title: "offstage conformance",
    models: [model],
    messages: [message],
    history: { current_id: userId, messages: { [userId]: message } },
  };
};

/** The body of step 3: the same with the empty answer. */
function answerShape(ids: TutorialIds, chatId: string) {
  const { userId, answerId, model } = ids;
  const step1 = questionShape(ids) as { messages: { id: string }[] };
  const answer = {
    id: answerId,
    role: "assistant",
    content: "",
    parentId: userId,
    modelName: model,
    modelIdx: 0,
    timestamp: Date.now(),
  };
  const messages = [...step1.messages, answer];
  const history = { current_id: answerId, messages: Object.fromEntries(messages.map((m) => [m.id, m])) };
  return { ...step1, id: chatId, messages, history };
}

/** The tutorial's steps 1 to 5, to the letter. Asked once a run. */
function tutorialTurn(probe: Probe) {
  return probe.once("tutorial", async () => {
    const question = probe.steerable ? "[[tokens=3]]" : "Hi, what is the capital of France?";
    const chat = await probe.createChat(question, questionShape);
    const saved = answerShape({ ...chat, model: probe.model }, chat.chatId);
    await probe.call("POST", `/api/v1/chats/${chat.chatId}`, { body: { chat: saved } });
    const reply = await complete(probe, unlinkedCompletion(probe, chat));
    return { chat, reply, ...(await watchAnswer(probe, chat)) };
  });
}

/** What the tutorial expects of a server. */
export const tutorialCases: ConformanceCase[] = [
  {
    name: "tutorial_new_chat",
    capability: "tutorial",
    question: "Does chats/new answer success and the chat?",
    run: async (probe) => {
      const { created } = (await tutorialTurn(probe)).chat;
      const isChat = isJsonObject(valueAt(created, "chat"));
      return {
        value: valueAt(created, "success") === true && isChat,
        evidence: `keys: ${Object.keys(isJsonObject(created) ? created : {}).join(", ")}`,
      };
    },
  },
  {
    name: "tutorial_poll_ends",
    capability: "tutorial",
    question: "Does the answer come to chat.messages[], where the tutorial's poll looks?",
    run: async (probe) => {
      const { record, chat, text, reply } = await tutorialTurn(probe);
      const listed = valueAt(record, "chat", "messages");
      const answer = Array.isArray(listed) ? listed.find(({ id }) => id === chat.answerId) : undefined;
      return {
        value: text !== "" && valueAt(answer, "content") === text,
        evidence: `completion ${reply.status}; content there: ${JSON.stringify(valueAt(answer, "content") ?? null).slice(0, 60)}`,
      };
    },
  },
  {
    name: "tutorial_chain",
    capability: "link_parent",
    question: "Without fields that link it, does the answer stand under its question?",
    run: async (probe) => {
      const { record, chat, text, reply } = await tutorialTurn(probe);
      const branch = currentBranch(record);
      const names = branch.map((id) => (id === chat.userId ? "question" : "answer"));
      const parent = valueAt(record, "chat", "history", "messages", chat.answerId, "parentId");
      return {
        value: text !== "" && parent === chat.userId,
        evidence: `completion ${reply.status}; branch to currentId: ${names.join(" > ") || "none"}; parentId: ${parent === chat.userId ? "the question" : JSON.stringify(parent ?? null)}`,
      };
    },
  },
  {
    name: "tutorial_completed",
    capability: "tutorial",
    question: "Does chat/completed answer 200 to the tutorial's body?",
    run: async (probe) => {
      const { chat } = await tutorialTurn(probe);
      const body = {
        chat_id: chat.chatId,
        id: chat.answerId,
        session_id: "offstage-conformance",
        model: probe.model,
      };
      const reply = await probe.call("POST", "/api/chat/completed", { body });
      return { value: reply.status === 200, evidence: describeReply(reply) };
    },
  },
];
