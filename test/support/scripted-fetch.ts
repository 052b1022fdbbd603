/** One request as a scripted `fetch` saw it. */
export interface SeenRequest {
  method: string;
  /** From the origin on, with its query. */
  path: string;
  headers: Headers;
  body: unknown;
}

export type FetchScript = (request: SeenRequest, signal: AbortSignal) => Response | Promise<Response>;

/** A `fetch` that asks a function instead of the network, and remembers what was asked. */
export function scriptedFetch(script: FetchScript): { fetch: typeof globalThis.fetch; seen: SeenRequest[] } {
  const seen: SeenRequest[] = [];
  return {
    seen,
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const request = {
        method: init?.method ?? "GET",
        path: url.pathname + url.search,
        headers: new Headers(init?.headers),
        body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined,
      };
      seen.push(request);
      return script(request, init!.signal!);
    },
  };
}

/** Answers nothing until the caller gives up, as an unplugged server does. */
export function never(signal: AbortSignal): Promise<Response> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
