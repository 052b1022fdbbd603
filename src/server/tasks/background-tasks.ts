import type { AnswerPlan } from "../answers/answer-plan.ts";
import { breakage } from "../answers/provider-failure.ts";
import { withoutReasoning } from "../answers/rebuild-messages.ts";
import type { Context } from "../context.ts";
import { addStatus, keepFollowUps, keepTags, keepTitle } from "../use-cases/answer-extras.ts";
import { createTaskMaker } from "./task-maker.ts";

/**
 * Makes the title, the tags and the follow-ups that the request wants, each once, side by side. One that fails is
 * logged and named in a status on the message; it never fails the answer. Aborting `signal` leaves out the rest.
 */
export async function runBackgroundTasks(
  context: Context,
  plan: AnswerPlan,
  answer: string,
  signal: AbortSignal,
): Promise<void> {
  const wanted = plan.backgroundTasks ?? {};
  const { tasks } = context.settings.current;
  const { provider, isDemoModel, providerRequest } = plan;
  const messages = [...providerRequest.messages, { role: "assistant", content: withoutReasoning(answer) }];
  const subject = { provider, model: providerRequest.model, isDemoModel };
  const make = createTaskMaker(context, subject, messages, signal);

  async function attempt(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (signal.aborted) return;
      const reason = breakage(thrown).error.content;
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
      attempt("follow_up_generation", async () => keepFollowUps(context, plan, await make.followUps())),
    );
  }
  if (wanted.title_generation && tasks.enableTitles) {
    works.push(attempt("title_generation", async () => keepTitle(context, plan, await make.title())));
  }
  if (wanted.tags_generation && tasks.enableTags) {
    works.push(attempt("tags_generation", async () => keepTags(context, plan, await make.tags())));
  }
  await Promise.all(works);
}
