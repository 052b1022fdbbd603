import { randomBytes } from "node:crypto";
import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import { Hono, type Context as HonoContext } from "hono";
import { asOffstageError, OffstageError } from "../errors.ts";
import type { Identity } from "./auth/authenticate.ts";
import { assertOwnPage, remoteAddress, requestCredential } from "./auth/credential.ts";
import { originOf } from "./auth/origin.ts";
import type { Context } from "./context.ts";
import { OWN_PAGE_POLICY, PAGE_POLICY } from "./guard/protect-server.ts";
import type { RequestWindow } from "./guard/quotas.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { absentRoutes } from "./routes/absent-routes.ts";
import { adminConfigRoutes } from "./routes/admin-config-routes.ts";
import { apiKeyRoutes } from "./routes/api-key-routes.ts";
import { authRoutes } from "./routes/auth-routes.ts";
import { chatCopyRoutes } from "./routes/chat-copy-routes.ts";
import { chatOrganisingRoutes } from "./routes/chat-organising-routes.ts";
import { chatRoutes } from "./routes/chat-routes.ts";
import { completionRoutes } from "./routes/completion-routes.ts";
import { errorResponse, invalid } from "./routes/error-response.ts";
import { exchangeRoutes } from "./routes/exchange-routes.ts";
import { fileRoutes } from "./routes/file-routes.ts";
import { folderRoutes } from "./routes/folder-routes.ts";
import { groupRoutes } from "./routes/group-routes.ts";
import { knowledgeRoutes } from "./routes/knowledge-routes.ts";
import { memoryRoutes } from "./routes/memory-routes.ts";
import { metricsRoutes } from "./routes/metrics-routes.ts";
import { modelRoutes } from "./routes/model-routes.ts";
import { offConfigRoutes } from "./routes/off-config-routes.ts";
import { openAiRoutes } from "./routes/openai-routes.ts";
import { promptRoutes } from "./routes/prompt-routes.ts";
import { promptVersionRoutes } from "./routes/prompt-version-routes.ts";
import { providerRoutes } from "./routes/provider-routes.ts";
import { quotaRoutes } from "./routes/quota-routes.ts";
import { readBody } from "./routes/request-body.ts";
import { json, type Route } from "./routes/route.ts";
import { systemRoutes } from "./routes/system-routes.ts";
import { taskCompletionRoutes } from "./routes/task-completion-routes.ts";
import { taskConfigRoutes } from "./routes/task-config-routes.ts";
import { taskRoutes } from "./routes/task-routes.ts";
import { userRoutes } from "./routes/user-routes.ts";
import { serveWebUi } from "./routes/web-ui-files.ts";
import { workspaceModelRoutes } from "./routes/workspace-model-routes.ts";
import { inSpan, type Tracing } from "./tracing/tracing.ts";

/** Every route of the server, on one page. */
export const ROUTES: readonly Route[] = [
  ...systemRoutes,
  ...metricsRoutes,
  ...quotaRoutes,
  ...authRoutes,
  ...groupRoutes,
  ...apiKeyRoutes,
  ...userRoutes,
  ...adminConfigRoutes,
  ...offConfigRoutes,
  ...modelRoutes,
  ...providerRoutes,
  ...workspaceModelRoutes,
  ...chatOrganisingRoutes,
  ...chatCopyRoutes,
  ...chatRoutes,
  ...exchangeRoutes,
  ...folderRoutes,
  ...completionRoutes,
  ...taskConfigRoutes,
  ...taskRoutes,
  ...taskCompletionRoutes,
  ...fileRoutes,
  ...knowledgeRoutes,
  ...memoryRoutes,
  ...promptRoutes,
  ...promptVersionRoutes,
  ...absentRoutes,
  ...openAiRoutes,
];

const REQUEST_ID = /^[\w.:-]{1,128}$/;

type RequestId = (http: HonoContext) => string;

/** Names requests: a prefix of this process and a number, or what the caller calls it. */
function requestIds(): RequestId {
  const prefix = randomBytes(6).toString("base64url");
  let count = 0;
  const made = () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
  return (http) => {
    const known: unknown = http.get("requestId");
    if (typeof known === "string") return known;
    const given = http.req.header("x-request-id");
    const id = given && REQUEST_ID.test(given) ? given : made();
    http.set("requestId", id);
    return id;
  };
}

function readQuery(http: HonoContext, route: Route): unknown {
  if (!route.query) return undefined;
  const parsed = route.query.safeParse(http.req.query());
  if (!parsed.success) throw invalid("query", parsed.error);
  return parsed.data;
}

/** What watches over the server asks often, and must not be refused. */
const PROBES: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);

/** Tells a caller how much is left to it, in the fields of the IETF's draft on rate limits (version 10). */
function show(http: HonoContext, window: RequestWindow | null): void {
  if (window === null) return;
  const { outgoing } = http.env as HttpBindings;
  const { holder, limit, remaining, resetSec } = window;
  outgoing.setHeader("ratelimit-policy", `"${holder}";q=${limit};w=60`);
  outgoing.setHeader("ratelimit", `"${holder}";r=${remaining};t=${resetSec}`);
}

async function identify(context: Context, route: Route, http: HonoContext): Promise<Identity | null> {
  if (route.access === "anyone") {
    assertOwnPage(http);
    if (!PROBES.has(route.path)) show(http, await context.quotas.takeAnonymous(remoteAddress(http)));
    return null;
  }
  const { authenticator } = context;
  const isAccount = route.access === "account";
  let identity: Identity;
  try {
    const credential = requestCredential(http);
    identity = await (isAccount ? authenticator.recognise(credential) : authenticator.identify(credential));
  } catch (refusal) {
    await context.quotas.takeAnonymous(remoteAddress(http));
    throw refusal;
  }
  if (isAccount) return identity;
  show(http, await context.quotas.takeRequest(identity));
  if (route.access === "admin" && identity.user.role !== "admin") {
    throw new OffstageError("forbidden", "Only an administrator may do this.");
  }
  return identity;
}

type Handle = (http: HonoContext) => Promise<Response>;

/** What stands in figures for all paths that are no routes. */
const NO_ROUTE = "other";

function timed({ method, path }: { method: string; path: string }, handle: Handle, metrics: Metrics): Handle {
  return async (http) => {
    const beganAtMs = performance.now();
    const response = await handle(http);
    metrics.requestEnded(method, path, response.status, performance.now() - beganAtMs);
    if (response.status === 429) metrics.refused();
    return response;
  };
}

function traced({ method, path }: Route, handle: Handle, tracing: Tracing, idOf: RequestId): Handle {
  return (http) => {
    const attributes = {
      "http.request.method": method,
      "http.route": path,
      "offstage.request.id": idOf(http),
    };
    const header = (name: string) => http.req.header(name);
    const start = { name: `${method} ${path}`, kind: "server", attributes, header } as const;
    return inSpan(tracing, start, async (span) => {
      const response = await handle(http);
      span.note({ "http.response.status_code": response.status });
      if (response.status >= 500) span.fail(String(response.status));
      return response;
    });
  };
}

/** What is served beside the table of routes: what describes it, and a web UI. */
function createRest({ webUi, ui }: Context): Hono {
  const rest = new Hono({ strict: true });
  let document: string | null = null;
  rest.get("/openapi.json", async () => {
    // Read by few, and its maker takes long to load.
    document ??= (await import("./routes/openapi.ts")).openApiDocument(ROUTES);
    return json(document);
  });
  if (webUi) serveWebUi(rest, { files: webUi.files, hashedPath: "/_app/immutable/", policy: PAGE_POLICY });
  else if (ui) serveWebUi(rest, { files: ui, hashedPath: "/assets/", policy: OWN_PAGE_POLICY });
  else
    rest.get("/", (http) =>
      http.text(
        "offstage is running. Its API is described at /openapi.json; sign up by POST /api/v1/auths/signup.\n",
      ),
    );
  return rest;
}

/** The HTTP side of the server: the table of routes, with what is common to all of them around it. */
export function createApp(
  context: Context,
  /** @throws OffstageError `forbidden` for a name that is not this server's */
  { assertHost }: { assertHost(header: string | undefined): void },
): { fetch(request: Request, env: HttpBindings | Http2Bindings): Response | Promise<Response> } {
  const app = new Hono({ strict: true });
  const requestId = requestIds();
  const { maxBodyBytes } = context.config.limits;

  function failed(thrown: unknown, http: HonoContext): Response {
    const error = asOffstageError(thrown);
    const id = requestId(http);
    const about = { requestId: id, method: http.req.method, path: http.req.path, status: error.httpStatus };
    if (error.httpStatus >= 500) context.log.error({ ...about, err: thrown }, error.message);
    else context.log.info({ ...about, code: error.code }, error.message);
    return errorResponse(error, id);
  }

  for (const route of ROUTES) {
    const handle = async (http: HonoContext): Promise<Response> => {
      const receivedAtMs = context.clock.nowMs();
      try {
        const identity = await identify(context, route, http);
        const query = readQuery(http, route);
        const body = route.body && (await readBody(http, route.body, maxBodyBytes));
        const params = http.req.param() as Record<string, string>;
        const sender = () => ({
          origin: originOf(identity!, (name) => http.req.header(name)),
          requestId: requestId(http),
          receivedAtMs,
          path: http.req.path,
        });
        const response = await route.handle({
          context,
          identity: identity!,
          sender,
          params,
          query,
          body,
          http,
        });
        // Only where somebody asked who sends. Beside the response: to change its headers costs.
        if (http.get("requestId"))
          (http.env as HttpBindings).outgoing.setHeader("x-request-id", requestId(http));
        return response;
      } catch (thrown) {
        return failed(thrown, http);
      }
    };
    const { metrics, tracing } = context;
    const counted = metrics ? timed(route, handle, metrics) : handle;
    app.on(route.method, route.path, tracing.isOn ? traced(route, counted, tracing, requestId) : counted);
  }

  const rest = createRest(context);
  rest.notFound((http) =>
    failed(new OffstageError("not_found", `There is nothing at ${http.req.method} ${http.req.path}.`), http),
  );
  rest.onError((error, http) => failed(error, http));
  app.notFound(async (http) => {
    const handle = async () => {
      try {
        show(http, await context.quotas.takeAnonymous(remoteAddress(http)));
        return await rest.fetch(http.req.raw, http.env);
      } catch (thrown) {
        return failed(thrown, http);
      }
    };
    const asked = { method: http.req.method, path: NO_ROUTE };
    return context.metrics ? timed(asked, handle, context.metrics)(http) : handle();
  });
  app.onError((error, http) => failed(error, http));
  return {
    fetch(request, env) {
      try {
        assertHost(env.incoming.headers.host);
      } catch (thrown) {
        return errorResponse(thrown, "foreign-host");
      }
      return app.fetch(request, env);
    },
  };
}
