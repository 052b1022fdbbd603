import * as z from "zod";

/** Who besides its owner may do something: these users, and all users in these groups. */
const Permission = z.looseObject({
  user_ids: z.array(z.string().max(256)).max(10_000).nullish(),
  group_ids: z.array(z.string().max(256)).max(10_000).nullish(),
});

/**
 * Access as Open WebUI up to 0.8 spells it. `null`: everybody may read. `{}`: nobody but the owner.
 */
export const AccessControl = z
  .looseObject({ read: Permission.nullish(), write: Permission.nullish() })
  .meta({ id: "AccessControl" });
export type AccessControl = z.infer<typeof AccessControl>;

/** One grant of access as later versions spell it; `principal_id` may be `*`, everybody. */
export const AccessGrant = z
  .looseObject({
    principal_type: z.enum(["user", "group"]),
    principal_id: z.string().max(256),
    permission: z.enum(["read", "write"]),
  })
  .meta({ id: "AccessGrant" });
export type AccessGrant = z.infer<typeof AccessGrant>;

/** What a body may say of access, in either spelling. */
export const AccessForm = z.looseObject({
  access_control: AccessControl.nullish(),
  access_grants: z.array(AccessGrant).max(10_000).nullish(),
});
export type AccessForm = z.infer<typeof AccessForm>;
