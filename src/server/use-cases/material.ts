import { createHash } from "node:crypto";
import * as z from "zod";
import type { FileReference } from "../../contract/chat.ts";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import type { RequestedContent, RequestedItem } from "../knowledge/retrieval/requested-item.ts";
import type { FileWithContent } from "../store/store.ts";
import { errorOf } from "./file-document.ts";
import { awaitProcessed } from "./keep-content.ts";
import { findReadableFile, findUsableKnowledge } from "./knowledge-access.ts";
import { statusOf } from "./knowledge-document.ts";

/** What `files` names, whether it can be used or not. */
interface NamedItem {
  item: FileReference;
  /** As the caller knows it, for messages. */
  name: string;
  files: FileWithContent[];
  /** A text that came with the request, instead of files. */
  inlineText?: string;
}

/** Unknown and foreign material is the caller's mistake, not a missing page. */
const REFUSED = 400;

/**
 * The material that a completion's `files` name, all of it ready to be searched. What a reference says of its own status is
 * not asked. Images travel inside the messages and are passed over.
 * @throws OffstageError `not_found` (as 400) for what is unknown or foreign; `bad_input` for what is still processing, failed,
 * empty or of a type that is not known
 */
export async function resolveMaterial(
  context: Context,
  tx: Queries,
  user: User,
  references: readonly FileReference[],
): Promise<RequestedItem[]> {
  const named = await nameItems(context, tx, user, references);
  return named.map(({ item, name, files, inlineText }) => {
    if (inlineText !== undefined) return { item, contents: [inlineContent(name, inlineText)] };
    assertReady(name, files);
    const ready = files.filter(({ status }) => status === "processed");
    return {
      item,
      contents: ready.map((file) => ({
        contentId: file.content_id,
        fileId: file.id,
        name: file.name,
        hash: file.hash,
      })),
    };
  });
}

/**
 * Waits until nothing of the material is processing any more, at most `waitMs`. What is unknown or foreign is left to
 * `resolveMaterial`, which tells it. @throws OffstageError like it
 */
export async function awaitMaterial(
  context: Context,
  user: User,
  references: readonly FileReference[],
  waitMs: number,
): Promise<void> {
  const signal = AbortSignal.timeout(waitMs);
  for (const { files } of await nameItems(context, context.store.read, user, references)) {
    for (const { status, content_id } of files)
      if (status === "processing") await awaitProcessed(context, content_id, signal);
  }
}

/** The first of the references that is unknown or foreign to the user; null where all may be used, ready or not. */
export async function findForeign(
  context: Context,
  tx: Queries,
  user: User,
  references: readonly FileReference[],
): Promise<FileReference | null> {
  for (const reference of references) {
    try {
      await nameItems(context, tx, user, [reference]);
    } catch (thrown) {
      if (thrown instanceof OffstageError && thrown.httpStatus === REFUSED) return reference;
      throw thrown;
    }
  }
  return null;
}

async function nameItems(
  context: Context,
  tx: Queries,
  user: User,
  references: readonly FileReference[],
): Promise<NamedItem[]> {
  const named: NamedItem[] = [];
  for (const item of references) {
    if (item.type !== "image") named.push(await nameItem(context, tx, user, item));
  }
  return named;
}

async function nameItem(
  { store }: Context,
  tx: Queries,
  user: User,
  item: FileReference,
): Promise<NamedItem> {
  if (item.type === "text" || item.docs !== undefined)
    return { item, name: item.name ?? "text", files: [], inlineText: textOf(item) };
  if (item.id === undefined)
    throw new OffstageError("bad_input", `An item of \`files\` has no id: ${JSON.stringify(item)}.`);
  switch (item.type) {
    case "collection": {
      const knowledge = await findUsableKnowledge(store, tx, user, item.id, "read", REFUSED);
      const files = await store.knowledge.listFilesOfKnowledge(tx, knowledge.id);
      return { item, name: `collection "${knowledge.name}"`, files };
    }
    case undefined:
    case "doc":
    case "file": {
      const file = await findReadableFile(store, tx, user, item.id, REFUSED);
      return { item, name: `file "${file.name}"`, files: [file] };
    }
    default:
      throw new OffstageError(
        "bad_input",
        `An item of \`files\` has the type "${item.type}"; those that can be used are "file", "collection" and "text".`,
      );
  }
}

/** The text of an item that brings it along, in any of the places where clients put it. @throws OffstageError `bad_input` */
function textOf(item: FileReference): string {
  const { content, docs, file } = InlineItem.parse(item);
  const text = content ?? docs?.map((doc) => doc.content).join("\n\n") ?? file?.data?.content ?? "";
  if (text.trim() !== "") return text;
  throw new OffstageError("bad_input", `The text "${item.name ?? ""}" of \`files\` is empty.`);
}

const Text = z.string().optional().catch(undefined);
const InlineItem = z.looseObject({
  content: Text,
  docs: z
    .array(z.looseObject({ content: z.string() }))
    .optional()
    .catch(undefined),
  file: z
    .looseObject({ data: z.looseObject({ content: Text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

function inlineContent(name: string, text: string): RequestedContent {
  const hash = createHash("sha256").update(text).digest("hex");
  return { contentId: `inline:${hash}`, fileId: hash, name, hash, inlineText: text };
}

/** @throws OffstageError `bad_input` that says which file is not ready, and what to do */
function assertReady(name: string, files: readonly FileWithContent[]): void {
  if (files.length === 0)
    throw new OffstageError("bad_input", `The ${name} is empty: put a file in, then ask again.`);
  const waiting = files.filter(({ status }) => status === "processing");
  if (waiting.length > 0) {
    throw new OffstageError(
      "bad_input",
      `The ${name} is still processing (${namesOf(waiting)}). Wait and ask again, or send "wait_for_files": true.`,
      { details: { fileIds: waiting.map(({ id }) => id) } },
    );
  }
  if (statusOf(files) !== "error") return;
  const [failed] = files;
  throw new OffstageError(
    "bad_input",
    `The ${name} cannot be used: ${(failed && errorOf(failed)) ?? "it could not be read"}`,
  );
}

/** The names of files, of many only the first. */
function namesOf(files: readonly FileWithContent[]): string {
  const names = files.slice(0, 3).map(({ name }) => name);
  return files.length > names.length
    ? `${names.join(", ")} and ${files.length - names.length} more`
    : names.join(", ");
}
