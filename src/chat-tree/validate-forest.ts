import { OffstageError } from "../errors.ts";
import type { Forest, UncheckedForest } from "./forest.ts";

/** What may be wrong with a forest. */
export type ProblemCode =
  | "missing_id"
  | "key_mismatch"
  | "missing_role"
  | "missing_parent_id"
  | "missing_children_ids"
  | "self_parent"
  | "unknown_parent"
  | "cycle"
  | "unlisted_child"
  | "unknown_child"
  | "foreign_child"
  | "duplicate_child"
  | "missing_current"
  | "unknown_current";

/** One thing that is wrong with a forest. */
export interface Problem {
  code: ProblemCode;
  /** The key of the message at fault; null where the forest itself is. A cycle names one message of it. */
  messageId: string | null;
  /** Says it to a person, ids included. */
  sentence: string;
}

type Messages = UncheckedForest["messages"];

const CYCLE_IDS_NAMED = 5;
const PROBLEMS_TOLD = 20;

/** Everything that is wrong with the forest; empty for one that every web UI opens. Linear in messages and links, at any depth. */
export function validateForest(forest: UncheckedForest): Problem[] {
  const problems: Problem[] = [];
  const report = (code: ProblemCode, messageId: string | null, sentence: string) => {
    problems.push({ code, messageId, sentence });
  };
  const listedUnder = checkLists(forest.messages, report);
  for (const [key, message] of forest.messages) {
    checkMessage(forest.messages, key, message, listedUnder, report);
  }
  checkCycles(forest.messages, report);
  checkCurrent(forest, report);
  return problems;
}

/**
 * Makes sure that the forest is one that every web UI opens.
 * @throws bad_input with the first problem's sentence, and up to 20 problems in `details.problems`.
 */
export function assertForest(forest: UncheckedForest): asserts forest is Forest {
  const problems = validateForest(forest);
  const first = problems[0];
  if (first === undefined) return;
  throw new OffstageError("bad_input", first.sentence, {
    details: { problems: problems.slice(0, PROBLEMS_TOLD) },
  });
}

type Report = (code: ProblemCode, messageId: string | null, sentence: string) => void;

/** Reports what is wrong with lists of children, and answers which messages are listed by their own parent. */
function checkLists(messages: Messages, report: Report): Set<string> {
  const listed = new Set<string>();
  for (const [key, { childrenIds }] of messages) {
    if (!Array.isArray(childrenIds)) {
      report(
        "missing_children_ids",
        key,
        `Message '${key}' has no list childrenIds; a leaf has an empty one.`,
      );
      continue;
    }
    const ownChildren = new Set<unknown>();
    for (const childId of childrenIds) {
      const child = messages.get(childId);
      if (ownChildren.has(childId)) {
        report("duplicate_child", key, `Message '${key}' lists its child '${childId}' more than once.`);
      } else if (child === undefined) {
        report(
          "unknown_child",
          key,
          `Message '${key}' lists the child '${childId}', which is not in the chat.`,
        );
      } else if (child.parentId !== key) {
        const parent = String(child.parentId);
        report(
          "foreign_child",
          key,
          `Message '${key}' lists the child '${childId}', whose parentId is '${parent}'.`,
        );
      } else {
        listed.add(childId);
      }
      ownChildren.add(childId);
    }
  }
  return listed;
}

function checkMessage(
  messages: Messages,
  key: string,
  { id, role, parentId }: Readonly<Record<string, unknown>>,
  listed: ReadonlySet<string>,
  report: Report,
): void {
  if (typeof id !== "string" || id === "") {
    report("missing_id", key, `The message under the key '${key}' has no id.`);
  } else if (id !== key) {
    report(
      "key_mismatch",
      key,
      `The message under the key '${key}' has the id '${id}'; both must be the same.`,
    );
  }
  if (typeof role !== "string" || role === "") report("missing_role", key, `Message '${key}' has no role.`);
  if (parentId === null) return;
  if (typeof parentId !== "string") {
    report("missing_parent_id", key, `Message '${key}' has no parentId; a first message has null.`);
  } else if (parentId === key) {
    report("self_parent", key, `Message '${key}' is its own parent.`);
  } else if (!messages.has(parentId)) {
    report("unknown_parent", key, `Message '${key}' has the parent '${parentId}', which is not in the chat.`);
  } else if (!listed.has(key)) {
    report(
      "unlisted_child",
      key,
      `Message '${key}' is not among the childrenIds of its parent '${parentId}'.`,
    );
  }
}

/** Reports each cycle of two or more messages once. */
function checkCycles(messages: Messages, report: Report): void {
  const walkOf = new Map<string, number>();
  let walk = 0;
  for (const start of messages.keys()) {
    walk += 1;
    let id: unknown = start;
    while (typeof id === "string" && messages.has(id) && !walkOf.has(id)) {
      walkOf.set(id, walk);
      id = messages.get(id)?.parentId;
    }
    if (typeof id !== "string" || walkOf.get(id) !== walk || messages.get(id)?.parentId === id) continue;
    report("cycle", id, `Following parentId from '${id}' goes round: ${describeCycle(messages, id)}.`);
  }
}

function describeCycle(messages: Messages, first: string): string {
  const named = [first];
  let id = messages.get(first)?.parentId;
  while (id !== first && named.length < CYCLE_IDS_NAMED) {
    named.push(String(id));
    id = messages.get(String(id))?.parentId;
  }
  return `${named.join(" → ")} → ${id === first ? first : "…"}`;
}

function checkCurrent({ messages, currentId }: UncheckedForest, report: Report): void {
  if (typeof currentId === "string" && !messages.has(currentId)) {
    report("unknown_current", null, `currentId is '${currentId}', which is not in the chat.`);
  } else if (typeof currentId !== "string" && messages.size > 0) {
    report("missing_current", null, "The chat has messages but no currentId.");
  }
}
