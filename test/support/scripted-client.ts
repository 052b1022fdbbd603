import { createOpenWebUiClient, type OpenWebUiClientOptions } from "../../src/client/open-webui-client.ts";
import { type FetchScript, scriptedFetch } from "./scripted-fetch.ts";

/** A clock that stands still but for sleeping, which takes no time. */
export function restlessClock(nowMs = 0) {
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
  return clock;
}

/** A client whose server answers as scripted, and what it asked. */
export function clientOf(script: FetchScript, options: Partial<OpenWebUiClientOptions> = {}) {
  const { fetch, seen } = scriptedFetch(script);
  const client = createOpenWebUiClient({
    baseUrl: "http://owui.test",
    token: "jwt",
    fetch,
    clock: restlessClock(),
    random: () => 0.5,
    ...options,
  });
  return { client, seen };
}

export const models = () => Response.json({ data: [{ id: "m" }] });
export const refused = (status: number, detail: string) => Response.json({ detail }, { status });
