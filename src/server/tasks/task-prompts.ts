import { contentText } from "../../contract/message.ts";

/** A kind of work after an answer: how it is asked for, and the JSON that is wanted. */
export interface TaskPrompt {
  /** The last messages of the conversation that the model is shown. */
  lastMessages: number;
  instruction: string;
  /** JSON Schema of the reply, for providers that can be held to one. */
  schema: Record<string, unknown>;
}

const shortText = (maxLength: number) => ({ type: "string", minLength: 2, maxLength });
const listSchema = (name: string, item: object, maxItems: number) => ({
  type: "object",
  properties: { [name]: { type: "array", items: item, minItems: 1, maxItems } },
  required: [name],
  additionalProperties: false,
});

/** The prompts open with a line `### Task:` so that filters, and providers, can tell them from what people asked. */
export const TASK_PROMPTS = {
  title: {
    lastMessages: 2,
    instruction: `### Task:
Write a short title (3-6 words) that says what this conversation is about, in its language. Answer as JSON: {"title": "..."}`,
    schema: {
      type: "object",
      properties: { title: { type: "string", minLength: 8, maxLength: 60 } },
      required: ["title"],
      additionalProperties: false,
    },
  },
  tags: {
    lastMessages: 6,
    instruction: `### Task:
Sort the conversation below under one to three broad subjects, each a single word or two.
Reply with one JSON object and nothing else: {"tags": ["…", "…"]}`,
    schema: listSchema("tags", shortText(30), 3),
  },
  followUps: {
    lastMessages: 6,
    instruction: `### Task:
Think of three to five questions that the user might ask next in the conversation below, short and in the user's words and language.
Reply with one JSON object and nothing else: {"follow_ups": ["…", "…", "…"]}`,
    schema: listSchema("follow_ups", shortText(160), 5),
  },
} as const satisfies Record<string, TaskPrompt>;

export type TaskKind = keyof typeof TASK_PROMPTS;

/** Longest text of one message in a task's prompt, in characters: a title needs no more, and a small model takes no more. */
const MAX_QUOTED = 2_000;

type Messages = readonly Record<string, unknown>[];

/** The one user message that asks for a task. */
export function taskMessage(prompt: TaskPrompt, messages: Messages): string {
  return `${prompt.instruction}\n\n### Conversation:\n${quoted(spoken(messages).slice(-prompt.lastMessages))}`;
}

const PLACEHOLDER = /\{\{(?:(prompt)|MESSAGES(?::(START|END|MIDDLETRUNCATE):(\d{1,6}))?)\}\}/g;

/**
 * The same by an administrator's own prompt: `{{MESSAGES}}` is the conversation, `{{MESSAGES:END:6}}`, `:START:` and
 * `:MIDDLETRUNCATE:` that many messages of it, `{{prompt}}` the last question. Where it has none of these, the conversation
 * follows it.
 */
export function ownTaskMessage(template: string, prompt: TaskPrompt, messages: Messages): string {
  const all = spoken(messages);
  const question = contentText(all.findLast(({ role }) => role === "user")?.content).slice(0, MAX_QUOTED);
  const isPlaced = template.search(PLACEHOLDER) >= 0;
  if (!isPlaced) return taskMessage({ ...prompt, instruction: template }, messages);
  return template.replace(PLACEHOLDER, (_, isQuestion?: string, part?: Part, count?: string) =>
    isQuestion ? question : quoted(part ? cut(all, part, Number(count)) : all),
  );
}

type Part = "START" | "END" | "MIDDLETRUNCATE";

function cut(messages: Messages, part: Part, count: number): Messages {
  if (messages.length <= count) return messages;
  if (part === "START") return messages.slice(0, count);
  const last = part === "END" ? count : Math.floor(count / 2);
  const first = messages.slice(0, count - last);
  return last === 0 ? first : [...first, ...messages.slice(-last)];
}

const spoken = (messages: Messages) => messages.filter(({ role }) => role === "user" || role === "assistant");

const quoted = (messages: Messages) =>
  messages
    .map(
      ({ role, content }) =>
        `${role === "user" ? "USER" : "ASSISTANT"}: ${contentText(content).slice(0, MAX_QUOTED)}`,
    )
    .join("\n");
