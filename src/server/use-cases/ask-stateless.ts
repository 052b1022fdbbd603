import type { CompletionRequest } from "../../contract/completion.ts";
import { OffstageError } from "../../errors.ts";
import { buildProviderRequest } from "../answers/provider-request.ts";
import type { Context, User } from "../context.ts";
import { NO_JOURNAL } from "../journal/journal.ts";
import type { ProviderResponse } from "../providers/provider.ts";
import { completeGrounded } from "./complete-grounded.ts";
import { promptVariables, wantsMemories } from "./completion-input.ts";
import { resolveMaterial } from "./material.ts";
import { awaitNamedFiles, findModel } from "./start-turn.ts";

/**
 * Asks a model without a chat: nothing is kept and nobody is told. Aborting `signal` ends it at the provider. With
 * `wantsUsage` the provider is asked to count tokens, also where the caller does not ask for it.
 * @throws OffstageError `not_found` (as 400) for a model or material, `bad_input`; the provider's own failures
 */
export async function askStateless(
  context: Context,
  user: User,
  request: CompletionRequest,
  signal: AbortSignal,
  wantsUsage = false,
): Promise<ProviderResponse> {
  const { provider, model } = await findModel(context, request.model);
  if (!request.messages)
    throw new OffstageError("bad_input", "`messages` is missing: there is nothing to answer.");
  await awaitNamedFiles(context, user, request);
  const items = await resolveMaterial(context, context.store.read, user, request.files ?? []);
  const providerRequest = buildProviderRequest({
    request,
    model: model.id,
    messages: request.messages,
    chatParams: {},
    variables: promptVariables(context, user, request),
    wantsUsage,
  });
  const recallFor = wantsMemories(request) ? user.id : null;
  return completeGrounded(
    context,
    { provider, model, providerRequest, items, user, recallFor, journal: NO_JOURNAL },
    signal,
  );
}
