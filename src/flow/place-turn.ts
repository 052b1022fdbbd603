import {
  ancestry,
  appendAnswers,
  appendTurn,
  assertForest,
  type Forest,
  type ForestMessage,
  forestOfHistory,
  type NewMessage,
  normaliseNewChat,
  validateForest,
} from "../chat-tree/index.ts";
import { answerText } from "../contract/answer-decoding.ts";
import type { WireHistory, WireMessage } from "../contract/message.ts";
import type { StoredChatDocument } from "../contract/stored-chat.ts";
import { OffstageError } from "../errors.ts";

/** A question and the answers that it waits for, to stand in a chat. */
export interface PlacedTurn {
  /** Absent for a question that is there already. */
  question: NewMessage | null;
  questionId: string;
  /** As for `NewTurn`. */
  parentId: string | null | undefined;
  /** The placeholders; the first becomes current. */
  answers: readonly (NewMessage & { modelIdx: number })[];
  /** Answers that were given up for these; where they are in the chat, they stand beside them. */
  abandonedIds: readonly string[];
}

/**
 * The messages of a stored chat as a valid forest: as they are where they are one, else with what is missing filled in.
 * @throws bad_input where links go round or lead nowhere.
 */
export function storedForest(chat: StoredChatDocument): Forest {
  const unchecked = forestOfHistory(chat.history);
  if (validateForest(unchecked).length === 0) {
    assertForest(unchecked);
    return unchecked;
  }
  const newId = () => {
    throw new OffstageError("bad_input", "The chat holds a message without an id; it cannot be continued.");
  };
  return normaliseNewChat({ history: { ...chat.history, messages: withRoles(chat) } }, { newId });
}

/** What a server kept of an answer that somebody overwrote while it was made has no role any more (up to 0.9.6). */
function withRoles({ history }: StoredChatDocument): Record<string, WireMessage> {
  const whole = Object.entries(history.messages).map(([id, message]) => [
    id,
    message.role === undefined ? { ...message, id, role: "assistant" as const } : message,
  ]);
  return Object.fromEntries(whole);
}

/** Whether every message of the turn stands in the chat, linked both ways, with one of its answers on the current branch. */
export function isPlaced({ history }: StoredChatDocument, turn: PlacedTurn): boolean {
  const question = history.messages[turn.questionId];
  if (question === undefined) return false;
  const linked = turn.answers.every(({ id }) =>
    isLinked(history.messages[id], id, question, turn.questionId),
  );
  const messages = forestOfHistory(history).messages as ReadonlyMap<string, ForestMessage>;
  return linked && reachesAnswer(messages, history.currentId, turn.answers);
}

/**
 * What the end of a turn needs: its answers hang on the question, and the chat does not show something that the turn
 * itself left behind. A person who has moved on to another branch is left there.
 */
export function isOnBranch({ history }: StoredChatDocument, turn: PlacedTurn): boolean {
  const question = history.messages[turn.questionId];
  const parent = question?.parentId == null ? undefined : history.messages[question.parentId];
  const linked =
    turn.answers.every(({ id }) => isLinked(history.messages[id], id, question, turn.questionId)) &&
    (parent === undefined || parent.childrenIds?.includes(turn.questionId) === true);
  const { currentId } = history;
  const leftBehind =
    currentId === null ||
    history.messages[currentId] === undefined ||
    currentId === turn.questionId ||
    turn.abandonedIds.includes(currentId);
  return linked && !leftBehind;
}

function isLinked(
  message: WireMessage | undefined,
  id: string,
  parent: WireMessage | undefined,
  parentId: string,
): boolean {
  return message?.parentId === parentId && parent?.childrenIds?.includes(id) === true;
}

/** The forest with the turn in it and shown: adds what is missing, mends links, changes nothing else. */
export function placeTurn(forest: Forest, turn: PlacedTurn): Forest {
  const { questionId, answers, abandonedIds } = turn;
  let placed = withMessages(forest, turn);
  for (const id of [...answers.map((answer) => answer.id), ...abandonedIds]) {
    placed = relink(placed, id, questionId);
  }
  const shown = reachesAnswer(placed.messages, placed.currentId, answers);
  return shown ? placed : { ...placed, currentId: answers[0]?.id ?? placed.currentId };
}

function withMessages(forest: Forest, { question, questionId, parentId, answers }: PlacedTurn): Forest {
  if (forest.messages.has(questionId)) {
    const missing = answers.filter(({ id }) => !forest.messages.has(id));
    return missing.length === 0 ? forest : appendAnswers(forest, questionId, missing);
  }
  if (question === null) {
    throw new OffstageError("not_found", `The chat no longer holds the question '${questionId}'.`);
  }
  return appendTurn(forest, { user: question, answers, ...(parentId !== undefined && { parentId }) });
}

/** The forest with `id` under `parentId`, in its list and in no other. */
function relink(forest: Forest, id: string, parentId: string): Forest {
  const message = forest.messages.get(id);
  const parent = forest.messages.get(parentId);
  if (message === undefined || parent === undefined) return forest;
  if (message.parentId === parentId && parent.childrenIds.includes(id)) return forest;
  const messages = new Map(forest.messages);
  const former = message.parentId === null ? undefined : messages.get(message.parentId);
  if (former !== undefined && former.id !== parentId) {
    messages.set(former.id, { ...former, childrenIds: former.childrenIds.filter((child) => child !== id) });
  }
  messages.set(parentId, { ...parent, childrenIds: [...new Set([...parent.childrenIds, id])] });
  messages.set(id, { ...message, parentId });
  return { ...forest, messages };
}

/** Messages of a forest as the wire has them; a role that servers do not know passes as it came from one. */
export function wireMessages(messages: Iterable<ForestMessage>): WireMessage[] {
  return [...messages] as WireMessage[];
}

/** Messages as a `history`, under both names of the current one: Open WebUI's and the tutorial's. */
export function wireHistory(messages: Iterable<ForestMessage>, currentId: string | null): WireHistory {
  const byId = Object.fromEntries(wireMessages(messages).map((message) => [message.id, message]));
  return { currentId, current_id: currentId, messages: byId };
}

/** Ids of messages that were in `before` and are gone from `after`, or lost their text. */
export function lostMessages(before: Forest, after: StoredChatDocument): string[] {
  return [...before.messages.values()]
    .filter((message) => {
      const now = after.history.messages[message.id];
      return now === undefined || (answerText(message) !== "" && answerText(now) === "");
    })
    .map(({ id }) => id);
}

/** Whether the branch to `currentId` goes through one of the answers. */
function reachesAnswer(
  messages: ReadonlyMap<string, ForestMessage>,
  currentId: string | null,
  answers: PlacedTurn["answers"],
): boolean {
  const ids = new Set(answers.map(({ id }) => id));
  return ancestry(messages, currentId).some(({ id }) => ids.has(id));
}
