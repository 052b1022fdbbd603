import type { AccessControl, AccessGrant } from "../../contract/access.ts";
import type { Queries } from "../../db/database.ts";
import type { User } from "../context.ts";
import type { Store } from "../store/store.ts";
import { accessControlOf, mayUse } from "./knowledge-access.ts";

export { grantsOf } from "./knowledge-access.ts";

export type Permission = AccessGrant["permission"];

/** Something that its owner may share: a collection, a prompt. `access_json` is a list of grants. */
export interface Shared {
  user_id: string;
  access_json: string;
}

/** The grants of something shared, in both spellings of the wire. */
export function encodeAccess({ access_json }: Pick<Shared, "access_json">): {
  access_control: AccessControl | null;
  access_grants: AccessGrant[];
} {
  const grants = JSON.parse(access_json) as AccessGrant[];
  return { access_control: accessControlOf(grants), access_grants: grants };
}

/** Tells of one user what they may do with what. Its owner and administrators may do all; who may write may read. */
export function createAccessCheck(
  _store: Store,
  _queries: Queries,
  user: User,
): (shared: Shared, wanted: Permission) => Promise<boolean> {
  return async (shared, wanted) => mayUse(user, shared, wanted);
}
