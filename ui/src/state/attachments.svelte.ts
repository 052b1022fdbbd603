import { request } from "../api/request.ts";
import type { WireFile } from "../api/shapes.ts";
import { uploadFile } from "../api/upload.ts";
import { newId } from "./new-id.ts";

/** Longest side of a picture as it is sent; models look at no more. */
const PICTURE_PX = 1_600;
const SMALL_PICTURE_BYTES = 300 * 1024;
const ASK_EVERY_MS = 700;

/** Something that is to go along with the next question. */
export class Attachment {
  readonly key = newId();
  readonly name: string;
  state = $state<"uploading" | "processing" | "ready" | "failed">("ready");
  percent = $state(0);
  complaint = $state("");
  /** What the question names; null until the server has the file. */
  file = $state.raw<WireFile | null>(null);
  readonly stopped = new AbortController();

  constructor(name: string, file: WireFile | null = null) {
    this.name = name;
    this.file = file;
  }
}

/** What the composer holds beside its text. */
export class Attachments {
  list = $state.raw<Attachment[]>([]);
  readonly files = $derived(this.list.flatMap(({ file }) => file ?? []));
  readonly isUploading = $derived(this.list.some(({ state }) => state === "uploading"));
  readonly hasFailed = $derived(this.list.some(({ state }) => state === "failed"));

  constructor(files: readonly WireFile[]) {
    this.list = files.map((file) => new Attachment(file.name ?? file.id ?? "", file));
  }

  /** Names a file or a collection that the server has already. */
  name(file: WireFile): void {
    if (this.files.some(({ id }) => id === file.id)) return;
    this.list = [...this.list, new Attachment(file.name ?? file.id ?? "", file)];
  }

  /** Takes files of this machine: pictures go with the question itself, all others to the server. */
  add(files: Iterable<File>): void {
    for (const file of files) {
      const attachment = new Attachment(file.name);
      this.list = [...this.list, attachment];
      const work = file.type.startsWith("image/") ? readPicture(attachment, file) : upload(attachment, file);
      work.catch((error: unknown) => {
        if (attachment.stopped.signal.aborted) return;
        attachment.state = "failed";
        attachment.complaint = error instanceof Error ? error.message : String(error);
      });
    }
  }

  remove(attachment: Attachment): void {
    attachment.stopped.abort();
    this.list = this.list.filter((other) => other !== attachment);
  }

  clear(): void {
    this.list = [];
  }
}

async function upload(attachment: Attachment, file: File): Promise<void> {
  attachment.state = "uploading";
  const { signal } = attachment.stopped;
  const onProgress = (percent: number) => {
    attachment.percent = percent;
  };
  const { id, filename, meta } = await uploadFile(file, { onProgress, signal });
  attachment.file = { type: "file", id, name: filename, size: meta.size };
  attachment.state = "processing";
  for (;;) {
    const path = `/api/v1/files/${encodeURIComponent(id)}/process/status`;
    const { status, error } = await request<{ status: string; error?: string }>("GET", path, { signal });
    if (status === "completed") break;
    if (status === "failed") throw new Error(error ?? "The file could not be read.");
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  attachment.state = "ready";
}

async function readPicture(attachment: Attachment, file: File): Promise<void> {
  attachment.state = "processing";
  const url = file.size <= SMALL_PICTURE_BYTES ? await dataUrl(file) : await smaller(file);
  attachment.file = { type: "image", url, name: file.name };
  attachment.state = "ready";
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

async function smaller(file: File): Promise<string> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, PICTURE_PX / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return dataUrl(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 }));
}
