import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProvider } from "../../test/support/provider.ts";
import { isTaskPrompt, lastUserText } from "../../test/support/provider-answer.ts";

/** Tells programs of other processes what the provider was asked for. */
export interface Witness {
  /** `GET` answers `{body, clientClosed}` of the last completion that is no task, or null. */
  url: string;
  close(): void;
}

/** Starts a witness of a provider; resolves once it listens. */
export async function startWitness(provider: TestProvider): Promise<Witness> {
  const server = createServer((_, response) => {
    const asked = provider.requests.findLast(
      ({ path, body }) => path.startsWith("/chat/") && !isTaskPrompt(lastUserText(body?.messages ?? [])),
    );
    const seen = asked ? { body: asked.body, clientClosed: asked.clientClosed } : null;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(seen));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
