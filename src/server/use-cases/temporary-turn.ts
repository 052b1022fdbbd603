import { outputText, withoutReasoning } from "../../contract/answer-decoding.ts";
import type { CompletionRequest } from "../../contract/completion.ts";
import { contentText } from "../../contract/content-text.ts";
import type { CompletionMessage } from "../../contract/message.ts";
import { OffstageError } from "../../errors.ts";
import type { RunningAnswer } from "../answers/answer-registry.ts";
import { buildProviderRequest } from "../answers/provider-request.ts";
import { type PreparedAnswer, prepareAnswer } from "../answers/run-answer.ts";
import type { Context, User } from "../context.ts";
import { NO_JOURNAL } from "../journal/journal.ts";
import { completeGrounded } from "./complete-grounded.ts";
import { promptVariables, unofferedStatus, wantsMemories } from "./completion-input.ts";
import { type LentMaterial, lentMaterial } from "./lent-material.ts";
import { resolveMaterial } from "./material.ts";
import type { StartedTurn } from "./start-turn.ts";
import { requestUserMessage } from "./turn-plan.ts";
import type { Target } from "./turn-writer.ts";

/**
 * Begins, or joins, the answers that a request with a temporary chat asks for: they are told live, and kept nowhere.
 * @throws OffstageError `conflict`, `bad_input`; nothing is begun then
 */
export async function startTemporaryTurn(
  context: Context,
  user: User,
  request: CompletionRequest,
  targets: readonly Target[],
): Promise<StartedTurn> {
  const chatId = request.chat_id!;
  const messages = (request.messages ?? []).map(providerMessage);
  if (messages.length === 0) {
    throw new OffstageError(
      "bad_input",
      "Nothing is asked: of a temporary chat nothing is stored, so `messages` has to hold all of it.",
    );
  }
  const { read } = context.store;
  const named = await resolveMaterial(context, read, user, request.files ?? []);
  const lent = await Promise.all(targets.map(({ found }) => lentMaterial(context, read, found, named)));
  const status = unofferedStatus(request, []);
  const last = messages.at(-1)!;
  const prepared: PreparedAnswer[] = [];
  const joined: RunningAnswer[] = [];

  function begin(target: Target, { items, statuses }: LentMaterial, isFirst: boolean): RunningAnswer {
    const running = context.answers
      .ofChat(chatId)
      .find(({ messageId, userId }) => messageId === target.messageId && userId === user.id);
    if (running) {
      const isWaiting = prepared.some(({ answer }) => answer === running);
      if (isWaiting || !running.isAskedBy(request))
        throw new OffstageError(
          "conflict",
          `The message "${target.messageId}" is being answered already: use a new id.`,
        );
      joined.push(running);
      return running;
    }
    const { provider, model, params } = target.found;
    const providerRequest = buildProviderRequest({
      request,
      model: model.id,
      modelParams: params,
      messages,
      chatParams: {},
      variables: promptVariables(context, user, request),
      wantsUsage: true,
    });
    const recallFor = wantsMemories(request) ? user.id : null;
    const { follow_up_generation } = request.background_tasks ?? {};
    const answer = prepareAnswer(context, {
      taskId: context.newId(),
      chatId,
      messageId: target.messageId,
      parentId: requestUserMessage(request)?.id ?? request.parent_id ?? null,
      userId: user.id,
      model: target.model,
      provider,
      isDemoModel: model.demo === true,
      providerRequest,
      complete: (signal) =>
        completeGrounded(
          context,
          {
            ...target.found,
            providerRequest,
            items: [...named, ...items],
            user,
            recallFor,
            journal: NO_JOURNAL,
          },
          signal,
        ),
      request,
      former: last.role === "assistant" ? contentText(last.content) : "",
      // There is no chat to have a title or tags.
      backgroundTasks: isFirst && follow_up_generation ? { follow_up_generation } : null,
      statuses: [...(isFirst && status ? [status.status] : []), ...statuses],
      journal: NO_JOURNAL,
    });
    prepared.push(answer);
    return answer.answer;
  }

  try {
    const answers = targets.map((target, index) => begin(target, lent[index]!, index === 0));
    for (const { start } of prepared) start();
    return { chatId, isNewChat: false, answers, joined: new Set(joined) };
  } catch (error) {
    for (const { abandon } of prepared) abandon(error);
    throw error;
  }
}

/** A page's message as a provider takes it: 0.12.4's bring their answers as items of the Responses API, and ids. */
function providerMessage(message: CompletionMessage): Record<string, unknown> {
  const { role, content, name, tool_calls, tool_call_id, output } = message;
  const text = role === "assistant" && typeof content === "string" ? withoutReasoning(content) : content;
  return {
    role,
    content: text ?? (tool_calls ? null : outputText(output)),
    ...(name === undefined ? {} : { name }),
    ...(tool_calls === undefined ? {} : { tool_calls }),
    ...(tool_call_id === undefined ? {} : { tool_call_id }),
  };
}
