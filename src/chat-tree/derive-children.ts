import type { ForestMessage } from "./forest.ts";

/** A message that says its parent, and whose list of children is yet to be made: one that it carries may be wrong. */
export interface ParentedMessage {
  id: string;
  parentId: string | null;
  role: string;
  childrenIds?: string[];
  [key: string]: unknown;
}

/**
 * The messages with `childrenIds` as their `parentId`s have it, children in the order of the map, which is the order
 * given. A posted order (by parent) permutes those of its ids that are children of that parent among their own places,
 * in the list and in the map; it neither links nor unlinks, and children that it omits stay where they are. A message
 * whose list is right already stays the same object. Linear in messages and posted ids.
 */
export function deriveChildren(
  messages: ReadonlyMap<string, ParentedMessage>,
  postedOrder: ReadonlyMap<string, readonly string[]>,
): Map<string, ForestMessage> {
  const ordered = permuteSiblings(messages, postedOrder);
  const childrenOf = new Map<string, string[]>();
  for (const { id, parentId } of ordered) {
    if (parentId === null) continue;
    const siblings = childrenOf.get(parentId);
    if (siblings === undefined) childrenOf.set(parentId, [id]);
    else siblings.push(id);
  }
  return new Map(
    ordered.map((message) => [message.id, withChildren(message, childrenOf.get(message.id) ?? [])]),
  );
}

function permuteSiblings(
  messages: ReadonlyMap<string, ParentedMessage>,
  postedOrder: ReadonlyMap<string, readonly string[]>,
): ParentedMessage[] {
  const listed = new Set<string>();
  const queues = new Map<string, Iterator<ParentedMessage>>();
  for (const [parentId, childrenIds] of postedOrder) {
    const children: ParentedMessage[] = [];
    for (const id of childrenIds) {
      const child = messages.get(id);
      if (child?.parentId !== parentId || listed.has(id)) continue;
      listed.add(id);
      children.push(child);
    }
    queues.set(parentId, children.values());
  }
  const takePlace = (message: ParentedMessage): ParentedMessage => {
    if (message.parentId === null || !listed.has(message.id)) return message;
    return queues.get(message.parentId)?.next().value ?? message;
  };
  return Array.from(messages.values(), takePlace);
}

function withChildren(message: ParentedMessage, childrenIds: string[]): ForestMessage {
  if (hasChildren(message, childrenIds)) return message;
  const { id, parentId, childrenIds: _former, role, ...rest } = message;
  return { id, parentId, childrenIds, role, ...rest };
}

function hasChildren(message: ParentedMessage, expected: readonly string[]): message is ForestMessage {
  const { childrenIds } = message;
  return childrenIds?.length === expected.length && expected.every((id, index) => id === childrenIds[index]);
}
