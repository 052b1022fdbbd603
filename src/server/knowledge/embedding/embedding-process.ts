import { asOffstageError, type ErrorCode } from "../../../errors.ts";
import {
  createEmbeddingQueue,
  type EmbeddingQueue,
  type EmbeddingReply,
  type EmbeddingRequest,
} from "./embedding-queue.ts";
import { loadMiniLm, type MiniLmOptions } from "./minilm-session.ts";

/** What this process is told: first its model, then texts, or the id of a request that nobody waits for any more. */
export type ProcessMessage = { load: MiniLmOptions } | EmbeddingRequest | { cancelled: number };

/** What it says: replies, or why it has no model; then it ends. */
export type ProcessReply = EmbeddingReply | { code: ErrorCode; message: string };

/** Undefined until the first message, which names the model. */
let queue: Promise<EmbeddingQueue | null> | undefined;

async function load(options: MiniLmOptions): Promise<EmbeddingQueue | null> {
  try {
    return createEmbeddingQueue(await loadMiniLm(options), (reply) => say(reply));
  } catch (thrown) {
    const { code, message } = asOffstageError(thrown);
    say({ code, message }, () => process.exit(1));
    return null;
  }
}

/** Whoever no longer listens is not told; `disconnect` ends this process then. */
function say(reply: ProcessReply, said = () => {}): void {
  process.send?.(reply, undefined, undefined, said);
}

process.on("message", async (message: ProcessMessage) => {
  if ("load" in message) queue = load(message.load);
  else if ("cancelled" in message) (await queue)?.cancel(message.cancelled);
  else (await queue)?.add(message);
});

// The server may end without a word.
process.on("disconnect", () => process.exit());
