import { OffstageError } from "../errors.ts";
import type { Forest, ForestMessage } from "./forest.ts";

/** A message to add: its links are made for it. */
export interface NewMessage {
  id: string;
  role: string;
  [key: string]: unknown;
}

/** A question and the messages that wait for its answers. */
export interface NewTurn {
  user: NewMessage;
  answers?: readonly NewMessage[];
  /** The message that the question follows: the current one unless given; null begins a second root. */
  parentId?: string | null;
}

/**
 * The forest with the messages added in order, each as its parent's last child, and `currentId` current (the former,
 * else the last one added, unless given). The forest given is left as it was; linear in it and the additions, so that
 * many messages are added by one call.
 * @throws bad_input where an id is taken or a parent unknown.
 */
export function addMessages(
  forest: Forest,
  additions: readonly (NewMessage & { parentId: string | null })[],
  currentId?: string,
): Forest {
  const messages = new Map(forest.messages);
  const ownedParents = new Set<string>();
  for (const addition of additions) {
    const { id, parentId } = addition;
    if (messages.has(id)) throw new OffstageError("bad_input", `The chat has a message '${id}' already.`);
    if (parentId !== null) {
      const parent = messages.get(parentId);
      if (parent === undefined) {
        const sentence = `Message '${id}' cannot be added: its parent '${parentId}' is not in the chat.`;
        throw new OffstageError("bad_input", sentence);
      }
      if (ownedParents.has(parentId)) parent.childrenIds.push(id);
      else messages.set(parentId, { ...parent, childrenIds: [...parent.childrenIds, id] });
      ownedParents.add(parentId);
    }
    messages.set(id, { ...addition, childrenIds: [] });
    ownedParents.add(id);
  }
  const current = currentId ?? forest.currentId ?? additions.at(-1)?.id ?? null;
  if (current !== null && !messages.has(current)) {
    throw new OffstageError("bad_input", `Message '${current}' cannot be current: it is not in the chat.`);
  }
  return { messages, currentId: current };
}

/**
 * The forest with a question and its answers' placeholders added; the first placeholder is current, else the question.
 * @throws bad_input as `addMessages` does.
 */
export function appendTurn(
  forest: Forest,
  { user, answers = [], parentId = forest.currentId }: NewTurn,
): Forest {
  const additions = [{ ...user, parentId }, ...answersUnder(user.id, answers)];
  return addMessages(forest, additions, (answers[0] ?? user).id);
}

/**
 * The forest with one more answer for each message given under a question that is there; the first is current.
 * Each one's `modelIdx` is its place in the list unless given.
 * @throws bad_input as `addMessages` does.
 */
export function appendAnswers(forest: Forest, userId: string, answers: readonly NewMessage[]): Forest {
  return addMessages(forest, answersUnder(userId, answers), answers[0]?.id);
}

/**
 * The forest with another message beside `siblingId`, and current: an answer again, at the same `modelIdx` unless
 * given, or an edited question.
 * @throws bad_input for an unknown sibling or a taken id.
 */
export function appendSibling(forest: Forest, siblingId: string, message: NewMessage): Forest {
  const sibling = forest.messages.get(siblingId);
  if (sibling === undefined) {
    throw new OffstageError(
      "bad_input",
      `Nothing can be added beside '${siblingId}': it is not in the chat.`,
    );
  }
  const modelIdx = message.modelIdx ?? sibling.modelIdx ?? 0;
  const place = message.role === "assistant" ? { modelIdx } : {};
  return addMessages(forest, [{ ...message, ...place, parentId: sibling.parentId }], message.id);
}

function answersUnder(userId: string, answers: readonly NewMessage[]): (ForestMessage & NewMessage)[] {
  return answers.map((answer, index) => ({
    modelIdx: index,
    ...answer,
    parentId: userId,
    childrenIds: [],
  }));
}
