import {
  ancestry,
  type ForestMessage,
  forestOfHistory,
  type UncheckedForest,
  validateForest,
} from "../chat-tree/index.ts";
import { answerText, decodeError } from "../contract/answer-decoding.ts";
import { contentText } from "../contract/content-text.ts";
import { filledString, isJsonObject, type JsonObject, stringItems } from "../contract/json-shape.ts";
import { type Finding, LINK_VERDICTS, SEVERITIES } from "./finding.ts";

/** What a chat's record does not say itself. */
export interface Circumstances {
  /** What runs for the chat, listed before the record was read. */
  runningTaskIds: readonly string[];
}

/** Beyond the year 5000 when counted in seconds. */
const MOST_SECONDS = 100_000_000_000;

/** What an open page of 0.6.15 stores as the error of an answer whose message has no model. */
const MODEL_ERROR = "'model'";

/**
 * Everything that the web UI would stumble over in a chat's record as its server keeps it, the worst first; empty for a
 * healthy chat. Takes any record, changes nothing, linear in messages and links.
 */
export function examineChat(record: JsonObject, { runningTaskIds }: Circumstances): Finding[] {
  const chat = isJsonObject(record.chat) ? record.chat : {};
  const history = isJsonObject(chat.history) ? chat.history : {};
  const forest = storedForest(history);
  const answers = [...forest.messages].filter(([, message]) => message.role === "assistant");
  const lost = lostParents(forest);
  const findings = [
    ...emptyHistory(forest, chat),
    ...lost,
    ...linkFindings(forest, lost, history.current_id ?? chat.currentId ?? chat.current_id),
    ...hiddenAnswer(forest),
    ...answers.flatMap(([id, message]) => answerFindings(id, message, chat, runningTaskIds)),
    ...[...forest.messages].flatMap(([id, message]) => timestampFindings(id, message)),
    ...messagesBehind(forest, chat),
  ];
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** A row that is no object counts as a message without anything. */
function storedForest(history: JsonObject): UncheckedForest {
  const rows = isJsonObject(history.messages) ? Object.entries(history.messages) : [];
  const messages = Object.fromEntries(rows.map(([id, row]) => [id, isJsonObject(row) ? row : {}]));
  return forestOfHistory({ messages, currentId: history.currentId });
}

function emptyHistory({ messages }: UncheckedForest, chat: JsonObject): Finding[] {
  const count = Array.isArray(chat.messages) ? chat.messages.length : 0;
  if (messages.size > 0 || count === 0) return [];
  return [
    {
      code: "history_empty",
      severity: "breaks",
      messageId: null,
      sentence: `The chat has ${count} messages in messages[] and none in history, which is what the web UI reads.`,
      mend: "Write the messages into history.messages, each the parent of the next, and currentId.",
    },
  ];
}

/** Answers that stand alone at the root although a question claims them or comes before them. */
function lostParents({ messages }: UncheckedForest): Finding[] {
  const claims = new Map<string, string>();
  for (const [id, { role, childrenIds }] of messages) {
    if (role === "user") for (const child of stringItems(childrenIds)) claims.set(child, id);
  }
  const findings: Finding[] = [];
  let before: string | undefined;
  for (const [id, { role, parentId }] of messages) {
    if (role === "user") before = id;
    const question = claims.get(id) ?? before;
    if (role !== "assistant" || (parentId ?? null) !== null || question === undefined) continue;
    findings.push({
      code: "lost_parent",
      severity: "misleads",
      messageId: id,
      sentence: `Answer '${id}' has lost its parentId, so the web UI shows it without the question '${question}'.`,
      mend: `Set its parentId to '${question}' and list it among the childrenIds there.`,
    });
  }
  return findings;
}

/** The problems of the links, without those that say the same as a lost parent. */
function linkFindings(forest: UncheckedForest, lost: readonly Finding[], otherCurrent: unknown): Finding[] {
  const lostIds = new Set(lost.map(({ messageId }) => messageId));
  const current = filledString(otherCurrent);
  return validateForest(forest)
    .filter(({ code, messageId }) => code !== "missing_parent_id" || !lostIds.has(messageId))
    .map((problem): Finding => {
      if (problem.code !== "missing_current" || current === null) {
        return { ...problem, ...LINK_VERDICTS[problem.code] };
      }
      return {
        code: "current_id_only",
        severity: "breaks",
        messageId: null,
        sentence: `The chat names its current message '${current}' elsewhere than in history.currentId, so the web UI shows it empty.`,
        mend: `Set history.currentId to '${current}'.`,
      };
    });
}

/** A chat that ends at a question which has an answer. */
function hiddenAnswer({ messages, currentId }: UncheckedForest): Finding[] {
  if (typeof currentId !== "string" || messages.get(currentId)?.role !== "user") return [];
  const answer = [...messages].findLast(
    ([, { role, parentId }]) => role === "assistant" && parentId === currentId,
  );
  if (answer === undefined) return [];
  return [
    {
      code: "hidden_answer",
      severity: "misleads",
      messageId: answer[0],
      sentence: `The chat ends at the question '${currentId}', so the web UI does not show its answer '${answer[0]}'.`,
      mend: `Set history.currentId to '${answer[0]}'.`,
    },
  ];
}

function answerFindings(
  id: string,
  message: JsonObject,
  chat: JsonObject,
  runningTaskIds: readonly string[],
): Finding[] {
  const findings: Finding[] = [];
  const misleads = (code: Finding["code"], sentence: string, mend: string) =>
    findings.push({ code, severity: "misleads", messageId: id, sentence, mend });
  const error = decodeError(message.error);
  if (error?.content === MODEL_ERROR) {
    misleads(
      "model_error",
      `Answer '${id}' shows the error ${MODEL_ERROR}, which an open tab stored because the message had no model.`,
      "Remove its error and write its model; a text beside the error is whole.",
    );
  }
  if (error === null && message.done !== true && runningTaskIds.length === 0 && !hasContent(message)) {
    misleads(
      "never_ended",
      `Answer '${id}' is empty and not done, and no task runs for the chat: unless it is asked for this moment, the web UI waits for ever.`,
      "Ask again as a sibling, or mark it as done with an error that says it was lost.",
    );
  }
  if (filledString(message.model) === null) {
    const [model] = stringItems(chat.models);
    misleads(
      "missing_model",
      `Answer '${id}' has no model, so the web UI heads it 'undefined' and may store the error ${MODEL_ERROR}.`,
      `Write the id of the model that answered as its model${model === undefined ? "" : `; the chat's is '${model}'`}.`,
    );
  }
  return findings;
}

/** Whether an answer has anything to show, thinking and files included. */
function hasContent({ content, output, files }: JsonObject): boolean {
  const isFilled = (list: unknown) => Array.isArray(list) && list.length > 0;
  return contentText(content) !== "" || isFilled(output) || isFilled(files);
}

function timestampFindings(id: string, { timestamp }: JsonObject): Finding[] {
  if (typeof timestamp !== "number" || timestamp < MOST_SECONDS) return [];
  return [
    {
      code: "millisecond_timestamp",
      severity: "misleads",
      messageId: id,
      sentence: `Message '${id}' has a timestamp in milliseconds, ${timestamp}; the web UI reads seconds and shows a wrong date.`,
      mend: `Set its timestamp to ${Math.floor(timestamp / 1000)}.`,
    },
  ];
}

/** What stands on the branch that is shown and not in `messages[]`. */
function messagesBehind({ messages, currentId }: UncheckedForest, chat: JsonObject): Finding[] {
  const rows = Array.isArray(chat.messages) ? chat.messages.filter(isJsonObject) : [];
  const texts = new Map(rows.map((row) => [row.id, answerText(row)]));
  const shown = [...ancestry(messages as ReadonlyMap<string, ForestMessage>, filledString(currentId))];
  const behind = shown.filter((message) => {
    const text = texts.get(message.id);
    return text === undefined || (text === "" && answerText(message) !== "");
  });
  if (behind.length === 0) return [];
  return [
    {
      code: "messages_behind",
      severity: "note",
      messageId: null,
      sentence: `messages[] lacks ${behind.length} of the ${shown.length} messages that are shown, or their text; the web UI does not read it, other programs may.`,
      mend: "Write the shown messages into messages[], from the first to the current one.",
    },
  ];
}
