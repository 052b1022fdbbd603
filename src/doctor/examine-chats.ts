import type { CallOptions, OpenWebUiClient } from "../client/open-webui-client.ts";
import { isJsonObject } from "../contract/json-shape.ts";
import { ApiError, OffstageError } from "../errors.ts";
import { examineChat } from "./examine-chat.ts";
import type { Finding } from "./finding.ts";

/** The calls that an examination makes; each only reads. */
export type ChatReader = Pick<OpenWebUiClient, "getChatRecord" | "listTasks">;

/** What was found in one chat. */
export interface ChatReport {
  id: string;
  title: string;
  findings: Finding[];
}

/** What an examination needs beside the chats. */
export interface ExaminationOptions {
  /** Told of each chat as soon as it is examined, in no certain order. */
  onReport: (report: ChatReport) => void;
  /** Told of each chat that was deleted before it could be read; without it such a chat is an error. */
  onGone?: (chatId: string) => void;
  signal?: AbortSignal;
}

const CHATS_AT_ONCE = 4;

/**
 * Reads and examines the chats, four at a time, without changing anything. A chat that its server fails to read is a
 * finding. Rejects with the first failure that is not about one chat; nothing is read after it.
 */
export async function examineChats(
  client: ChatReader,
  chatIds: AsyncIterable<string>,
  options: ExaminationOptions,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const ids = chatIds[Symbol.asyncIterator]();
  const work = async () => {
    for (let row = await ids.next(); !row.done && !failed.signal.aborted; row = await ids.next()) {
      await examineOne(client, row.value, options, signal);
    }
  };
  const workers = Array.from({ length: CHATS_AT_ONCE }, () =>
    work().catch((thrown) => {
      failed.abort();
      throw thrown;
    }),
  );
  try {
    await Promise.all(workers);
  } finally {
    await Promise.allSettled(workers);
    await ids.return?.();
  }
}

async function examineOne(
  client: ChatReader,
  chatId: string,
  { onReport, onGone }: ExaminationOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    onReport(await readReport(client, chatId, { signal }));
  } catch (thrown) {
    if (!(thrown instanceof OffstageError)) throw thrown;
    if (thrown.code === "not_found" && onGone !== undefined) onGone(chatId);
    else if (thrown instanceof ApiError && thrown.status === 500) onReport(unreadable(chatId, thrown));
    else throw thrown;
  }
}

/** The tasks come first: one that ends between the two calls has left its answer in the record. */
async function readReport(client: ChatReader, chatId: string, options: CallOptions): Promise<ChatReport> {
  const runningTaskIds = await client.listTasks(chatId, options);
  const record = await client.getChatRecord(chatId, options);
  const title = record.title ?? (isJsonObject(record.chat) ? record.chat.title : undefined);
  return {
    id: chatId,
    title: typeof title === "string" ? title : "",
    findings: examineChat(record, { runningTaskIds }),
  };
}

function unreadable(id: string, { message }: OffstageError): ChatReport {
  const finding: Finding = {
    code: "unreadable",
    severity: "breaks",
    messageId: null,
    sentence: `The server fails to read the chat: ${message}`,
    mend: "Look into the server's log; a history of a wrong shape does this on some versions.",
  };
  return { id, title: "", findings: [finding] };
}
