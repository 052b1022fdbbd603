import { deriveChildren, type ParentedMessage } from "./derive-children.ts";
import { ancestry, type Forest, type ForestMessage } from "./forest.ts";
import { placePosted } from "./place-posted.ts";
import type { PostedForest, PostedMessage } from "./posted-chat.ts";
import { type MessageFacts, reviseMessage } from "./revise-message.ts";
import { assertForest } from "./validate-forest.ts";

/** A chat's stored messages, and what the server knows of each; one without facts never changed and has no answer. */
export interface StoredForest extends Forest {
  facts: ReadonlyMap<string, MessageFacts>;
}

export interface MergeOptions {
  /** The chat's models, where the post names none: a new assistant message without one gets that at its `modelIdx`. */
  models?: readonly string[];
}

/** What a post does to the stored chat: rows to write, and the forest that they make. */
export interface MergePlan {
  /** `append`: no stored message is named. `merge`: some are. `replace`: a snapshot, whose omissions delete. */
  kind: "append" | "merge" | "replace";
  insert: ForestMessage[];
  /** Whole new values of stored messages; one of which only `childrenIds` changed is not among them. */
  change: ForestMessage[];
  remove: string[];
  /** Messages that are `inSnapshot` from now on: the poster has them as they are stored. A changed one not here is not. */
  seen: string[];
  /**
   * False: stored messages keep their order, and `insert` follows them in its own. True: a posted list ordered siblings
   * anew, and positions are to be written from the order of `forest.messages`.
   */
  reordered: boolean;
  currentId: string | null;
  forest: Forest;
}

const NO_FACTS: MessageFacts = { revision: 0, answerState: "none" };

/**
 * What a post to a chat does. New messages are added where they say, else at the end of the current branch; stored ones
 * are merged field by field, and omission deletes nothing. Only a web UI's snapshot (`history.currentId`, all links
 * explicit, closed, with a stored message that it had from here) removes what it omits, except what is newer than the
 * newest stamp in it and was in no snapshot, what is being answered, and the ancestors of both. The resulting forest is
 * valid. Linear in stored and posted messages. Merging the same post again changes nothing, unless its names of the
 * current message differ.
 * @throws bad_input for a cycle, an unknown parent, or a new message without a role.
 */
export function mergePost(stored: StoredForest, post: PostedForest, options: MergeOptions = {}): MergePlan {
  const isReplacing = isSnapshot(stored, post);
  const removed = isReplacing ? omittedBySnapshot(stored, post) : new Set<string>();
  const { kept, changedIds, seen } = reviseStored(stored, post, removed, isReplacing);
  const placed = placePosted(
    post.messages.values().filter(({ id }) => !stored.messages.has(id)),
    {
      stored: stored.messages,
      baseId: chooseCurrent(post.currentIds, stored.messages, stored.currentId) ?? stored.currentId,
      listedBy: listersOf(post),
      models: post.models ?? options.models ?? [],
    },
  );
  const postedOrder = new Map(post.messages.values().map(({ id, childrenIds = [] }) => [id, childrenIds]));
  const messages = deriveChildren(new Map([...kept, ...placed]), postedOrder);
  const named = isReplacing ? currentOfSnapshot(post, stored.messages) : post.currentIds;
  const currentId =
    chooseCurrent(named, messages, stored.currentId) ??
    [...placed.keys()].at(-1) ??
    fallbackCurrent(stored, messages);
  const forest = { messages, currentId };
  assertForest(forest);
  const result = [...messages.values()];
  const keptIds = [...kept.keys()];
  return {
    kind: isReplacing ? "replace" : placed.size === post.messages.size ? "append" : "merge",
    insert: result.filter(({ id }) => placed.has(id)),
    change: result.filter(({ id }) => changedIds.has(id)),
    remove: [...removed],
    seen: isReplacing ? [...seen, ...placed.keys()] : [],
    reordered: keptIds.some((id, index) => id !== result[index]?.id),
    currentId,
    forest,
  };
}

/**
 * Whether the post is a web UI's save of all that it has. Links alone do not say so: a new turn that is posted whole, and
 * posted again after a lost reply, overlaps the chat too, but with messages that neither a GET nor a snapshot knows.
 */
function isSnapshot(stored: StoredForest, { messages, historyCurrentId }: PostedForest): boolean {
  if (historyCurrentId === undefined || !messages.has(historyCurrentId)) return false;
  const isClosed = messages
    .values()
    .every(
      ({ parentId, childrenIds }) =>
        parentId !== undefined &&
        (parentId === null || messages.has(parentId)) &&
        childrenIds?.every((id) => messages.has(id)) === true,
    );
  const comesFromHere = ({ id, revision }: PostedMessage) =>
    stored.messages.has(id) && (revision !== undefined || stored.facts.get(id)?.inSnapshot === true);
  return isClosed && messages.values().some(comesFromHere);
}

/** The stored messages that a snapshot's omission deletes. */
function omittedBySnapshot({ messages, facts }: StoredForest, post: PostedForest): Set<string> {
  const omitted = new Set(messages.keys().filter((id) => !post.messages.has(id)));
  const newestSeen = newestRevision(post);
  for (const id of [...omitted]) {
    const { answerState, revision, inSnapshot = false } = facts.get(id) ?? NO_FACTS;
    if (answerState !== "running" && (inSnapshot || revision <= newestSeen)) continue;
    for (const ancestor of ancestry(messages, id)) {
      if (ancestor.id !== id && !omitted.has(ancestor.id)) break;
      omitted.delete(ancestor.id);
    }
  }
  return omitted;
}

function reviseStored(
  stored: StoredForest,
  post: PostedForest,
  removed: ReadonlySet<string>,
  isReplacing: boolean,
) {
  const kept = new Map<string, ParentedMessage>();
  const changedIds = new Set<string>();
  const seen: string[] = [];
  for (const [id, message] of stored.messages) {
    if (removed.has(id)) continue;
    kept.set(id, message);
    const posted = post.messages.get(id);
    if (posted === undefined) continue;
    const facts = stored.facts.get(id) ?? NO_FACTS;
    const revision = reviseMessage(message, facts, posted, { inSnapshot: isReplacing });
    kept.set(id, revision.message);
    if (revision.message !== message) changedIds.add(id);
    if (revision.isNewlySeen) seen.push(id);
  }
  return { kept, changedIds, seen };
}

/** The newest stamp in the post; below every revision where it has none. */
function newestRevision({ messages }: PostedForest): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { revision = newest } of messages.values()) newest = Math.max(newest, revision);
  return newest;
}

function listersOf({ messages }: PostedForest): Map<string, string> {
  const listedBy = new Map<string, string>();
  for (const { id, childrenIds = [] } of messages.values()) {
    for (const childId of childrenIds) {
      if (childId !== id && !listedBy.has(childId)) listedBy.set(childId, id);
    }
  }
  return listedBy;
}

/** Of the messages that the post names as current, the one that is there and differs from the stored choice, else that. */
function chooseCurrent(
  currentIds: readonly string[],
  messages: ReadonlyMap<string, unknown>,
  storedId: string | null,
): string | undefined {
  const known = currentIds.filter((id) => messages.has(id));
  return known.find((id) => id !== storedId) ?? known[0];
}

/**
 * What a snapshot names as current: `history.currentId` alone, beside messages that the post brings. Web UIs know no other
 * name, and post back unchanged what they once read under the others.
 */
function currentOfSnapshot(
  { currentIds, historyCurrentId }: PostedForest,
  stored: ReadonlyMap<string, unknown>,
): readonly string[] {
  return currentIds.filter((id) => id === historyCurrentId || !stored.has(id));
}

function fallbackCurrent({ currentId }: Forest, messages: ReadonlyMap<string, unknown>): string | null {
  if (currentId !== null && messages.has(currentId)) return currentId;
  return [...messages.keys()].at(-1) ?? null;
}
