import { jsonrepair } from "jsonrepair";
import * as z from "zod";
import type { Usage } from "../../contract/completion.ts";
import { OffstageError } from "../../errors.ts";
import { refusal } from "../answers/provider-failure.ts";
import { withoutReasoning } from "../answers/rebuild-messages.ts";
import type { Context } from "../context.ts";
import type { Provider, ProviderRequest, ProviderResponse } from "../providers/provider.ts";
import { ownTaskMessage, TASK_PROMPTS, type TaskKind, taskMessage } from "./task-prompts.ts";

/** What tasks are made for, and by whom unless an administrator chose another model. */
export interface TaskSubject {
  provider: Provider;
  /** By the name that its provider knows. */
  model: string;
  /** Held to a JSON schema, because it needs to be. */
  isDemoModel: boolean;
  /** Asks a provider where somebody keeps account of it. */
  ask?(kind: TaskKind, provider: Provider, request: ProviderRequest): Promise<ProviderResponse>;
}

/** Makes what a conversation is to be shown with. Each call asks a model once. @throws OffstageError `model_failed` and others */
export interface TaskMaker {
  /** The question's own words where the model gives no title. */
  title(): Promise<string>;
  /** @throws SyntaxError, ZodError where the model gives none */
  tags(): Promise<string[]>;
  /** @throws SyntaxError, ZodError where the model gives none */
  followUps(): Promise<string[]>;
  /** What providers counted for all that was made so far. */
  tokens(): number;
}

const Title = z.object({ title: z.string().trim().min(1).max(300) });
const Tags = z.object({ tags: z.array(z.string().trim().min(1).max(100)).max(20) });
const FollowUps = z.object({ follow_ups: z.array(z.string().trim().min(1).max(1_000)).max(20) });

/** Longest title that is made from what the user asked, where the model gave none. */
const MAX_FALLBACK_TITLE = 60;

/** The first JSON object in a reply, repaired where it is nearly one. @throws SyntaxError and the like */
function parseReply<T>(schema: z.ZodType<T>, reply: string): T {
  const text = withoutReasoning(reply);
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}");
  return schema.parse(
    JSON.parse(jsonrepair(from < 0 ? text : text.slice(from, to > from ? to + 1 : undefined))),
  );
}

export function createTaskMaker(
  context: Context,
  subject: TaskSubject,
  messages: readonly Record<string, unknown>[],
  signal: AbortSignal,
): TaskMaker {
  const { tasks } = context.settings.current;
  const templates = { title: tasks.titlePrompt, tags: tasks.tagsPrompt, followUps: tasks.followUpsPrompt };

  let tokens = 0;

  async function ask(kind: TaskKind): Promise<string> {
    const prompt = TASK_PROMPTS[kind];
    const template = templates[kind];
    const content = template ? ownTaskMessage(template, prompt, messages) : taskMessage(prompt, messages);
    const { provider, model, isDemoModel } = await taskModel(context, subject);
    const request = {
      model,
      messages: [{ role: "user", content }],
      stream: false,
      // Small models need to be held to the form; others may not know the field.
      ...(isDemoModel ? { response_format: jsonSchemaFormat(kind, prompt.schema) } : {}),
    };
    const response = await (subject.ask?.(kind, provider, request) ?? provider.complete(request, signal));
    if (response.kind !== "json")
      throw new OffstageError("model_failed", "The model streamed where it was asked not to.");
    if (response.status >= 400)
      throw new OffstageError("model_failed", refusal(response.status, response.body).content);
    const body = response.body as {
      choices?: { message?: { content?: string | null } }[];
      usage?: Usage | null;
    };
    tokens += body.usage?.total_tokens ?? 0;
    return body.choices?.[0]?.message?.content ?? "";
  }

  return {
    title: async () => titleOf(await ask("title")) ?? fallbackTitle(messages),
    tags: async () => parseReply(Tags, await ask("tags")).tags,
    followUps: async () => parseReply(FollowUps, await ask("followUps")).follow_ups,
    tokens: () => tokens,
  };
}

/** Who is asked: the model that an administrator chose for the kind of the chat's, or, where that is away, the chat's own. */
async function taskModel(context: Context, subject: TaskSubject) {
  const { localModel, model } = context.settings.current.tasks;
  const chosen = subject.isDemoModel ? localModel : model;
  const found = chosen === "" ? undefined : await context.providers.find(chosen);
  if (found)
    return { provider: found.provider, model: found.model.id, isDemoModel: found.model.demo === true };
  return subject;
}

function jsonSchemaFormat(name: string, schema: Record<string, unknown>) {
  return { type: "json_schema", json_schema: { name, strict: true, schema } };
}

function titleOf(reply: string): string | null {
  try {
    const { title } = parseReply(Title, reply);
    // Small models go on with a comma, or close with a full stop.
    return title.replace(/\s+/g, " ").replace(/[\s.,;:]+$/, "") || null;
  } catch {
    // Not the JSON that was asked for: the caller falls back to the user's own words, as Open WebUI does.
    return null;
  }
}

/** The user's question, cut at a word. */
function fallbackTitle(messages: readonly Record<string, unknown>[]): string {
  const question = messages.findLast(({ role }) => role === "user")?.content;
  const text = (typeof question === "string" ? question : "New Chat").replace(/\s+/g, " ").trim();
  if (text.length <= MAX_FALLBACK_TITLE) return text || "New Chat";
  const cut = text.slice(0, MAX_FALLBACK_TITLE);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 20))}…`;
}
