import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import type { Context as HonoContext } from "hono";
import { OffstageError } from "../../errors.ts";
import { fileTooLarge } from "../knowledge/blob-folder.ts";

/** The file of a multipart request, while it comes in. */
export interface RequestUpload {
  name: string;
  contentType: string | null;
  bytes: Readable;
  /** Resolves once the bytes are read and the form has ended, for web UIs send the field behind the file. */
  metadata: Promise<Record<string, unknown>>;
}

const MAX_METADATA_BYTES = 64 * 1024;
/** What a form may take beside its file. */
const FORM_BYTES = 1024 * 1024;

/**
 * Hands the field `file` of a `multipart/form-data` request to `take` as it streams in, with what a field `metadata` (a
 * JSON object) says before or behind it. Resolves with what `take` made of it, once the whole request was read.
 * @throws OffstageError `bad_input` where there is no such form or file; `too_large` where its head says so already;
 * whatever `take` throws
 */
export async function readUpload<Result>(
  http: HonoContext,
  maxBytes: number,
  take: (upload: RequestUpload) => Promise<Result>,
): Promise<Result> {
  const { incoming } = http.env as { incoming: IncomingMessage };
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes + FORM_BYTES) throw fileTooLarge(maxBytes);
  const form = openForm(incoming);
  let said: Record<string, unknown> = {};
  const metadata = Promise.withResolvers<Record<string, unknown>>();
  // Whoever takes the file may have failed before.
  metadata.promise.catch(() => {});
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  let taking: Promise<Result> | null = null;
  let failed = false;
  /** Ends the form. What was taken is given back first, and whoever took it may know better why. */
  const fail = (error: unknown) => {
    failed = true;
    metadata.reject(error);
    incoming.unpipe(form);
    incoming.resume();
    form.destroy();
    Promise.allSettled([taking]).then(([taken]) => {
      const known = taken.status === "rejected" && taken.reason instanceof OffstageError;
      reject(known ? taken.reason : error);
    });
  };
  const breakOff = (cause: unknown) => {
    fail(new OffstageError("bad_input", "The form did not come whole, or is none.", { cause }));
  };
  form.on("field", (name, value, { valueTruncated }) => {
    if (name !== "metadata") return;
    try {
      said = parseMetadata(value, valueTruncated);
    } catch (error) {
      fail(error);
    }
  });
  form.on("file", (field, bytes, { filename, mimeType }) => {
    // A form that is given up tells its files so; whoever takes them hears it too.
    bytes.on("error", breakOff);
    if (field !== "file" || taking || failed) {
      bytes.resume();
      return;
    }
    const facts = { name: filename ?? "", contentType: mimeType || null };
    taking = take({ ...facts, bytes, metadata: metadata.promise });
    taking.then(resolve, fail);
  });
  form.on("error", breakOff);
  form.on("close", () => {
    if (!failed) metadata.resolve(said);
    if (!taking && !failed)
      fail(new OffstageError("bad_input", 'The form has no file: send one as the field "file".'));
  });
  incoming.once("aborted", () => form.destroy(new Error("The request was broken off.")));
  incoming.pipe(form);
  return promise;
}

function openForm(incoming: IncomingMessage): busboy.Busboy {
  try {
    return busboy({
      headers: incoming.headers,
      defParamCharset: "utf8",
      limits: { fieldSize: MAX_METADATA_BYTES, files: 1, fields: 16 },
    });
  } catch (cause) {
    throw new OffstageError("bad_input", 'Send the file as multipart/form-data, in the field "file".', {
      cause,
    });
  }
}

function parseMetadata(text: string, isTruncated: boolean): Record<string, unknown> {
  if (isTruncated) {
    const limit = `${MAX_METADATA_BYTES / 1024} KiB`;
    throw new OffstageError(
      "too_large",
      `The field "metadata" is larger than ${limit}, the most that is taken.`,
    );
  }
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below, with what is no JSON at all.
  }
  throw new OffstageError("bad_input", 'The field "metadata" is no JSON object.');
}
