import { EventSourceParserStream } from "eventsource-parser/stream";
import { FileStatus } from "../contract/file.ts";
import { filledString, isJsonObject, type JsonObject, parseJson } from "../contract/json-shape.ts";
import { asOffstageError } from "../errors.ts";
import { type Identified, objectAnswer, recordAnswer } from "./answer-shapes.ts";
import type {
  CallOptions,
  ClientClock,
  OpenWebUiClient,
  RemoteFile,
  RemoteFileProgress,
} from "./client-interface.ts";
import { allRows } from "./paged-rows.ts";
import { pathSegment, type Transport } from "./transport.ts";
import { uploadForm } from "./upload-form.ts";

type FileCalls = Pick<
  OpenWebUiClient,
  "uploadFile" | "getFile" | "fileStatus" | "watchFile" | "listFiles" | "deleteFile" | "readFileContent"
>;

const FILES = "/api/v1/files";
/** For what is processed before its reply: as long as a long document takes. */
export const PROCESSING_TIMEOUT_MS = 600_000;
const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 2_000;

/** The calls about single files. */
export function createFileCalls(transport: Transport, clock: ClientClock): FileCalls {
  const filePath = (fileId: string, rest = "") => `${FILES}/${pathSegment(fileId)}${rest}`;
  const get = (path: string, options?: CallOptions) => transport.json({ method: "GET", path }, options);
  const getFile = async (fileId: string, options?: CallOptions) =>
    decodeFile(recordAnswer("such file", await get(filePath(fileId), options)));

  const fileStatus = async (fileId: string, options?: CallOptions): Promise<RemoteFileProgress> => {
    try {
      const answer = await get(filePath(fileId, "/process/status"), options);
      const progress = decodeProgress(objectAnswer("a file's status", answer));
      // Some tell the reason with the file alone.
      if (progress.status !== "failed" || progress.error !== null) return progress;
    } catch (thrown) {
      // 0.6.15 has no such call: a page or nothing answers. Whether the file is there is seen below.
      if (!["not_found", "not_open_webui"].includes(asOffstageError(thrown).code)) throw thrown;
    }
    const { status, error } = await getFile(fileId, options);
    return { status, error, progress: null };
  };

  return {
    uploadFile: async (upload, options) => {
      // Our own server would wait a while for the processing, and nobody would see how far it is.
      const path = `${FILES}/?process_in_background=true`;
      const call = { method: "POST", path, body: await uploadForm(upload) } as const;
      const record = await transport.json(call, { timeoutMs: PROCESSING_TIMEOUT_MS, ...options });
      return decodeFile(recordAnswer("such file", record));
    },
    getFile,
    fileStatus,
    async *watchFile(fileId, options) {
      let told = "";
      for await (const progress of statesOf(fileId, options)) {
        if (JSON.stringify(progress) !== told) yield progress;
        told = JSON.stringify(progress);
        if (isEnd(progress)) return;
      }
    },
    listFiles: async (options) =>
      (await allRows("a list of files", `${FILES}/?content=false`, (path) => get(path, options))).map(
        decodeFile,
      ),
    deleteFile: async (fileId, options) => {
      const repeatable = options?.repeatable ?? false;
      await transport.json({ method: "DELETE", path: filePath(fileId), repeatable }, options);
    },
    async *readFileContent(fileId, options) {
      const call = { method: "GET", path: filePath(fileId, "/content"), accept: "*/*" } as const;
      const { response, limit } = await transport.open(call, options);
      try {
        for await (const piece of response.body ?? []) {
          limit.refresh();
          yield piece;
        }
      } catch (thrown) {
        throw limit.explain(thrown);
      } finally {
        limit.end();
      }
    },
  };

  /** What the server's stream tells, and once that has ended, what looks show. */
  async function* statesOf(fileId: string, options?: CallOptions): AsyncGenerator<RemoteFileProgress> {
    try {
      yield* streamedStates(fileId, options);
    } catch (thrown) {
      // Whatever broke the stream, a look shows what there is.
      if (options?.signal?.aborted) throw thrown;
    }
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(LAST_LOOK_MS, pauseMs * 2)) {
      yield await fileStatus(fileId, options);
      await clock.sleep(pauseMs, options?.signal).catch(() => {
        // Its caller has aborted; the next look says so.
      });
    }
  }

  /** Nothing where the server has no such stream. */
  async function* streamedStates(fileId: string, options?: CallOptions): AsyncGenerator<RemoteFileProgress> {
    const path = filePath(fileId, "/process/status?stream=true");
    const { response, limit } = await transport.open(
      { method: "GET", path, accept: "text/event-stream" },
      options,
    );
    try {
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
      if (!isStream || response.body === null) {
        await response.body?.cancel();
        return;
      }
      const events = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const { data } of events) {
        limit.refresh();
        const progress = decodeProgress(objectAnswer("a file's status", parseJson(data)));
        // The reason is told by a look.
        if (progress.status === "failed" && progress.error === null) return;
        yield progress;
      }
    } finally {
      limit.end();
    }
  }
}

function isEnd({ status }: RemoteFileProgress): boolean {
  return status === "completed" || status === "failed";
}

/** A file's record as any server spells it. */
export function decodeFile(row: Identified): RemoteFile {
  const data = isJsonObject(row.data) ? row.data : {};
  const meta = isJsonObject(row.meta) ? row.meta : {};
  const error = filledString(data.error) ?? filledString(row.error);
  // Servers that name no status process while the file is uploaded, and keep a hash of its text.
  const isRead = filledString(row.hash) ?? filledString(data.content) ?? filledString(meta.collection_name);
  const unnamed = isRead === null ? "pending" : "completed";
  return {
    ...row,
    name: filledString(meta.name) ?? filledString(row.filename) ?? row.id,
    size: typeof meta.size === "number" ? meta.size : null,
    status: decodeStatus(data.status) ?? (error === null ? unnamed : "failed"),
    error,
  };
}

function decodeProgress({ status, error, progress }: JsonObject): RemoteFileProgress {
  const counts = isJsonObject(progress) ? progress : {};
  const { embedded, chunks } = counts;
  return {
    status: decodeStatus(status) ?? "pending",
    error: filledString(error),
    progress: typeof embedded === "number" && typeof chunks === "number" ? { embedded, chunks } : null,
  };
}

/** A status in either spelling: the real servers', or the tutorial's. Null for what is none. */
function decodeStatus(value: unknown): FileStatus | null {
  if (value === "processed") return "completed";
  if (value === "error") return "failed";
  return FileStatus.safeParse(value).data ?? null;
}
