import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Target } from "./api.ts";

export interface ListenerPlan {
  /** Whose sockets: each is the next one's, in turn. */
  users: Pick<Target, "baseUrl" | "token">[];
  /** Those that stay, and those of which one leaves and comes back every second. */
  staying: number;
  leaving: number;
}

/** What the sockets have heard so far. */
export interface Heard {
  /** Ends of answers at each socket that stays; the first socket is the first user's, and so on. */
  ends: number[];
  events: number;
  bytes: number;
  /** Connections that came after the first ones. */
  returned: number;
  /** What went wrong: connections that ended by themselves or could not be made. */
  errors: string[];
}

export interface Listeners {
  heard(): Promise<Heard>;
  /** Closes every socket; resolves once they are. */
  close(): Promise<void>;
}

/** Opens sockets in a thread of their own, where reading them costs the flows' driver no time of its own. */
export async function openListeners(plan: ListenerPlan): Promise<Listeners> {
  const worker = new Worker(new URL("./load-listeners-thread.ts", import.meta.url), { workerData: plan });
  const ask = async (what: "open" | "heard" | "close") => {
    const answer = once(worker, "message");
    worker.postMessage(what);
    return (await answer)[0] as Heard;
  };
  await ask("open");
  return {
    heard: () => ask("heard"),
    async close() {
      await ask("close");
      await worker.terminate();
    },
  };
}
