import type { Server as HttpServer } from "node:http";
import { settledWithin } from "./answers/settled-within.ts";
import type { Context } from "./context.ts";

/** How long the last replies may take before their connections are cut. */
const LAST_REPLIES_MS = 2_000;

const SHUT_DOWN = {
  content: "Interrupted: the server was shut down in the middle of this answer.",
  code: "answer_lost",
};

/** Takes no more turns, waits for what is being answered, breaks off the rest, and takes no more connections. */
export async function closeServer(
  context: Context,
  server: HttpServer,
  options: { drainMs: number; closeSockets: () => Promise<void> },
): Promise<void> {
  context.answers.close();
  const allSettled = () => Promise.all(context.answers.allHere().map(({ settled }) => settled));
  if (options.drainMs > 0) await settledWithin(allSettled(), options.drainMs);
  for (const answer of context.answers.allHere()) answer.stop(SHUT_DOWN);
  await allSettled();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), LAST_REPLIES_MS);
  server.closeIdleConnections();
  await options.closeSockets();
  await closed;
  clearTimeout(cut);
}
