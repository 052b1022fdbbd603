import type { LiveEvent } from "../client/open-webui-client.ts";
import type { FlowClient } from "./flow-client.ts";

/** What a turn hears of all that happens in the user's chats. */
export type LiveListener = (event: LiveEvent) => void;

/** One live connection for all turns of a client, open while anybody listens. */
export interface LiveHub {
  /** Listens until the returned function is called. `closed` tells that nothing more will come. */
  listen(listener: LiveListener): () => void;
}

export function createLiveHub(client: Pick<FlowClient, "liveEvents">): LiveHub {
  const listeners = new Set<LiveListener>();
  /** Ends the connection; null while there is none. */
  let connection: AbortController | null = null;
  /** Whether the server knows that we listen. */
  let connected: LiveEvent | null = null;

  async function connect(own: AbortController): Promise<void> {
    for await (const event of client.liveEvents({ signal: own.signal })) {
      if (connection !== own) return;
      if (event.type === "connected") connected = event;
      if (event.type === "closed") {
        connection = null;
        connected = null;
      }
      for (const listener of [...listeners]) listener(event);
    }
  }

  return {
    listen: (listener) => {
      listeners.add(listener);
      if (connected !== null) listener(connected);
      if (connection === null) {
        connection = new AbortController();
        connect(connection).catch((error) => {
          connection = null;
          for (const told of [...listeners]) told({ type: "closed", error });
        });
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        connection?.abort();
        connection = null;
        connected = null;
      };
    },
  };
}
