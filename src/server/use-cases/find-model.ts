import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import type { AskableModel } from "../models/model-catalogue.ts";
import type { ModelEntry } from "../models/model-entry.ts";
import { createAccessCheck } from "./access.ts";

/** Tells whether a user may see and ask a model: one that nothing is kept of is everybody's. */
export function createModelCheck(
  context: Context,
  user: User,
): (entry: ModelEntry | undefined) => Promise<boolean> {
  const mayUse = createAccessCheck(context.store, context.store.read, user);
  return async (entry) => entry === undefined || mayUse(entry.row, "read");
}

/**
 * A model that the user may ask. One that is not shared, or not active, is answered as one that is not there.
 * @throws OffstageError `not_found` as 400, which is what Open WebUI answers
 */
export async function findUsableModel(context: Context, user: User, id: string): Promise<AskableModel> {
  const found = await context.models.find(id);
  if (found && (await createModelCheck(context, user)(found.entry))) return found;
  throw new OffstageError(
    "not_found",
    `Model not found: "${id}". GET /api/models lists those that there are.`,
    {
      httpStatus: 400,
    },
  );
}
