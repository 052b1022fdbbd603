import type { CompletionMessage } from "../../contract/message.ts";
import { OffstageError } from "../../errors.ts";
import { breakage } from "../answers/provider-failure.ts";
import type { Identity } from "../auth/authenticate.ts";
import type { Context } from "../context.ts";
import { createTaskMaker } from "../tasks/task-maker.ts";
import { findUsableModel } from "./find-model.ts";
import { meteredCall } from "./metered-call.ts";

/** What can be made of a conversation without a chat. */
export type MadeTask = "title" | "tags" | "follow_ups";

/**
 * Makes a title, tags or follow-ups of messages that somebody brings; nothing is kept. A reply without tags or follow-ups
 * gives none. It is counted as an answer is. @throws OffstageError `rate_limited`, `not_found` (as 400) for a model, `bad_input` where it is switched off; the provider's
 */
export async function makeTask(
  context: Context,
  identity: Identity,
  kind: MadeTask,
  asked: { model: string; messages: readonly CompletionMessage[] },
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { provider, model } = await findUsableModel(context, identity.user, asked.model);
  const { enableTitles, enableTags, enableFollowUps } = context.settings.current.tasks;
  if (!{ title: enableTitles, tags: enableTags, follow_ups: enableFollowUps }[kind])
    throw new OffstageError("bad_input", `An administrator has switched this off: making ${NAMES[kind]}.`);
  const subject = { provider, model: model.id, isDemoModel: model.demo === true };
  const make = createTaskMaker(context, subject, asked.messages, signal);
  return meteredCall(context, identity, async (spend) => {
    try {
      if (kind === "title") return { title: await make.title() };
      return { [kind]: await listed(context, kind === "tags" ? make.tags : make.followUps) };
    } finally {
      spend(make.tokens());
    }
  });
}

const NAMES: Readonly<Record<MadeTask, string>> = {
  title: "titles",
  tags: "tags",
  follow_ups: "follow-up questions",
};

async function listed(context: Context, make: () => Promise<string[]>): Promise<string[]> {
  try {
    return await make();
  } catch (thrown) {
    if (thrown instanceof OffstageError) throw thrown;
    context.log.info({ reason: breakage(thrown).error.content }, "a model's reply to a task held no list");
    return [];
  }
}
