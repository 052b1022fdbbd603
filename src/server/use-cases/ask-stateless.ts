import type { CompletionRequest } from "../../contract/completion.ts";
import { OffstageError } from "../../errors.ts";
import { buildProviderRequest } from "../answers/provider-request.ts";
import type { Context, User } from "../context.ts";
import { NO_JOURNAL } from "../journal/journal.ts";
import type { ProviderResponse } from "../providers/provider.ts";
import { completeGrounded } from "./complete-grounded.ts";
import { promptVariables, wantsMemories } from "./completion-input.ts";
import { findUsableModel } from "./find-model.ts";
import { lentMaterial } from "./lent-material.ts";
import { resolveMaterial } from "./material.ts";
import { awaitNamedFiles } from "./start-turn.ts";

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
  const asked = await findUsableModel(context, user, request.model);
  if (!request.messages)
    throw new OffstageError("bad_input", "`messages` is missing: there is nothing to answer.");
  await awaitNamedFiles(context, user, request);
  const { read } = context.store;
  const named = await resolveMaterial(context, read, user, request.files ?? []);
  const lent = await lentMaterial(context, read, asked, named);
  const providerRequest = buildProviderRequest({
    request,
    model: asked.model.id,
    modelParams: asked.params,
    messages: request.messages,
    chatParams: {},
    variables: promptVariables(context, user, request),
    wantsUsage,
  });
  const items = [...named, ...lent.items];
  const recallFor = wantsMemories(request) ? user.id : null;
  return completeGrounded(
    context,
    { ...asked, providerRequest, items, user, recallFor, journal: NO_JOURNAL },
    signal,
  );
}
