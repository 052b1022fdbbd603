import { filledString } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";
import type { ParentedMessage } from "./derive-children.ts";
import type { ForestMessage } from "./forest.ts";
import type { PostedMessage } from "./posted-chat.ts";
import { withoutEmptyDone } from "./revise-message.ts";

/** Where new messages go that do not say so, and what those get that lack something. */
export interface Placing {
  /** The messages that the new ones join. */
  stored: ReadonlyMap<string, ForestMessage>;
  /** The end of the branch that the first message without a parent follows; null begins a root. */
  baseId: string | null;
  /** By a message's id, the posted message that lists it among its children. */
  listedBy: ReadonlyMap<string, string>;
  /** An assistant message that names no model gets the one at its `modelIdx`. */
  models: readonly string[];
}

/**
 * The new messages of a post, complete but for `childrenIds`, in the order given. A message without a parent goes under
 * the posted one that lists it, else under the message before it; an assistant's under the user message before it.
 * Linear. A parent may be unknown or a cycle arise: that is for the validator to find.
 * @throws bad_input for a message without a role.
 */
export function placePosted(posted: Iterable<PostedMessage>, placing: Placing): Map<string, ParentedMessage> {
  const { stored, listedBy, models } = placing;
  const placed = new Map<string, ParentedMessage>();
  const questionOf = createQuestionFinder((id) => placed.get(id) ?? stored.get(id));
  let beforeId = placing.baseId;
  const parentFor = ({ id, parentId }: PostedMessage, role: string): string | null => {
    if (parentId !== undefined) return parentId;
    const listerId = listedBy.get(id);
    if (listerId !== undefined) return listerId;
    return role === "assistant" ? (questionOf(beforeId) ?? beforeId) : beforeId;
  };
  for (const message of posted) {
    const role = roleOf(message);
    placed.set(message.id, completeMessage(message, role, parentFor(message, role), models));
    beforeId = message.id;
  }
  return placed;
}

/** Finds the nearest user message at or above a message; remembers every walk, so that all of them are linear. */
function createQuestionFinder(find: (id: string) => ParentedMessage | undefined) {
  const known = new Map<string, string | null>();
  return (fromId: string | null): string | null => {
    const walked = new Set<string>();
    let id = fromId;
    let question: string | null = null;
    while (id !== null && !walked.has(id)) {
      const message = find(id);
      if (known.has(id) || message === undefined || message.role === "user") {
        question = known.get(id) ?? (message?.role === "user" ? id : null);
        break;
      }
      walked.add(id);
      id = message.parentId;
    }
    for (const passed of walked) known.set(passed, question);
    return question;
  };
}

function roleOf({ id, fields }: PostedMessage): string {
  const role = filledString(fields.role);
  if (role !== null) return role;
  const sentence = `Message '${id}' is not in the chat and has no role; post a new message whole, or name one that is there.`;
  throw new OffstageError("bad_input", sentence);
}

function completeMessage(
  { id, fields }: PostedMessage,
  role: string,
  parentId: string | null,
  models: readonly string[],
): ParentedMessage {
  const whole = withoutEmptyDone({ content: "", ...fields }, role);
  const message = { ...whole, id, parentId, role };
  if (role !== "assistant" || filledString(fields.model) !== null) return message;
  const model = filledString(fields.modelName) ?? models[modelIndex(fields.modelIdx)];
  return model === undefined ? message : { ...message, model };
}

function modelIndex(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
