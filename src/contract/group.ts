import * as z from "zod";
import { Id } from "./ids.ts";

const Facts = z.record(z.string(), z.unknown()).nullish();

/**
 * Body of `groups/create` and `groups/id/{id}/update`. `user_ids` (0.6.15) replaces the members where it is given; later
 * versions add and remove them.
 */
export const GroupForm = z
  .looseObject({
    name: z.string().trim().min(1).max(256),
    description: z.string().max(10_000).nullish(),
    permissions: Facts,
    data: Facts,
    user_ids: z.array(Id).max(10_000).nullish(),
  })
  .meta({ id: "GroupForm" });
export type GroupForm = z.infer<typeof GroupForm>;

/** Body of `groups/id/{id}/users/add` and `…/remove`. */
export const GroupMembersForm = z.looseObject({ user_ids: z.array(Id).max(10_000).nullish() });

/** A group as it is answered; times in seconds. `user_ids` only to administrators. */
export const Group = z
  .looseObject({
    id: z.string(),
    user_id: z.string(),
    name: z.string(),
    description: z.string(),
    member_count: z.number().int(),
    user_ids: z.array(z.string()).optional(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "Group", description: "Users that access can be given to as one" });
