import type { BackgroundTasks, CompletionRequest } from "../../contract/completion.ts";
import type { Journal } from "../journal/journal.ts";
import type { Provider, ProviderRequest, ProviderResponse } from "../providers/provider.ts";

/** Everything that was decided, and stored, before the provider is asked. */
export interface AnswerPlan {
  taskId: string;
  chatId: string;
  messageId: string;
  parentId: string | null;
  userId: string;
  model: string;
  /** Held to a JSON schema in its tasks, because it needs to be. */
  isDemoModel: boolean;
  provider: Provider;
  /** The conversation alone: titles and the like are made of it. */
  providerRequest: ProviderRequest;
  /** Asks the provider for the answer, with what was found for the question where material was named. */
  complete(signal: AbortSignal): Promise<ProviderResponse>;
  request: CompletionRequest;
  /** The text that is continued; empty for a fresh answer. */
  former: string;
  /** What is to be made after the answer; null where another answer of the same turn sees to it. */
  backgroundTasks: BackgroundTasks | null;
  /** Told on the message once it runs, for example features that are not offered. */
  statuses: Record<string, unknown>[];
  /** Notes how it is made. */
  journal: Journal;
}
