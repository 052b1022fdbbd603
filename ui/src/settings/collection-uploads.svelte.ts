import { request } from "../api/request.ts";
import { uploadFile } from "../api/upload.ts";
import { newId } from "../state/new-id.ts";
import { settingsText as text } from "./text.ts";

const ASK_EVERY_MS = 700;

/** A file on its way into a collection. */
export class CollectionUpload {
  readonly key = newId();
  readonly file: File;
  note = $state("");
  complaint = $state("");

  constructor(file: File) {
    this.file = file;
  }
}

interface Progress {
  status: string;
  error?: string;
  progress?: { embedded: number; chunks: number };
}

/** What is being added to a collection: each file is sent, read, and put in; one that failed can be sent again. */
export class CollectionUploads {
  list = $state.raw<readonly CollectionUpload[]>([]);
  readonly #path: string;
  readonly #onAdded: () => void;
  readonly #gone = new AbortController();

  constructor(path: string, onAdded: () => void) {
    this.#path = path;
    this.#onAdded = onAdded;
  }

  add(files: Iterable<File>): void {
    const uploads = [...files].map((file) => new CollectionUpload(file));
    this.list = [...this.list, ...uploads];
    for (const upload of uploads) void this.send(upload);
  }

  async send(upload: CollectionUpload): Promise<void> {
    const { signal } = this.#gone;
    upload.complaint = "";
    try {
      const onProgress = (percent: number) => {
        upload.note = text.knowledge.uploading(percent);
      };
      onProgress(0);
      const { id } = await uploadFile(upload.file, { onProgress, signal });
      await awaitRead(upload, id, signal);
      await request("POST", `${this.#path}/file/add`, { body: { file_id: id }, signal });
      this.remove(upload);
      this.#onAdded();
    } catch (error) {
      upload.note = "";
      if (!signal.aborted) upload.complaint = error instanceof Error ? error.message : String(error);
    }
  }

  remove(upload: CollectionUpload): void {
    this.list = this.list.filter((other) => other !== upload);
  }

  /** What is not there yet is given up. */
  close(): void {
    this.#gone.abort();
  }
}

async function awaitRead(upload: CollectionUpload, id: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/files/${encodeURIComponent(id)}/process/status`;
  for (;;) {
    const { status, error, progress } = await request<Progress>("GET", path, { signal });
    if (status === "completed") return;
    if (status === "failed") throw new Error(error ?? text.knowledge.unreadable);
    upload.note = progress
      ? text.knowledge.readUpTo(progress.embedded, progress.chunks)
      : text.knowledge.reading;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
