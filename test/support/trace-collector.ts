import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };

/** A span as it arrived. Kinds: 1 inside, 2 of a server, 3 of a client; status 2 is an error. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code: number; message?: string };
  attributes: Record<string, unknown>;
  events?: unknown[];
}

interface Posted {
  resourceSpans: {
    resource: { attributes: { key: string; value: Value }[] };
    scopeSpans: {
      spans: (Omit<CollectedSpan, "attributes"> & { attributes: { key: string; value: Value }[] })[];
    }[];
  }[];
}

/** Takes OTLP as JSON over HTTP, at `/v1/traces`. */
export interface TraceCollector {
  url: string;
  spans: CollectedSpan[];
  /** What the spans came from. */
  resource: Record<string, unknown>;
  /** Answers each post with this status; with 0 not at all. */
  answer(status: number): void;
  close(): Promise<void>;
}

function plain(attributes: readonly { key: string; value: Value }[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      return [key, stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue))];
    }),
  );
}

export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const resource: Record<string, unknown> = {};
  let status = 200;
  const server = createServer(async (request, response) => {
    const posted = (await json(request)) as Posted;
    if (request.url !== "/v1/traces") status = 404;
    for (const { resource: from, scopeSpans } of posted.resourceSpans) {
      Object.assign(resource, plain(from.attributes));
      for (const span of scopeSpans.flatMap((scope) => scope.spans))
        spans.push({ ...span, attributes: plain(span.attributes) });
    }
    if (status > 0)
      response.writeHead(status, { "content-type": "application/json", connection: "close" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resource,
    answer(next) {
      status = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
