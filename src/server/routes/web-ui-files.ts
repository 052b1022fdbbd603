import { readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono, Context as HonoContext, Next } from "hono";
import { accepts } from "hono/accepts";
import { getMimeType } from "hono/utils/mime";
import { LRUCache } from "lru-cache";

/** What is served of a web UI. */
export interface ServedUi {
  /** Absolute paths of files by the path under which each is served. */
  files: ReadonlyMap<string, string>;
  /** Below this path the names of files change with what is in them. */
  hashedPath: string;
  /** The Content-Security-Policy of its pages. */
  policy: string;
}

const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_EACH_TIME = "no-cache";

/** What belongs to the API: never answered by a page. */
const API_PATH = /^\/(?:api|ws|openai|ollama|cache|oauth|openapi\.json|health|ready|metrics)(?:\/|$)/;

/** A file that is not there is a 404, not a page that the browser cannot read as what it asked for. */
const namesFile = (path: string) => /\.[A-Za-z0-9]{1,8}$/.test(path);

const TEXT = /^(?:text\/|application\/(?:javascript|json|xml|wasm)|image\/svg)/;
/** Larger files are few, fetched once, and would crowd the others out. */
const LARGEST_COMPRESSED_BYTES = 8 * 1024 * 1024;
/** Smaller ones fit into one packet as they are. */
const SMALLEST_COMPRESSED_BYTES = 1024;
const MEMORY_BYTES = 32 * 1024 * 1024;

const compress = promisify(gzip);

interface FoundFile {
  path: string;
  size: number;
  mtime: Date;
  /** Weak: what is sent may be compressed. */
  tag: string;
}

/**
 * Serves a web UI where no route answers: its files by name, hashed ones for ever, and its page for every other path that
 * is not the API's, because its router lives in the browser. Only what was in its folders at the start can be named. What
 * the browser has already is a 304; text goes compressed, once made and kept in memory.
 */
export function serveWebUi(app: Hono, { files, hashedPath, policy }: ServedUi): void {
  const compressed = new LRUCache<string, Uint8Array<ArrayBuffer>, FoundFile>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: ({ byteLength }) => byteLength,
    fetchMethod: async (_key, _stale, { context }) =>
      new Uint8Array(await compress(await readFile(context.path))),
  });

  async function serve(http: HonoContext, next: Next, path: string, name: string) {
    const file = await lookAt(path);
    if (file === null) return next();
    const type = getMimeType(path) ?? "application/octet-stream";
    const headers = {
      etag: file.tag,
      "last-modified": file.mtime.toUTCString(),
      "cache-control": name.startsWith(hashedPath) ? FOR_EVER : ASK_EACH_TIME,
      vary: "Accept-Encoding",
      "content-security-policy": policy,
    };
    if (isKnown(http, file)) return http.body(null, 304, headers);
    if (http.req.header("range") === undefined && isCompressible(type, file) && takesGzip(http)) {
      const bytes = await compressed.fetch(`${path} ${file.tag}`, { context: file });
      const about = { ...headers, "content-type": type, "content-encoding": "gzip" };
      if (bytes) return http.body(bytes, 200, { ...about, "content-length": String(bytes.byteLength) });
    }
    for (const [header, value] of Object.entries(headers)) http.header(header, value);
    return serveStatic({ root: dirname(path), path: basename(path) })(http, next);
  }

  app.get("*", (http, next) => {
    if (API_PATH.test(http.req.path)) return next();
    const name = decoded(http.req.path);
    const named = files.get(name) ?? files.get(`${name.replace(/\/$/, "")}/index.html`);
    if (named !== undefined) return serve(http, next, named, name);
    const page = files.get("/index.html");
    return namesFile(name) || page === undefined ? next() : serve(http, next, page, "/index.html");
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A file as it is now; null where it has gone since the start. */
async function lookAt(path: string): Promise<FoundFile | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return null;
  const { size, mtime } = found;
  return { path, size, mtime, tag: `W/"${size.toString(36)}-${mtime.getTime().toString(36)}"` };
}

/** Whether the browser has the file as it is, by RFC 9110, 13.2.2. */
function isKnown(http: HonoContext, { tag, mtime }: FoundFile): boolean {
  const tags = http.req.header("if-none-match");
  if (tags !== undefined) return tags === "*" || tags.split(",").some((known) => known.trim() === tag);
  const since = Date.parse(http.req.header("if-modified-since") ?? "");
  return Math.floor(mtime.getTime() / 1000) * 1000 <= since;
}

function isCompressible(type: string, { size }: FoundFile): boolean {
  return TEXT.test(type) && size >= SMALLEST_COMPRESSED_BYTES && size <= LARGEST_COMPRESSED_BYTES;
}

function takesGzip(http: HonoContext): boolean {
  return accepts(http, { header: "Accept-Encoding", supports: ["gzip"], default: "" }) === "gzip";
}
