import { eventually } from "./eventually.ts";
import { type Caller, type Json, type Reply, readReply } from "./http.ts";

/** Sends a file as a form does. */
export async function upload(
  caller: Caller,
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
  options: { query?: string; metadata?: Json } = {},
): Promise<Reply> {
  const form = new FormData();
  if (options.metadata !== undefined) form.append("metadata", JSON.stringify(options.metadata));
  form.append("file", new Blob([content]), name);
  const response = await fetch(`${caller.baseUrl}/api/v1/files/${options.query ?? ""}`, {
    method: "POST",
    headers: { authorization: `Bearer ${caller.token}` },
    body: form,
  });
  return readReply(response);
}

/** Sends a file and waits until it is processed, well or not. Resolves with its record. */
export async function uploadProcessed(
  caller: Caller,
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<Json> {
  const reply = await upload(caller, name, content);
  if (reply.status !== 200) throw new Error(`uploading ${name}: ${reply.status} ${reply.text}`);
  const read = async () => (await caller.get(`/api/v1/files/${reply.body.id}`)).body;
  await eventually(`${name} is processed`, async () => (await read()).data.status !== "processing", 30_000);
  return read();
}

/** Makes a collection of files with these texts. Resolves with its record. */
export async function collectionOf(
  caller: Caller,
  texts: Record<string, string>,
  form: Json = {},
): Promise<Json> {
  const created = await caller.post("/api/v1/knowledge/create", {
    name: "Geography",
    description: "",
    ...form,
  });
  if (created.status !== 200) throw new Error(`creating a collection: ${created.status} ${created.text}`);
  for (const [name, text] of Object.entries(texts)) {
    const file = await uploadProcessed(caller, name, text);
    const added = await caller.post(`/api/v1/knowledge/${created.body.id}/file/add`, { file_id: file.id });
    if (added.status !== 200) throw new Error(`adding ${name}: ${added.status} ${added.text}`);
  }
  return (await caller.get(`/api/v1/knowledge/${created.body.id}`)).body;
}

/** Each state of a file's processing, from the present one to its end. */
export async function processingOf(caller: Caller, fileId: string): Promise<Json[]> {
  return (await caller.get(`/api/v1/files/${fileId}/process/status?stream=true`)).chunks;
}

/** A text that takes a while; each mark makes another one. */
export function longText(mark: string, lines = 2_000): string {
  return Array.from({ length: lines }, (_, line) => `Line ${line} of a long text, ${mark}.`).join("\n\n");
}
