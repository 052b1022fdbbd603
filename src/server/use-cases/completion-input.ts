import type { CompletionRequest } from "../../contract/completion.ts";
import type { Context, User } from "../context.ts";

/** What stands for `{{NAME}}` in system prompts: the request's variables over what the server knows itself. */
export function promptVariables(
  context: Pick<Context, "clock">,
  user: User,
  request: CompletionRequest,
): Record<string, unknown> {
  const now = new Date(context.clock.nowMs()).toISOString();
  return {
    "{{USER_NAME}}": user.name,
    "{{CURRENT_DATETIME}}": now,
    "{{CURRENT_DATE}}": now.slice(0, 10),
    "{{CURRENT_TIME}}": now.slice(11, 19),
    "{{CURRENT_TIMEZONE}}": "UTC",
    ...request.variables,
  };
}

/** Features that are `true` in a request and are more here than a word. */
const OFFERED = new Set(["memory"]);

/** Whether the user's memories are to go along with a request. */
export const wantsMemories = (request: CompletionRequest): boolean => request.features?.memory === true;

/**
 * A status that names the features and filters which a request wants and this server does not have; null where there
 * are none that have not been `told` in the chat before.
 */
export function unofferedStatus(
  request: CompletionRequest,
  told: readonly string[],
): { names: string[]; status: Record<string, unknown> } | null {
  const features = Object.entries(request.features ?? {}).filter(
    ([name, wanted]) => wanted === true && !OFFERED.has(name),
  );
  const wanted = [
    ...features.map(([name]) => name),
    ...(request.filter_ids ?? []).map((id) => `filter ${id}`),
  ];
  const names = wanted.filter((name) => !told.includes(name));
  if (names.length === 0) return null;
  const description = `Not offered by this server, and left out: ${names.join(", ")}`;
  return { names, status: { action: "unoffered", description, done: true } };
}
