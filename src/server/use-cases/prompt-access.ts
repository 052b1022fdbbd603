import type { Queries } from "../../db/database.ts";
import type { PromptTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import { createAccessCheck, type Permission } from "./access.ts";

/** Which prompt: by its id, as 0.8 and later name it, or by its command, as earlier versions do. */
export type PromptKey = { id: string } | { command: string };

/** A prompt that the user may use so. @throws OffstageError `not_found`; `forbidden` where it may only be read */
export async function findUsablePrompt(
  { store }: Pick<Context, "store">,
  queries: Queries,
  user: User,
  { key, wanted }: { key: PromptKey; wanted: Permission },
): Promise<PromptTable> {
  const mayUse = createAccessCheck(store, queries, user);
  const prompt =
    "id" in key
      ? await store.prompts.findPrompt(queries, key.id)
      : await store.prompts.findPromptByCommand(queries, bareCommand(key.command));
  if (!prompt || !(await mayUse(prompt, "read"))) throw promptNotFound(key);
  if (await mayUse(prompt, wanted)) return prompt;
  throw new OffstageError("forbidden", `You may read the prompt "/${prompt.command}", but not change it.`);
}

/** What an unknown prompt and one that is not shared answer alike: by command a 401, as the clients of those routes expect. */
function promptNotFound(key: PromptKey): OffstageError {
  const [name, httpStatus] = "id" in key ? [key.id, 404] : [`/${bareCommand(key.command)}`, 401];
  return new OffstageError(
    "not_found",
    `Could not find the prompt "${name}": it does not exist, was deleted, or is not shared with you.`,
    { httpStatus },
  );
}

/** A command without the slash that some pages put in front. */
export function bareCommand(command: string): string {
  return command.startsWith("/") ? command.slice(1) : command;
}
