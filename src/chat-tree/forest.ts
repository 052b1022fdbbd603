/** A message of a chat, with its links. Every other key of the message stands beside them as it is on the wire. */
export interface ForestMessage {
  id: string;
  /** Null on a root. */
  parentId: string | null;
  /** The messages that name this one as their parent, oldest first unless a client ordered them. */
  childrenIds: string[];
  role: string;
  content?: unknown;
  [key: string]: unknown;
}

/**
 * A chat's messages as a forest: several roots are siblings (editing the first message makes one). The order of the
 * map is the position of the messages, and the children of each message stand in it in the order of its `childrenIds`.
 */
export interface Forest {
  messages: ReadonlyMap<string, ForestMessage>;
  /** The message that the chat shows the end of; null only while there is none. */
  currentId: string | null;
}

/** A forest as read from somebody else: nothing is known of its values. Every `Forest` is one. */
export interface UncheckedForest {
  messages: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  currentId: unknown;
}

/** The forest that a chat's `history` holds, unchecked. */
export function forestOfHistory(history: {
  messages: Record<string, Readonly<Record<string, unknown>>>;
  currentId: unknown;
}): UncheckedForest {
  return { messages: new Map(Object.entries(history.messages)), currentId: history.currentId };
}

/** The messages from the root down to `id`; empty for an unknown id. A broken link or a cycle ends the walk. */
export function branch(forest: Forest, id: string | null = forest.currentId): ForestMessage[] {
  const upwards = [...ancestry(forest.messages, id)];
  return upwards.reverse();
}

/** The message `id` and its ancestors, nearest first, each at most once even where links go round. */
export function* ancestry(
  messages: ReadonlyMap<string, ForestMessage>,
  id: string | null,
): Generator<ForestMessage, void, void> {
  const visited = new Set<string>();
  let next = id;
  while (next !== null && !visited.has(next)) {
    visited.add(next);
    const message = messages.get(next);
    if (message === undefined) return;
    yield message;
    next = message.parentId ?? null;
  }
}

/** The messages with the same parent as `id` (all roots for a root), itself among them; empty for an unknown id. */
export function siblingsOf(forest: Forest, id: string): ForestMessage[] {
  const message = forest.messages.get(id);
  if (message === undefined) return [];
  if (message.parentId === null)
    return [...forest.messages.values()].filter(({ parentId }) => parentId === null);
  const parent = forest.messages.get(message.parentId);
  return parent === undefined ? [message] : childrenOf(forest, parent);
}

/** The leaf that following the last child from `id` leads to; undefined for an unknown id. */
export function deepestDescendant(forest: Forest, id: string): ForestMessage | undefined {
  const visited = new Set<string>();
  let deepest = forest.messages.get(id);
  while (deepest !== undefined && !visited.has(deepest.id)) {
    visited.add(deepest.id);
    const child = childrenOf(forest, deepest).at(-1);
    if (child === undefined || visited.has(child.id)) return deepest;
    deepest = child;
  }
  return deepest;
}

/** The order of `chat.messages[]`: the branch to the current message, then the other answers to its last user message. */
export function linearMessages(forest: Forest): ForestMessage[] {
  const current = branch(forest);
  const question = current.findLast(({ role }) => role === "user");
  if (question === undefined) return current;
  const onBranch = new Set(current);
  const others = childrenOf(forest, question).filter(
    (message) => message.role === "assistant" && !onBranch.has(message),
  );
  return [...current, ...others];
}

function childrenOf(forest: Forest, parent: ForestMessage): ForestMessage[] {
  return parent.childrenIds.map((id) => forest.messages.get(id)).filter((child) => child !== undefined);
}
