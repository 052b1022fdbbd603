import type { PostedChat } from "../contract/chat.ts";
import type { WireMessage } from "../contract/message.ts";
import { OffstageError } from "../errors.ts";

/** A message as posted, perhaps with a part of its fields only. */
export interface PostedMessage {
  id: string;
  /** Undefined where the post does not say. */
  parentId: string | null | undefined;
  /** Undefined where the post does not say. */
  childrenIds: readonly string[] | undefined;
  /** The stamp that `GET chats/{id}` put on it; undefined on a message that did not come from there. */
  revision: number | undefined;
  /** Every other key as posted, but for `origin`, which the server alone writes. */
  fields: Readonly<Record<string, unknown>>;
}

/** The messages of a posted chat, whichever of its two places they stand in. */
export interface PostedForest {
  /** By id, in the order of posting: `messages[]` where it names all of them, else `history`, then the rest. */
  messages: ReadonlyMap<string, PostedMessage>;
  /** What `history.currentId`, `history.current_id`, `currentId` and `current_id` name, in this order. */
  currentIds: readonly string[];
  /** `history.currentId`: only web UIs' snapshots and careful clients name it. */
  historyCurrentId: string | undefined;
  models: readonly string[] | undefined;
}

/** Keys of the tutorial's DTOs that a serialiser writes as null where they are absent. */
const NULL_MEANS_ABSENT: ReadonlySet<string> = new Set([
  "content",
  "done",
  "files",
  "model",
  "modelIdx",
  "modelName",
  "models",
  "role",
  "timestamp",
]);

/**
 * The messages of a posted chat. A message in one place counts, of two differing copies history's fields win one by
 * one, a value of `history.messages` without an id has its key for one, and a listed message without one gets `newId()`.
 * A null `parentId` is a root only beside explicit `childrenIds`: alone it is what serialisers write for an absent one.
 * @throws bad_input for an id given twice in `messages[]`, or a key of `history.messages` that differs from its id.
 */
export function parsePostedForest(chat: PostedChat, { newId }: { newId: () => string }): PostedForest {
  const listed = indexListed(chat.messages ?? [], newId);
  const keyed = indexKeyed(chat.history?.messages ?? {});
  const listNamesAll = keyed.keys().every((id) => listed.has(id));
  const ids = new Set(listNamesAll ? listed.keys() : [...keyed.keys(), ...listed.keys()]);
  const messages = new Map<string, PostedMessage>();
  for (const id of ids) messages.set(id, readMessage(id, listed.get(id), keyed.get(id)));
  const { currentId, current_id } = chat.history ?? {};
  const currentIds = [currentId, current_id, chat.currentId, chat.current_id].filter(isGiven);
  return { messages, currentIds, historyCurrentId: currentId ?? undefined, models: chat.models ?? undefined };
}

function indexListed(messages: readonly WireMessage[], newId: () => string): Map<string, WireMessage> {
  const byId = new Map<string, WireMessage>();
  for (const message of messages) {
    const id = message.id ?? newId();
    if (byId.has(id)) {
      throw new OffstageError(
        "bad_input",
        `messages[] holds the id '${id}' more than once; ids are unique in a chat.`,
      );
    }
    byId.set(id, message);
  }
  return byId;
}

function indexKeyed(messages: Readonly<Record<string, WireMessage>>): Map<string, WireMessage> {
  const byId = new Map(Object.entries(messages));
  for (const [key, { id }] of byId) {
    if (id !== undefined && id !== key) {
      const sentence = `history.messages holds the message '${id}' under the key '${key}'; both must be the same.`;
      throw new OffstageError("bad_input", sentence);
    }
  }
  return byId;
}

function readMessage(id: string, listed: WireMessage = {}, keyed: WireMessage = {}): PostedMessage {
  const childrenIds = keyed.childrenIds ?? listed.childrenIds ?? undefined;
  const parentId = keyed.parentId ?? listed.parentId ?? (saysRoot(listed, keyed) ? null : undefined);
  const revision = keyed.revision ?? listed.revision;
  return {
    id,
    parentId: parentId === null && childrenIds === undefined ? undefined : parentId,
    childrenIds,
    revision: typeof revision === "number" ? revision : undefined,
    fields: { ...givenFields(listed), ...givenFields(keyed) },
  };
}

function saysRoot(...copies: WireMessage[]): boolean {
  return copies.some(({ parentId }) => parentId === null);
}

function givenFields(message: WireMessage): Record<string, unknown> {
  const { id, parentId, childrenIds, revision, origin, ...fields } = message;
  const given = Object.entries(fields).filter(
    ([key, value]) => value !== undefined && !(value === null && NULL_MEANS_ABSENT.has(key)),
  );
  return Object.fromEntries(given);
}

function isGiven(id: string | null | undefined): id is string {
  return id !== null && id !== undefined;
}
