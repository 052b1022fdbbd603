import * as z from "zod";
import { contentText } from "../../contract/message.ts";
import { OffstageError } from "../../errors.ts";

type Body = Record<string, unknown>;

const Text = z.looseObject({ content: z.string() });
const Entry = z.looseObject({});
const Files = z.looseObject({ files: z.array(Entry) });

const appended = (list: unknown, ...entries: unknown[]) => [...(Array.isArray(list) ? list : []), ...entries];

/** How one kind of posted event is kept in its message. */
function kind<Data>(data: z.ZodType<Data>, changesText: boolean, keep: (body: Body, data: Data) => Body) {
  return { data, changesText, keep: keep as (body: Body, data: unknown) => Body };
}

/** The events that are kept, with what each keeps. Every other type is only passed on. */
const KINDS = new Map(
  Object.entries({
    status: kind(Entry, false, (body, data) => ({
      ...body,
      statusHistory: appended(body.statusHistory, data),
    })),
    message: kind(Text, true, (body, { content }) => ({
      ...body,
      content: contentText(body.content) + content,
    })),
    replace: kind(Text, true, (body, { content }) => ({ ...body, content })),
    files: kind(Files, false, (body, { files }) => ({ ...body, files: appended(body.files, ...files) })),
    source: kind(Entry, false, (body, data) => ({ ...body, sources: appended(body.sources, data) })),
    citation: kind(Entry, false, (body, data) => ({ ...body, sources: appended(body.sources, data) })),
  }),
);

/**
 * What a posted event changes in its message; null for one that is only passed on.
 * @throws OffstageError `invalid_body` where the event's data has not the shape of its type
 */
export function keptEvent(event: { type: string; data?: unknown }): {
  changesText: boolean;
  keep: (body: Body) => Body;
} | null {
  const found = KINDS.get(event.type);
  if (!found) return null;
  const { success, data, error } = (found.data as z.ZodType).safeParse(event.data);
  if (!success) {
    const issue = error.issues[0];
    const place = ["data", ...(issue?.path ?? [])].join(".");
    throw new OffstageError(
      "invalid_body",
      `An event "${event.type}" needs another ${place}: ${issue?.message}.`,
    );
  }
  return { changesText: found.changesText, keep: (body) => found.keep(body, data) };
}
