import { sql } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { ContentClaimTable } from "../../db/schema.ts";
import { createStatement } from "../../db/statement.ts";
import type { ClaimStore } from "./store.ts";

/** Which server processes which content. */
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
