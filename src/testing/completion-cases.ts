import { answerText } from "../contract/answer-decoding.ts";
import type { CaseOutcome, ConformanceCase, Probe } from "./conformance-case.ts";
import { complete, linkedCompletion, messageIn, readChat, tasksOf, watchAnswer } from "./probe-chat.ts";
import { describeReply } from "./probe-http.ts";

const SHORT = "Say yes.";
/** Until a stopped answer surely has text. */
const FIRST_TEXT_MS = 300;
const MOST_LOOKS = 40;
const LOOK_PAUSE_MS = 100;

const shortQuestion = ({ steerable }: Probe) => (steerable ? "[[tokens=3]]" : SHORT);

const longQuestion = ({ steerable }: Probe) =>
  steerable ? "[[tokens=400]] [[delay=25]]" : "Write out the numbers from one to five hundred in words.";

/** Whether the chat's tasks come to their end within four seconds. */
async function cameToRest(probe: Probe, chatId: string): Promise<boolean> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    if ((await tasksOf(probe, chatId)).length === 0) return true;
    await probe.pause(LOOK_PAUSE_MS);
  }
  return false;
}

/** Whether a long answer ends early by a call to what `stopPath` gives, and what is left of it. */
async function stopAnswer(
  probe: Probe,
  stopPath: (chatId: string, taskId: string) => string,
): Promise<CaseOutcome> {
  const chat = await probe.createChat(longQuestion(probe));
  await complete(probe, await linkedCompletion(probe, chat));
  await probe.pause(FIRST_TEXT_MS);
  const [taskId] = await tasksOf(probe, chat.chatId);
  if (taskId === undefined)
    return { skipped: "no task was listed: the answer was there too soon to be stopped, or failed" };
  const reply = await probe.call("POST", stopPath(chat.chatId, taskId));
  const said = describeReply(reply);
  if (reply.status !== 200) return { value: false, evidence: said };
  const isGone = await cameToRest(probe, chat.chatId);
  const message = messageIn(await readChat(probe, chat.chatId), chat.answerId) ?? {};
  const left = `${answerText(message).length} characters stay, done is ${JSON.stringify(message.done)}`;
  return { value: isGone, evidence: `${said}; ${left}` };
}

/** What servers do to completions beside a good turn. */
export const completionCases: ConformanceCase[] = [
  {
    name: "sync_save",
    capability: "sync_save",
    question: "Is the answer to a completion without session_id saved?",
    run: async (probe) => {
      const chat = await probe.createChat(shortQuestion(probe));
      const { session_id: _, ...body } = await linkedCompletion(probe, chat);
      const reply = await complete(probe, body, "*/*");
      const { text } = await watchAnswer(probe, chat);
      const form = reply.contentType === "text/event-stream" ? "SSE" : reply.text.slice(0, 60);
      return { value: text !== "", evidence: `stream: true answered ${reply.status} ${form}` };
    },
  },
  {
    name: "duplicate_guard",
    capability: "duplicate_guard",
    question: "Is a second completion for a finished answer refused?",
    run: async (probe) => {
      const chat = await probe.createChat(shortQuestion(probe));
      const body = await linkedCompletion(probe, chat);
      await complete(probe, body);
      const first = await watchAnswer(probe, chat);
      const reply = await complete(probe, body);
      const second = await watchAnswer(probe, chat);
      return {
        value: reply.status === 409,
        evidence: `${reply.status}; text of ${first.text.length} characters, then of ${second.text.length}`,
      };
    },
  },
  {
    name: "stop_per_chat",
    capability: "stop_scope",
    question: "May the user stop everything in a chat by one call?",
    run: (probe) => stopAnswer(probe, (chatId) => `/api/tasks/chat/${chatId}/stop`),
  },
  {
    name: "stop_per_task",
    capability: "stop_scope",
    question: "May this user, whatever the role, stop one task?",
    run: (probe) => stopAnswer(probe, (_, taskId) => `/api/tasks/stop/${taskId}`),
  },
];
