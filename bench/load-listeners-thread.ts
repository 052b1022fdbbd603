/** The thread of `load-listeners.ts`: answers `open`, `heard` and `close`, one at a time, with what was heard so far. */
import { parentPort, workerData } from "node:worker_threads";
import type { WireEvent } from "./live-answer.ts";
import { connectLiveSocket, type LiveSocket } from "./live-socket.ts";
import type { Heard, ListenerPlan } from "./load-listeners.ts";

const RETURN_EVERY_MS = 1_000;
const DIALECTS = ["chat-events", "events"] as const;
/** Errors that are kept; more are alike. */
const MOST_ERRORS = 20;

const { users, staying, leaving } = workerData as ListenerPlan;
const heard: Heard = { ends: Array<number>(staying).fill(0), events: 0, bytes: 0, returned: 0, errors: [] };
const sockets: (LiveSocket | undefined)[] = [];
let isClosing = false;
let returning: Promise<void> | null = null;
let timer: NodeJS.Timeout | undefined;

function note(error: string): void {
  if (heard.errors.length < MOST_ERRORS) heard.errors.push(error);
}

async function open(index: number): Promise<void> {
  const socket = await connectLiveSocket(users[index % users.length]!, DIALECTS[index % DIALECTS.length]);
  socket.onLost(() => note(`socket ${index} was lost`));
  socket.hear((event) => {
    heard.events += 1;
    if (index < staying && isEnd(event)) heard.ends[index]! += 1;
  });
  sockets[index] = socket;
}

function isEnd({ data }: WireEvent): boolean {
  return data?.type === "chat:completion" && (data.data as { done?: unknown } | undefined)?.done === true;
}

function close(index: number): void {
  const socket = sockets[index];
  if (!socket) return;
  heard.bytes += socket.receivedBytes;
  socket.close();
  sockets[index] = undefined;
}

async function comeBack(index: number): Promise<void> {
  close(index);
  try {
    await open(index);
    heard.returned += 1;
  } catch (error) {
    note(`socket ${index} could not come back: ${error instanceof Error ? error.message : error}`);
  }
}

async function openAll(): Promise<void> {
  await Promise.all(Array.from({ length: staying + leaving }, (_, index) => open(index)));
  if (leaving === 0) return;
  let next = 0;
  timer = setInterval(() => {
    if (isClosing || returning) return;
    returning = comeBack(staying + (next++ % leaving)).finally(() => {
      returning = null;
    });
  }, RETURN_EVERY_MS);
}

async function closeAll(): Promise<void> {
  isClosing = true;
  clearInterval(timer);
  await returning;
  for (const index of sockets.keys()) close(index);
}

parentPort!.on("message", async (what: "open" | "heard" | "close") => {
  if (what === "open") await openAll();
  if (what === "close") await closeAll();
  const live = sockets.reduce((sum, socket) => sum + (socket?.receivedBytes ?? 0), 0);
  parentPort!.postMessage({ ...heard, bytes: heard.bytes + live });
});
