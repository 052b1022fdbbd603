import { z } from "zod";
import { AccessControl, AccessGrant } from "./knowledge.ts";

export type { AccessControl, AccessGrant } from "./knowledge.ts";

/** What a body may say of access, in either spelling. */
export const AccessForm = z.looseObject({
  access_control: AccessControl.nullish(),
  access_grants: z.array(AccessGrant).max(10_000).nullish(),
});
export type AccessForm = z.infer<typeof AccessForm>;
