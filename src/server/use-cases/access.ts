import type { AccessControl, AccessForm, AccessGrant } from "../../contract/access.ts";
import type { Queries } from "../../db/database.ts";
import type { User } from "../context.ts";
import type { Store } from "../store/store.ts";

export type Permission = AccessGrant["permission"];

/** Something that its owner may share: a collection, a model. `access_json` is a list of grants. */
export interface Shared {
  user_id: string;
  access_json: string;
}

const EVERYONE = "*";

/** What lets everybody with an account read. */
export const PUBLIC: readonly AccessGrant[] = [
  { principal_type: "user", principal_id: EVERYONE, permission: "read" },
];

/** The grants of a form; null where it says nothing of access. `access_grants` wins. */
export function grantsOf(form: AccessForm): readonly AccessGrant[] | null {
  if (form.access_grants) return form.access_grants;
  const { access_control: control } = form;
  if (control === undefined) return null;
  if (control === null) return PUBLIC;
  return (["read", "write"] as const).flatMap((permission) => {
    const { user_ids, group_ids } = control[permission] ?? {};
    const grant = (type: AccessGrant["principal_type"]) => (id: string) => ({
      principal_type: type,
      principal_id: id,
      permission,
    });
    return [...(user_ids ?? []).map(grant("user")), ...(group_ids ?? []).map(grant("group"))];
  });
}

/** What a form makes of something's grants, as they are kept. A page that knows one spelling sends the other as it was. */
export function changedAccess(form: AccessForm, before: Pick<Shared, "access_json">): string {
  const { access_control: control, access_grants: grants } = encodeAccess(before);
  const changed = grantsOf({
    access_control: isSame(form.access_control, control) ? undefined : form.access_control,
    access_grants: isSame(form.access_grants, grants) ? undefined : form.access_grants,
  });
  return changed ? JSON.stringify(changed) : before.access_json;
}

const isSame = (given: unknown, kept: unknown) => JSON.stringify(given) === JSON.stringify(kept);

/** The grants of something shared, in both spellings of the wire. */
export function encodeAccess({ access_json }: Pick<Shared, "access_json">): {
  access_control: AccessControl | null;
  access_grants: AccessGrant[];
} {
  const grants = JSON.parse(access_json) as AccessGrant[];
  return { access_control: accessControlOf(grants), access_grants: grants };
}

/** Grants as versions up to 0.8 spell them. */
function accessControlOf(grants: readonly AccessGrant[]): AccessControl | null {
  if (isPublic(grants)) return null;
  if (grants.length === 0) return {};
  const permission = (wanted: Permission) => ({
    group_ids: idsOf(grants, "group", wanted),
    user_ids: idsOf(grants, "user", wanted),
  });
  return { read: permission("read"), write: permission("write") };
}

function idsOf(
  grants: readonly AccessGrant[],
  type: AccessGrant["principal_type"],
  permission: Permission,
): string[] {
  return grants
    .filter((grant) => grant.principal_type === type && grant.permission === permission)
    .map(({ principal_id }) => principal_id);
}

/** Whether everybody may read. */
export function isPublic(grants: readonly AccessGrant[]): boolean {
  return grants.some((grant) => isFor(grant, EVERYONE) && grant.permission === "read");
}

const isFor = ({ principal_type, principal_id }: AccessGrant, id: string) =>
  principal_type === "user" && principal_id === id;

/**
 * Tells of one user what they may do with what. Its owner and administrators may do all; who may write may read. Groups are
 * looked up once, and only where a grant names one.
 */
export function createAccessCheck(
  store: Store,
  queries: Queries,
  user: User,
): (shared: Shared, wanted: Permission) => Promise<boolean> {
  let groupIds: Set<string> | null = null;
  return async ({ user_id, access_json }, wanted) => {
    if (user_id === user.id || user.role === "admin") return true;
    const grants = (JSON.parse(access_json) as AccessGrant[]).filter(
      ({ permission }) => permission === wanted || permission === "write",
    );
    if (grants.some((grant) => isFor(grant, user.id) || isFor(grant, EVERYONE))) return true;
    const groups = grants.filter(({ principal_type }) => principal_type === "group");
    if (groups.length === 0) return false;
    groupIds ??= new Set(
      (await store.groups.listMembers(queries, { userId: user.id })).map(({ group_id }) => group_id),
    );
    return groups.some(({ principal_id }) => groupIds?.has(principal_id));
  };
}
