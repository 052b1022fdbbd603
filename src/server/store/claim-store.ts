import { sql } from "kysely";
import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { ContentClaimTable } from "../../db/node-tables.ts";
import { createStatement } from "../../db/statement.ts";

/** Which server processes which content. */
export interface ClaimStore {
  /** Takes a content, or goes on holding it. Resolves with false where another's lease still holds. */
  claimContent(
    tx: Queries,
    claim: { contentId: string; owner: string; nowMs: number; leaseUntilMs: number },
  ): Promise<boolean>;
  /** Contents that are processing and that nobody but `owner` holds, oldest first. */
  listUnclaimed(tx: Queries, filter: { owner: string; nowMs: number }): Promise<string[]>;
}

/** The claims of all servers on a database. */
export function createClaimStore(engine: Database["engine"]): ClaimStore {
  const claim = createStatement(
    engine,
    (kysely, param: Placeholder<ContentClaimTable & { now_ms: number }>) =>
      kysely
        .insertInto("content_claim")
        .values({
          content_id: param("content_id"),
          owner: param("owner"),
          lease_until_ms: param("lease_until_ms"),
        })
        .onConflict((conflict) =>
          conflict
            .column("content_id")
            .doUpdateSet((eb) => ({
              owner: eb.ref("excluded.owner"),
              lease_until_ms: eb.ref("excluded.lease_until_ms"),
            }))
            .where((eb) =>
              eb.or([
                eb("content_claim.owner", "=", eb.ref("excluded.owner")),
                eb("content_claim.lease_until_ms", "<", param("now_ms")),
              ]),
            ),
        ),
  );
  const unclaimed = createStatement(engine, (kysely, param: Placeholder<{ owner: string; now_ms: number }>) =>
    kysely
      .selectFrom("content")
      .select("id")
      .where("status", "=", "processing")
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("content_claim")
              .select(sql.lit(1).as("one"))
              .whereRef("content_claim.content_id", "=", "content.id")
              .where("owner", "<>", param("owner"))
              .where("lease_until_ms", ">=", param("now_ms")),
          ),
        ),
      )
      .orderBy("created_at_sec")
      .orderBy("id"),
  );

  return {
    async claimContent(tx, { contentId, owner, nowMs, leaseUntilMs }) {
      const claimed = { content_id: contentId, owner, lease_until_ms: leaseUntilMs, now_ms: nowMs };
      return (await tx.run(claim, claimed)) > 0;
    },
    async listUnclaimed(tx, { owner, nowMs }) {
      return (await tx.all(unclaimed, { owner, now_ms: nowMs })).map(({ id }) => id);
    },
  };
}
