import { createEventQueue } from "../../src/client/event-queue.ts";
import {
  createOffstage,
  createOpenWebUiClient,
  type LiveEvent,
  type Offstage,
  type OpenWebUiClient,
} from "../../src/index.ts";
import type { TestProvider } from "../support/provider.ts";
import { createReplayClock } from "./replay-clock.ts";
import type { RealStage } from "./stage.ts";
import type { Tape } from "./tape.ts";
import { TapePlayer } from "./tape-player.ts";

const BASE_URL = "http://open-webui.invalid";
const TOKEN = "token";

/** A stage without any server, on which one scenario can run: server and provider do what the tape says. */
export interface ReplayStage extends RealStage {
  player: TapePlayer;
}

/** Opens it. The network of whoever sends requests by himself has to be its `player.fetch`. */
export function openReplayStage(tape: Tape): ReplayStage {
  const player = new TapePlayer(tape);
  const clock = createReplayClock();
  const all = new Set<Offstage>();
  const connect = (fetch: typeof globalThis.fetch) => {
    const client: OpenWebUiClient = {
      ...createOpenWebUiClient({ baseUrl: BASE_URL, token: TOKEN, fetch, clock }),
      liveEvents: (options) => replayedEvents(player, options?.signal),
    };
    const offstage = createOffstage({ client, clock });
    all.add(offstage);
    return offstage;
  };
  let notes: string[] = [];
  return {
    baseUrl: BASE_URL,
    token: TOKEN,
    player,
    offstage: connect(player.fetch),
    provider: replayedProvider(player),
    connect,
    restart: player.restart,
    note: (text) => void notes.push(text),
    takeNotes() {
      const taken = notes.join("; ");
      notes = [];
      return taken;
    },
    async close() {
      await Promise.all([...all].map((offstage) => offstage.close()));
    },
  };
}

async function* replayedEvents(player: TapePlayer, signal?: AbortSignal): AsyncGenerator<LiveEvent> {
  const queue = createEventQueue();
  const onAbort = () => queue.push({ type: "closed", error: null });
  signal?.addEventListener("abort", onAbort, { once: true });
  const leave = player.listen(queue.push);
  try {
    for (;;) {
      const event = await queue.next();
      yield event;
      if (event.type === "closed") return;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    leave();
  }
}

function replayedProvider({ asked }: TapePlayer): TestProvider {
  return {
    url: BASE_URL,
    port: 0,
    requests: asked,
    open: { now: 0, most: 0 },
    configure() {},
    reset() {},
    async close() {},
  };
}
