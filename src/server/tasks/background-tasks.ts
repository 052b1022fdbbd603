import type { AnswerPlan } from "../answers/answer-plan.ts";
import { breakage } from "../answers/provider-failure.ts";
import { withoutReasoning } from "../answers/rebuild-messages.ts";
import type { Context } from "../context.ts";
import { inSpan } from "../tracing/tracing.ts";
import { addStatus, keepFollowUps, keepTags, keepTitle } from "../use-cases/answer-extras.ts";
import { createTaskMaker, type TaskSubject } from "./task-maker.ts";
import type { TaskKind } from "./task-prompts.ts";

/** What journals call the tasks. */
const PURPOSE = { title: "title", tags: "tags", followUps: "follow_ups" } as const;

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
  const wanted = plan.backgroundTasks ?? {};
  const { tasks } = context.settings.current;
  const { provider, isDemoModel, providerRequest, journal } = plan;
  const messages = [...providerRequest.messages, { role: "assistant", content: withoutReasoning(answer) }];
  const subject: TaskSubject = {
    provider,
    model: providerRequest.model,
    isDemoModel,
    ask: (kind, asked, request) => journal.ask(PURPOSE[kind], asked, request, signal),
  };
  const make = createTaskMaker(context, subject, messages, signal);

  async function attempt(kind: TaskKind, name: string, work: () => Promise<void>): Promise<void> {
    const task = PURPOSE[kind];
    try {
      await inSpan(context.tracing, { name: `task ${task}` }, work);
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
      attempt("followUps", "follow_up_generation", async () =>
        keepFollowUps(context, plan, await make.followUps()),
      ),
    );
  }
  if (wanted.title_generation && tasks.enableTitles) {
    works.push(
      attempt("title", "title_generation", async () => keepTitle(context, plan, await make.title())),
    );
  }
  if (wanted.tags_generation && tasks.enableTags) {
    works.push(attempt("tags", "tags_generation", async () => keepTags(context, plan, await make.tags())));
  }
  await Promise.all(works);
  return make.tokens();
}
