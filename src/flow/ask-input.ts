import type { FileReference } from "../contract/chat.ts";
import type { BackgroundTasks } from "../contract/completion.ts";
import { contentText } from "../contract/content-text.ts";
import type { Content } from "../contract/message.ts";
import { RUN_ID } from "../contract/run-mark.ts";
import { OffstageError } from "../errors.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** How a waiting turn is woken. The stored chat decides in all three. */
export type WaitMode = "stream" | "events" | "poll";

/** The ids that a turn makes itself, once, before it does anything. */
export interface TurnIds {
  userMessageId: string;
  /** One for each model, in order. */
  answerIds: readonly string[];
  sessionId: string;
}

/** A question to ask, and how. Only `content` is always needed, and `model` or `models`; for `regenerate` neither. */
export interface AskInput<Output = unknown> {
  model?: string;
  /** Several models side by side, instead of `model`. */
  models?: readonly string[];
  content?: Content;
  /** The chat to go on with; a new one otherwise. */
  chatId?: string;
  /** The message to follow; the chat's current one otherwise, null for a second beginning. */
  parentId?: string | null;
  /** The answer to ask for once more: the new one becomes its sibling. Needs `chatId`. */
  regenerate?: string;
  /** A new chat's title; without one the server makes it. */
  title?: string;
  system?: string;
  features?: Record<string, unknown>;
  variables?: Record<string, unknown>;
  /** Which tasks follow the answer; a new chat's title only, unless given. */
  backgroundTasks?: BackgroundTasks;
  params?: Record<string, unknown>;
  sessionId?: string;
  filterIds?: readonly string[];
  /** Local files by their paths, which are uploaded; files and collections of the server. All are waited for until processed. */
  files?: readonly (FileReference | string)[];
  /** Collections by id or name. */
  knowledge?: readonly string[];
  wait?: WaitMode;
  /** From now to the end of the answer. Default 600,000. */
  timeoutMs?: number;
  /** First pause between two looks at the chat; it doubles up to `pollCapMs`. Default 100. */
  pollFirstMs?: number;
  /** Default 2,000. */
  pollCapMs?: number;
  /** Looks in a row that fail or show neither work nor change, before the turn gives up. Default 50. */
  pollTries?: number;
  /** How long a request whose reply was lost may show no sign of life before it is asked again. Default 120,000. */
  firstTokenGraceMs?: number;
  /** How long the title and the like are waited for after the answer. Default 10,000; 0 does not wait. */
  settleTimeoutMs?: number;
  /** Run outlet filters by `chat/completed` and store what they made, where the server does not do it (up to 0.8.12). */
  outletFilters?: boolean;
  /** Aborting it is `cancel()`. */
  signal?: AbortSignal;
  /** What `answer.json()` checks against when called without a schema. */
  schema?: StandardSchema<Output>;
  /** Whether `answer.json()` may ask once more, telling the model what was wrong. Default false. */
  reask?: boolean;
  /** Ids made by the caller, who keeps them. */
  ids?: TurnIds;
  /**
   * What offstage's own server calls the run that asks: 1 to 128 letters, digits, `_`, `.`, `:`, `-`. Default: the
   * question's id.
   */
  runId?: string;
  /** The turn with these `ids` may have begun before, and its process died: it is looked for before anything is done. */
  resume?: boolean;
}

/** An input with every default filled in, checked; nothing of it changes while the turn runs. */
export interface TurnPlan {
  readonly models: readonly string[];
  readonly content: Content;
  /** The question's text, for looking the chat up. */
  readonly text: string;
  readonly chatId: string | null;
  /** Undefined: after the message that is current when the question is saved. */
  readonly parentId: string | null | undefined;
  readonly regenerate: string | null;
  readonly title: string;
  readonly system: string | null;
  readonly backgroundTasks: BackgroundTasks | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly files: readonly FileReference[];
  /** Local files, each once. */
  readonly paths: readonly string[];
  /** Ids and names of collections, each once. */
  readonly knowledge: readonly string[];
  readonly wait: WaitMode;
  readonly timeoutMs: number;
  readonly pollFirstMs: number;
  readonly pollCapMs: number;
  readonly pollTries: number;
  readonly firstTokenGraceMs: number;
  readonly settleTimeoutMs: number;
  readonly outletFilters: boolean;
  readonly ids: TurnIds;
  /** Null where the question's id cannot name a run. */
  readonly runId: string | null;
  /** Whether the turn may have begun before. */
  readonly resumed: boolean;
}

const NEW_CHAT_TITLE = "New Chat";

/**
 * The plan of an input.
 * @throws bad_input for what cannot be asked.
 */
export function planTurn(input: AskInput, newId: () => string): TurnPlan {
  const models = input.models ?? (input.model === undefined ? [] : [input.model]);
  const regenerate = input.regenerate ?? null;
  const text = contentText(input.content);
  refuseImpossible(input, models, text);
  const answerCount = Math.max(1, models.length);
  const files = input.files ?? [];
  const ids = input.ids ?? {
    userMessageId: newId(),
    answerIds: Array.from({ length: answerCount }, newId),
    sessionId: input.sessionId ?? newId(),
  };
  return {
    models,
    content: input.content ?? "",
    text,
    chatId: input.chatId ?? null,
    parentId: input.parentId,
    regenerate,
    title: input.title ?? NEW_CHAT_TITLE,
    system: input.system ?? null,
    backgroundTasks: input.backgroundTasks ?? defaultTasks(input),
    body: {
      ...(input.features && { features: input.features }),
      ...(input.variables && { variables: input.variables }),
      ...(input.filterIds && { filter_ids: input.filterIds }),
    },
    params: input.params ?? {},
    files: files.filter((file) => typeof file !== "string"),
    paths: [...new Set(files.filter((file) => typeof file === "string"))],
    knowledge: [...new Set(input.knowledge)],
    wait: input.wait ?? "stream",
    timeoutMs: input.timeoutMs ?? 600_000,
    pollFirstMs: input.pollFirstMs ?? 100,
    pollCapMs: input.pollCapMs ?? 2_000,
    pollTries: input.pollTries ?? 50,
    firstTokenGraceMs: input.firstTokenGraceMs ?? 120_000,
    settleTimeoutMs: input.settleTimeoutMs ?? 10_000,
    outletFilters: input.outletFilters ?? false,
    ids,
    runId: input.runId ?? (RUN_ID.test(ids.userMessageId) ? ids.userMessageId : null),
    resumed: input.resume ?? false,
  };
}

/** A title is made once: with a new chat that has none. An absent key leaves it alone on every version; false does not. */
function defaultTasks({ chatId, title }: AskInput): BackgroundTasks | null {
  if (chatId !== undefined) return null;
  const others = { tags_generation: false, follow_up_generation: false };
  return title === undefined ? { title_generation: true, ...others } : others;
}

function refuseImpossible(input: AskInput, models: readonly string[], text: string): void {
  const { regenerate, chatId, parentId, ids } = input;
  if (input.resume && ids === undefined) refuse("resume needs the ids of the turn that began before.");
  if (input.model !== undefined && input.models !== undefined) refuse("Give model or models, not both.");
  if (models.includes("") || (models.length === 0 && regenerate === undefined)) {
    refuse("No model is named. Give the id of one that the server lists.");
  }
  if (regenerate === undefined && text.trim() === "" && !Array.isArray(input.content)) {
    refuse("There is nothing to ask: content is empty.");
  }
  if (chatId === undefined && (regenerate !== undefined || typeof parentId === "string")) {
    refuse(`'${regenerate ?? parentId}' is a message of an existing chat: give its chatId too.`);
  }
  if (regenerate !== undefined && models.length > 1)
    refuse("regenerate makes one answer: give one model at most.");
  if (input.files?.includes("") || input.knowledge?.includes(""))
    refuse("A file's path or a collection's name is empty.");
  if (input.runId !== undefined && !RUN_ID.test(input.runId)) {
    refuse(`'${input.runId}' names no run. Give 1 to 128 letters, digits, '_', '.', ':' or '-'.`);
  }
  if (ids !== undefined && ids.answerIds.length !== Math.max(1, models.length)) {
    refuse(`ids.answerIds holds ${ids.answerIds.length} ids for ${Math.max(1, models.length)} answers.`);
  }
  for (const name of ["timeoutMs", "pollFirstMs", "pollCapMs", "pollTries"] as const) {
    const value = input[name];
    if (value !== undefined && !(value > 0)) refuse(`${name} is ${value}; it must be more than 0.`);
  }
}

function refuse(sentence: string): never {
  throw new OffstageError("bad_input", sentence);
}
