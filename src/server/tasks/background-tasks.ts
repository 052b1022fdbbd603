import { jsonrepair } from "jsonrepair";
import { z } from "zod";
import type { Usage } from "../../contract/completion.ts";
import { OffstageError } from "../../errors.ts";
import type { AnswerPlan } from "../answers/answer-plan.ts";
import { breakage, refusal } from "../answers/provider-failure.ts";
import { withoutReasoning } from "../answers/rebuild-messages.ts";
import type { Context } from "../context.ts";
import { addStatus, keepFollowUps, keepTags, keepTitle } from "../use-cases/answer-extras.ts";
import { ownTaskMessage, TASK_PROMPTS, type TaskKind, taskMessage } from "./task-prompts.ts";

const Title = z.object({ title: z.string().trim().min(1).max(300) });
const Tags = z.object({ tags: z.array(z.string().trim().min(1).max(100)).max(20) });
const FollowUps = z.object({ follow_ups: z.array(z.string().trim().min(1).max(1_000)).max(20) });

/** What journals call the tasks. */
const PURPOSE = { title: "title", tags: "tags", followUps: "follow_ups" } as const;

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

/**
 * Makes the title, the tags and the follow-ups that the request wants, each once, side by side. One that fails is
 * logged and named in a status on the message; it never fails the answer. Aborting `signal` leaves out the rest.
 * Resolves with the tokens that the provider counted.
 */
export async function runBackgroundTasks(
  context: Context,
  plan: AnswerPlan,
  answer: string,
  signal: AbortSignal,
): Promise<number> {
  let tokens = 0;
  const wanted = plan.backgroundTasks ?? {};
  const { tasks } = context.settings.current;
  const templates = { title: tasks.titlePrompt, tags: tasks.tagsPrompt, followUps: tasks.followUpsPrompt };
  const messages = [
    ...plan.providerRequest.messages,
    { role: "assistant", content: withoutReasoning(answer) },
  ];

  async function ask(kind: TaskKind): Promise<string> {
    const prompt = TASK_PROMPTS[kind];
    const template = templates[kind];
    const content = template ? ownTaskMessage(template, prompt, messages) : taskMessage(prompt, messages);
    const { provider, model, isDemoModel } = await taskModel(context, plan);
    const response = await plan.journal.ask(
      PURPOSE[kind],
      provider,
      {
        model,
        messages: [{ role: "user", content }],
        stream: false,
        // Small models need to be held to the form; others may not know the field.
        ...(isDemoModel ? { response_format: jsonSchemaFormat(kind, prompt.schema) } : {}),
      },
      signal,
    );
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

  async function attempt(name: string, work: () => Promise<void>): Promise<void> {
    const task = name.replace("_generation", "");
    try {
      await work();
      plan.journal.step("task_ended", { task });
    } catch (thrown) {
      if (signal.aborted) return;
      const reason = breakage(thrown).error.content;
      plan.journal.step("task_ended", { task, error: reason });
      context.log.warn({ err: thrown, chatId: plan.chatId, messageId: plan.messageId }, `${name} failed`);
      await addStatus(context, plan, {
        action: name,
        description: `${name} failed: ${reason}`,
        done: true,
        error: true,
      });
    }
  }

  const works: Promise<void>[] = [];
  if (wanted.follow_up_generation && tasks.enableFollowUps) {
    works.push(
      attempt("follow_up_generation", async () => {
        const { follow_ups } = parseReply(FollowUps, await ask("followUps"));
        await keepFollowUps(context, plan, follow_ups);
      }),
    );
  }
  if (wanted.title_generation && tasks.enableTitles) {
    works.push(
      attempt("title_generation", async () => {
        const reply = await ask("title");
        await keepTitle(context, plan, titleOf(reply) ?? fallbackTitle(messages));
      }),
    );
  }
  if (wanted.tags_generation && tasks.enableTags) {
    works.push(
      attempt("tags_generation", async () => {
        const { tags } = parseReply(Tags, await ask("tags"));
        await keepTags(context, plan, tags);
      }),
    );
  }
  await Promise.all(works);
  return tokens;
}

/** Who is asked: the model that an administrator chose for the kind of the chat's, or, where that is away, the chat's own. */
async function taskModel(context: Context, plan: AnswerPlan) {
  const { localModel, model } = context.settings.current.tasks;
  const chosen = plan.isDemoModel ? localModel : model;
  const found = chosen === "" ? undefined : await context.providers.find(chosen);
  if (found)
    return { provider: found.provider, model: found.model.id, isDemoModel: found.model.demo === true };
  return { provider: plan.provider, model: plan.providerRequest.model, isDemoModel: plan.isDemoModel };
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
