import { expect, test } from "vitest";
import type { Store } from "./store.ts";
import { content } from "./suite-rows.ts";

const LEASE = { nowMs: 1_000, leaseUntilMs: 2_000 };

/** What servers on one database share. */
export function testNodeParts(store: () => Store): void {
  test("a content is claimed by one owner until the lease runs out, and goes on being theirs while they prolong it", async () => {
    const { contents, claims, read, write } = store();
    await write((tx) => contents.insertContent(tx, content));
    const claim = (owner: string, nowMs: number) =>
      write((tx) =>
        claims.claimContent(tx, { contentId: content.id, owner, nowMs, leaseUntilMs: nowMs + 1_000 }),
      );
    const unclaimed = (owner: string, nowMs: number) => claims.listUnclaimed(read, { owner, nowMs });
    expect(await unclaimed("b", 1)).toEqual([content.id]);
    const won = await Promise.all(["a", "b", "c"].map((owner) => claim(owner, 1)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await claim("a", 1_002)).toBe(true);
    expect(await claim("a", 1_500)).toBe(true);
    expect(await claim("b", 2_400)).toBe(false);
    expect(await unclaimed("b", 2_400)).toEqual([]);
    expect(await unclaimed("a", 2_400)).toEqual([content.id]);
    expect(await unclaimed("b", 2_501)).toEqual([content.id]);
    expect(await claim("b", 2_501)).toBe(true);
    expect(await claim("a", 2_600)).toBe(false);
  });

  test("a content that is not there cannot be claimed", async () => {
    const { claims, write } = store();
    const claim = { contentId: "nothing", owner: "a", ...LEASE };
    await expect(write((tx) => claims.claimContent(tx, claim))).rejects.toMatchObject({ code: "conflict" });
  });

  test("a blob's parts are kept byte for byte, and go with it or when nobody names them", async () => {
    const { blobs, read, write } = store();
    const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index % 256);
    for (const [set, position] of [
      ["s1", 0],
      ["s1", 1],
      ["s2", 0],
    ] as const) {
      const part = { set_id: set, position, created_at_sec: 5, bytes: bytes.subarray(position) };
      await write((tx) => blobs.insertPart(tx, part));
    }
    await write((tx) => blobs.insertBlob(tx, { hash: "h1", set_id: "s1" }));
    expect(await blobs.findSet(read, "h1")).toBe("s1");
    expect(await blobs.listUnheld(read)).toEqual(["h1"]);
    expect(Buffer.from((await blobs.findPart(read, "s1", 1))!)).toEqual(Buffer.from(bytes.subarray(1)));
    expect(await blobs.findPart(read, "s1", 2)).toBeUndefined();
    await write((tx) => blobs.deleteUnnamedSets(tx, 5));
    expect(await blobs.findPart(read, "s2", 0)).toBeDefined();
    await write((tx) => blobs.deleteUnnamedSets(tx, 6));
    expect(await blobs.findPart(read, "s2", 0)).toBeUndefined();
    expect(await blobs.findPart(read, "s1", 0)).toBeDefined();
    await write(async (tx) => {
      await blobs.deleteBlob(tx, "h1");
      await blobs.deleteSet(tx, "s1");
    });
    expect(await blobs.findSet(read, "h1")).toBeUndefined();
    expect(await blobs.findPart(read, "s1", 0)).toBeUndefined();
  });

  test("a setting that is kept once stays as it was first", async () => {
    const { settings, write } = store();
    expect(await write((tx) => settings.keepSetting(tx, "once", "first"))).toBe("first");
    expect(await write((tx) => settings.keepSetting(tx, "once", "second"))).toBe("first");
  });
}
