import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono, Context as HonoContext } from "hono";
import type { WebUi } from "../web-ui.ts";

/** The names of these files change with what is in them. */
const HASHED = "/_app/immutable/";
const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_EACH_TIME = "no-cache";

/** What belongs to the API: never answered by a page. */
const API_PATH = /^\/(?:api|ws|openai|ollama|cache|oauth|openapi\.json|health)(?:\/|$)/;

/** A file that is not there is a 404, not a page that the browser cannot read as what it asked for. */
const namesFile = (path: string) => /\.[A-Za-z0-9]{1,8}$/.test(path);

/**
 * Serves a web UI where no route answers: its files by name, hashed ones for ever, and its page for every other path that
 * is not the API's, because its router lives in the browser. Nothing outside its folders can be named.
 */
export function serveWebUi(app: Hono, { folder, staticFolder }: WebUi): void {
  const cached = (path: string, http: HonoContext) =>
    http.header("cache-control", path.includes(HASHED) ? FOR_EVER : ASK_EACH_TIME);
  const files = serveStatic({ root: folder, onFound: cached });
  const otherFiles =
    staticFolder &&
    serveStatic({
      root: staticFolder,
      rewriteRequestPath: (path) => path.slice("/static".length),
      onFound: cached,
    });
  const page = serveStatic({ root: folder, path: "index.html", onFound: cached });
  app.get("*", (http, next) => (API_PATH.test(http.req.path) ? next() : files(http, next)));
  if (otherFiles) app.get("/static/*", otherFiles);
  app.get("*", (http, next) =>
    API_PATH.test(http.req.path) || namesFile(http.req.path) ? next() : page(http, next),
  );
}
