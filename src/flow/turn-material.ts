import type { RemoteFile } from "../client/open-webui-client.ts";
import type { FileReference } from "../contract/chat.ts";
import { isJsonObject } from "../contract/json-shape.ts";
import type { StoredChatDocument } from "../contract/stored-chat.ts";
import type { TurnPlan } from "./ask-input.ts";
import type { Run } from "./run.ts";

/** A local file on its way to the server. */
export interface Upload {
  readonly path: string;
  /** Null until the server has it. */
  file: RemoteFile | null;
  attempts: number;
  /** The first attempt's time by the server's clock; 0 before. */
  firstAtServerMs: number;
}

/** What a turn asks about, as far as it is known on the server. */
export interface TurnMaterial {
  /** The collections that were named; null before they were looked up. */
  collections: readonly FileReference[] | null;
  readonly uploads: readonly Upload[];
  /** Whether all of it is on the server and processed. */
  ready: boolean;
  /** What earlier turns of the chat were asked about and is still there; null before it was looked for. */
  inherited: readonly FileReference[] | null;
}

/** The material of a turn that has done nothing yet. */
export function planMaterial({ files, paths, knowledge }: TurnPlan): TurnMaterial {
  const isKnown = knowledge.length === 0;
  return {
    collections: isKnown ? [] : null,
    uploads: paths.map((path) => ({ path, file: null, attempts: 0, firstAtServerMs: 0 })),
    ready: isKnown && paths.length === 0 && files.every(({ status }) => status === "processed"),
    inherited: null,
  };
}

/** What the turn itself asks about, as web UIs write it into the question and the chat. */
export function turnFiles({ plan, material, profile }: Run): FileReference[] {
  // Pages up to 0.6.41 open the address as it is, later ones put the path before it.
  const urlOf = (id: string) => (profile?.linkMessage === false ? `/api/v1/files/${id}` : id);
  const uploaded = material.uploads.flatMap(({ file }) =>
    file === null ? [] : [fileReference(file, urlOf(file.id))],
  );
  return distinct([...plan.files, ...(material.collections ?? []), ...uploaded]);
}

/** What the completion is asked with: the chat's files that are still there, then the turn's own, each once. */
export function askedFiles(run: Run): FileReference[] {
  const files = distinct([...(run.material.inherited ?? []), ...turnFiles(run)]);
  return files.map((file) => ({ ...file, status: "processed" }));
}

/** The chat's files once the turn stands in it. */
export function chatFilesWith(run: Run, chat: StoredChatDocument): FileReference[] {
  return distinct([...chatFiles(chat), ...turnFiles(run)]);
}

/** What a chat keeps of what was asked about in it. */
export function chatFiles({ files }: StoredChatDocument): FileReference[] {
  return Array.isArray(files) ? files.filter((file): file is FileReference => isJsonObject(file)) : [];
}

/** Each file once, as it stands last. */
function distinct(files: readonly FileReference[]): FileReference[] {
  const isLast = ({ id }: FileReference, index: number) =>
    id === undefined || files.findLastIndex((other) => other.id === id) === index;
  return files.filter(isLast);
}

function fileReference(file: RemoteFile, url: string): FileReference {
  const meta = isJsonObject(file.meta) ? file.meta : {};
  const { content_type, collection_name } = meta;
  return {
    type: "file",
    id: file.id,
    url,
    name: file.name,
    status: "processed",
    ...(file.size !== null && { size: file.size }),
    ...(content_type != null && { content_type }),
    ...(collection_name != null && { collection_name }),
  };
}
