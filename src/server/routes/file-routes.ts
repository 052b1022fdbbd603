import { Readable } from "node:stream";
import * as z from "zod";
import { FileProgress, FileRecord } from "../../contract/file.ts";
import { STREAM_HEADERS } from "../answers/caller-stream.ts";
import * as files from "../use-cases/files.ts";
import { uploadFile } from "../use-cases/upload-file.ts";
import { readUpload } from "./request-upload.ts";
import { defineRoute, json, type Route, type RouteRequest } from "./route.ts";

/** How long an upload's answer waits for its processing: small files are ready in it, as on servers that process at once. */
const UPLOAD_WAIT_MS = 10_000;

const Flag = z.stringbool().optional();
const UploadQuery = z.looseObject({ process: Flag, process_in_background: Flag });
const TextForm = z.looseObject({ content: z.string().min(1) });

/** Types that a browser shows without running anything in them. */
const SHOWN_TYPES = /^(?:text\/plain|application\/pdf|image\/(?:png|jpeg|gif|webp))\b/;

async function sendFile({
  context,
  identity,
  params,
  query,
}: RouteRequest<undefined, { attachment?: boolean | undefined }>) {
  const { file, bytes } = await files.openFile(context, identity.user, params.id!);
  const isShown = SHOWN_TYPES.test(file.content_type ?? "") && query.attachment !== true;
  return new Response(Readable.toWeb(bytes) as ReadableStream, {
    headers: {
      "content-type": isShown ? file.content_type! : "application/octet-stream",
      "content-length": String(file.size_bytes),
      "content-disposition": `${isShown ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox; default-src 'none'",
    },
  });
}

const contentRoute = (path: string) =>
  defineRoute({
    method: "GET",
    path,
    summary: "A file's bytes, as they were sent.",
    tag: "files",
    access: "user",
    query: z.looseObject({ attachment: Flag }),
    handle: sendFile,
  });

/** Server-sent events of a list that ends. */
function eventStream(values: AsyncIterable<unknown>, stop: () => void): Response {
  const iterator = values[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
      } catch (thrown) {
        controller.error(thrown);
      }
    },
    cancel: stop,
  });
  return new Response(stream, { headers: STREAM_HEADERS });
}

export const fileRoutes: Route[] = [
  defineRoute({
    method: "POST",
    path: "/api/v1/files/",
    summary:
      "Keeps a file (multipart field `file`) and has it processed; waits at most 10 s for that, or not at all with `process_in_background=true`.",
    tag: "files",
    access: "user",
    query: UploadQuery,
    answer: FileRecord,
    handle: ({ context, identity, query, http }) => {
      const waitMs = query.process_in_background === true || query.process === false ? 0 : UPLOAD_WAIT_MS;
      return readUpload(http, context.config.limits.maxFileBytes, async (upload) =>
        json(await uploadFile(context, identity.user, upload, waitMs)),
      );
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/",
    summary: "The user's files, in the order in which they came.",
    tag: "files",
    access: "user",
    answer: z.array(FileRecord),
    handle: async ({ context, identity }) => json(await files.listFiles(context, identity.user)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/search",
    summary: "The user's files whose name holds the text.",
    tag: "files",
    access: "user",
    query: z.looseObject({ filename: z.string().max(1_000) }),
    answer: z.array(FileRecord),
    handle: async ({ context, identity, query }) =>
      json(await files.searchFiles(context, identity.user, query.filename)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/user/search",
    summary: "The same from `skip` on, `limit` of them, as later versions' web UIs look through them.",
    tag: "files",
    access: "user",
    query: z.looseObject({
      filename: z.string().max(1_000).default("*"),
      skip: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
    answer: z.array(FileRecord),
    handle: async ({ context, identity, query: { filename, skip, limit } }) =>
      json((await files.searchFiles(context, identity.user, filename)).slice(skip, skip + limit)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/user/count",
    summary: "How many files the user has.",
    tag: "files",
    access: "user",
    answer: z.number().int(),
    handle: async ({ context, identity }) => json((await files.listFiles(context, identity.user)).length),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/files/all",
    summary: "Deletes all files of the user.",
    tag: "files",
    access: "user",
    handle: async ({ context, identity }) => {
      await files.deleteAllFiles(context, identity.user);
      return json({ message: "All your files are deleted." });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/:id",
    summary: "A file, with its text once it is read.",
    tag: "files",
    access: "user",
    answer: FileRecord,
    handle: async ({ context, identity, params }) =>
      json(await files.readFile(context, identity.user, params.id!)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/:id/process/status",
    summary:
      "How far a file's processing is; with `stream=true` each change until its end, as server-sent events.",
    tag: "files",
    access: "user",
    query: z.looseObject({ stream: Flag }),
    answer: FileProgress,
    handle: async ({ context, identity, params, query, http }) => {
      if (query.stream !== true) return json(await files.readProgress(context, identity.user, params.id!));
      const gone = new AbortController();
      const signal = AbortSignal.any([gone.signal, http.req.raw.signal]);
      const states = await files.watchProgress(context, identity.user, params.id!, signal);
      return eventStream(states, () => gone.abort());
    },
  }),
  contentRoute("/api/v1/files/:id/content"),
  contentRoute("/api/v1/files/:id/content/:name"),
  defineRoute({
    method: "GET",
    path: "/api/v1/files/:id/data/content",
    summary: "A file's text; empty until it is read.",
    tag: "files",
    access: "user",
    answer: z.object({ content: z.string() }),
    handle: async ({ context, identity, params }) => {
      const { data } = await files.readFile(context, identity.user, params.id!);
      return json({ content: data?.content ?? "" });
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/files/:id/data/content/update",
    summary: "Replaces what a file holds by a text, which is processed anew.",
    tag: "files",
    access: "user",
    body: TextForm,
    answer: FileRecord,
    handle: async ({ context, identity, params, body }) =>
      json(await files.replaceText(context, identity.user, params.id!, body.content)),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/files/:id",
    summary: "Deletes a file, from all collections too.",
    tag: "files",
    access: "user",
    handle: async ({ context, identity, params }) => {
      await files.deleteFile(context, identity.user, params.id!);
      return json({ message: "The file is deleted." });
    },
  }),
];
