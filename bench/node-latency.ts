/**
 * How long an event that one server makes takes to a socket at another server on the same PostgreSQL, and to one at its own:
 * `node bench/node-latency.ts [EVENTS] [GAP_MS]`, by default 300 events, 8 ms apart.
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { askedChat, expectOk } from "../test/support/chat.ts";
import { eventually } from "../test/support/eventually.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { type ChatEvent, openTab, type Tab } from "../test/support/socket.ts";
import { openTwoNodes } from "../test/support/two-nodes.ts";
import { percentilesOf } from "./statistics.ts";

const SIZES = [300, 20_000];
const LONGEST_WAIT_MS = 60_000;

const [events = 300, gapMs = 8] = process.argv.slice(2).map(Number);

const postgres = await startPostgres({ durable: true });
if (postgres === null) process.exit(1);
const nodes = await openTwoNodes(postgres);
const tabs = await Promise.all(
  nodes.owner.map(async ({ token }, node) => {
    const tab = await openTab(nodes.urls[node]!, token);
    await tab.socket.emitWithAck("user-join", { auth: { token } });
    return tab;
  }),
);
const [owner] = nodes.owner;
const chat = await askedChat(owner);
const path = `/api/v1/chats/${chat.chatId}/messages/${chat.userId}/event`;

/** When each event came to a tab, by the number that it carries. */
function arrivalsAt(tab: Tab): Map<number, number> {
  const arrivals = new Map<number, number>();
  tab.socket.onAny((_name: string, envelope: { data?: Partial<ChatEvent> } | undefined) => {
    const data = envelope?.data?.data as { number?: number } | undefined;
    if (data?.number !== undefined && !arrivals.has(data.number))
      arrivals.set(data.number, performance.now());
  });
  return arrivals;
}

const [near, far] = tabs.map(arrivalsAt) as [Map<number, number>, Map<number, number>];
const tell = (number: number, size: number) =>
  owner.post(path, { type: "measured", data: { number, filling: "x".repeat(size) } });

await eventually("the tabs are known to both servers", async () => {
  expectOk(await tell(-1, 1));
  return near.has(-1) && far.has(-1);
});
process.stdout.write(`${events} events each, ${gapMs} ms apart; load ${loadavg()[0]!.toFixed(1)}\n`);
for (const [index, size] of SIZES.entries()) {
  const numbers = Array.from({ length: events }, (_, number) => index * events + number);
  const begun = new Map<number, number>();
  const told: Promise<unknown>[] = [];
  for (const number of numbers) {
    begun.set(number, performance.now());
    told.push(tell(number, size));
    await pause(gapMs);
  }
  await Promise.all(told);
  await eventually("all have come", () => numbers.every((number) => far.has(number)), LONGEST_WAIT_MS);
  const show = (what: string, times: (number: number) => number) => {
    const { p50, p95, max } = percentilesOf(numbers.map(times));
    const figures = [p50, p95, max].map((ms) => ms.toFixed(1)).join(", ");
    process.stdout.write(`${size} B, ${what}: p50, p95, longest ${figures} ms\n`);
  };
  show(
    "from the request to the socket at the same server",
    (number) => near.get(number)! - begun.get(number)!,
  );
  show("from the request to the socket at the other", (number) => far.get(number)! - begun.get(number)!);
  show("at the other, after the same server's", (number) => far.get(number)! - near.get(number)!);
}
process.stdout.write(`load ${loadavg()[0]!.toFixed(1)}\n`);
for (const tab of tabs) tab.close();
await nodes.close();
await postgres.stop();
