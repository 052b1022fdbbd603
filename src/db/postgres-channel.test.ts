import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { startPostgres } from "../../test/support/postgres.ts";
import type { Channel } from "./channel.ts";
import { openPostgresChannel } from "./postgres-channel.ts";

const postgres = await startPostgres();

describe.skipIf(postgres === null)("a channel of PostgreSQL", () => {
  let url: string;
  let opened: Channel[];

  beforeEach(async () => {
    url = await postgres!.createDatabase();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((channel) => channel.close()));
    await postgres!.dropDatabase(url);
  });
  afterAll(() => postgres?.stop());

  async function open() {
    const heard: string[] = [];
    const changes: string[] = [];
    const channel = await openPostgresChannel(
      { url },
      {
        onText: (_senderId, text) => void heard.push(text),
        onLost: () => void changes.push("lost"),
        onGap: () => void changes.push("gap"),
      },
    );
    opened.push(channel);
    return { channel, heard, changes };
  }

  async function query(sql: string): Promise<{ pid: number }[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  const OF_CHANNELS =
    "from pg_stat_activity where application_name = 'offstage events' and datname = current_database()";

  /** Ends connections of channels, as an administrator would; all but those of some processes of PostgreSQL. */
  async function cutOff(spared: readonly { pid: number }[] = []): Promise<void> {
    const pids = spared.map(({ pid }) => pid).join();
    await query(`select pg_terminate_backend(pid) ${OF_CHANNELS} and pid <> all ('{${pids}}')`);
  }

  test("brings texts to the others, in order and once, also long ones", async () => {
    const [one, two, three] = [await open(), await open(), await open()];
    const texts = Array.from({ length: 200 }, (_, index) => `${index} ${"é🙂x".repeat((index % 7) * 1_000)}`);
    for (const text of texts) one.channel.send(text);
    await eventually("both have heard all", () => two.heard.length >= 200 && three.heard.length >= 200);
    expect(two.heard).toEqual(texts);
    expect(three.heard).toEqual(texts);
    expect(one.heard).toEqual([]);
    expect(two.changes).toEqual([]);
  });

  test("is made anew when it is cut, tells of the gap, and sends what waits", async () => {
    const [one, two] = [await open(), await open()];
    one.channel.send("before");
    await eventually("it is heard", () => two.heard.includes("before"));
    await cutOff();
    await eventually("both have lost it", () => one.changes.length > 0 && two.changes.length > 0);
    await eventually("both are back", () => one.channel.isConnected && two.channel.isConnected);
    one.channel.send("after");
    await eventually("it goes on", () => two.heard.includes("after"));
    expect(two.heard).toEqual(["before", "after"]);
    expect(two.changes).toEqual(["lost", "gap"]);
  });

  test("loses no text of a sender that is cut off while it tells, and repeats none", async () => {
    const two = await open();
    const spared = await query(`select pid ${OF_CHANNELS}`);
    const one = await open();
    const texts = Array.from({ length: 400 }, (_, index) => String(index));
    for (const text of texts) {
      one.channel.send(text);
      if (Number(text) % 100 === 50) await cutOff(spared);
      else await new Promise(setImmediate);
    }
    await eventually("the last is heard", () => two.heard.at(-1) === "399");
    expect(two.heard).toEqual(texts);
    expect(two.changes).toEqual([]);
  });

  test("gives a name to one process, until that is gone", async () => {
    const [one, two] = [await open(), await open()];
    expect(await one.channel.claim("node")).toBe(true);
    expect(await two.channel.claim("node")).toBe(false);
    expect(await two.channel.claim("other")).toBe(true);
    await one.channel.close();
    await eventually("it is free", () => two.channel.claim("node"));
  });

  test("says what is sent before it closes", async () => {
    const [one, two] = [await open(), await open()];
    one.channel.send("last");
    await one.channel.close();
    await eventually("it is heard", () => two.heard.includes("last"));
  });
});
