import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { offstage } from "./run-offstage.ts";

const TLS = new URL("../fixtures/tls/", import.meta.url);
const CERTIFICATE = fileURLToPath(new URL("certificate.pem", TLS));
const TOKEN = "secret-token";
/** A JWT of 1970. */
const EXPIRED_TOKEN = `e30.${Buffer.from('{"exp":60}').toString("base64url")}.signature`;

interface Reply {
  status?: number;
  body: unknown;
}

/** What a request is answered with: a text is a page, anything else JSON. */
type Answers = (call: string, posted: string) => Reply | undefined;

const detail = (status: number, sentence: string): Reply => ({ status, body: { detail: sentence } });

/** A server on 127.0.0.1 until the test has finished. */
async function serve(answers: Answers, secure = false): Promise<string> {
  const listener: RequestListener = async (request, response) => {
    const posted = await text(request);
    const call = `${request.method} ${request.url}`;
    const { status = 200, body } = answers(call, posted) ?? detail(404, "Not Found");
    const isPage = typeof body === "string";
    response.writeHead(status, { "content-type": isPage ? "text/html" : "application/json" });
    response.end(isPage ? body : JSON.stringify(body));
  };
  const credentials = () => ({
    key: readFileSync(new URL("key.pem", TLS)),
    cert: readFileSync(CERTIFICATE),
  });
  const server = secure ? createTlsServer(credentials(), listener) : createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `${secure ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An Open WebUI of that version that a caller without a good token, or without a model, meets. */
const openWebUi =
  (version: string, others: Answers = () => undefined): Answers =>
  (call, posted) => {
    if (call === "GET /api/version") return { body: { version } };
    return others(call, posted) ?? detail(401, "Your session has expired or the token is invalid.");
  };

/** Nobody listens there: the port was just given back. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

const CASES: {
  name: string;
  url: () => Promise<string>;
  code: string;
  exit: number;
  says: RegExp;
  token?: string;
}[] = [
  {
    name: "nobody listens there",
    url: closedPort,
    code: "unreachable",
    exit: 5,
    says: /ECONNREFUSED.* Nobody listens there\. Check the port/,
  },
  {
    name: "there is no such host",
    url: async () => "http://open-webui.invalid",
    code: "unreachable",
    exit: 5,
    says: /No such host is known\. Check the name/,
  },
  {
    name: "another API answers",
    url: () => serve(() => ({ status: 404, body: { error: "no such route" } })),
    code: "not_open_webui",
    exit: 5,
    says: /answered 404 .* Check that the base URL is that of an Open WebUI/,
  },
  {
    name: "a page answers",
    url: () => serve(() => ({ body: "<!doctype html>" })),
    code: "not_open_webui",
    exit: 5,
    says: /answered 200 with text\/html.* Check that the base URL/,
  },
  {
    name: "a program answers that has a version, too",
    url: () =>
      serve((call) =>
        call === "GET /api/version"
          ? { body: { version: "0.20.1" } }
          : { status: 404, body: "404 page not found" },
      ),
    code: "not_open_webui",
    exit: 5,
    says: /has none of Open WebUI's calls/,
  },
  {
    name: "a proxy has no server behind it",
    url: () => serve(() => ({ status: 502, body: "<html>Bad Gateway</html>" })),
    code: "server_failed",
    exit: 5,
    says: /answered 502\. That is a proxy .* Check that Open WebUI runs/,
  },
  {
    name: "nobody has signed the certificate",
    url: () => serve(openWebUi("0.12.4"), true),
    code: "tls_failed",
    exit: 5,
    says: /NODE_EXTRA_CA_CERTS/,
  },
  {
    name: "no TLS is spoken there",
    url: async () => (await serve(openWebUi("0.12.4"))).replace("http:", "https:"),
    code: "tls_failed",
    exit: 5,
    says: /does not speak TLS at this port.* use http:/,
  },
  {
    name: "the token is not one of that server",
    url: () => serve(openWebUi("0.12.4", () => detail(401, "401 Unauthorized"))),
    code: "unauthorized",
    exit: 3,
    says: /401 Unauthorized\. Check the token or API key/,
  },
  {
    name: "the token has expired",
    url: () => serve(openWebUi("0.12.4", () => detail(401, "401 Unauthorized"))),
    token: EXPIRED_TOKEN,
    code: "unauthorized",
    exit: 3,
    says: /sign in again\. It expired at 1970-01-01T00:01:00.000Z/,
  },
  {
    name: "the version is too old",
    url: () => serve(openWebUi("0.6.14")),
    code: "unsupported_version",
    exit: 5,
    says: /Open WebUI 0\.6\.14, and offstage works from 0\.6\.15 on\. Upgrade that server/,
  },
];

test.each(CASES)(
  "where $name, both commands say so, and what to do",
  async ({ url, code, exit, says, token = TOKEN }) => {
    const where = ["--json", "--url", await url(), "--token", token];
    const commands = [["ask", "--model", "gpt-4o", "Hi"], ["doctor"]];
    for (const run of await Promise.all(commands.map((command) => offstage([...command, ...where])))) {
      expect(run.code, run.stderr).toBe(exit);
      expect(JSON.parse(run.stdout)).toMatchObject({
        status: "failed",
        error: { code, message: expect.stringMatching(says) },
      });
      expect(run.stderr).toMatch(says);
      expect(run.stdout + run.stderr).not.toContain(token);
    }
  },
);

test("a proxy's failure is told only after it was tried again", async () => {
  let tries = 0;
  const url = await serve(() => {
    tries++;
    return { status: 502, body: "<html>" };
  });
  await offstage(["doctor", "--url", url]);
  expect(tries).toBe(5);
});

test("a certificate that NODE_EXTRA_CA_CERTS names is trusted", async () => {
  const url = await serve(openWebUi("0.12.4"), true);
  const run = await offstage(["doctor", "--url", url], { NODE_EXTRA_CA_CERTS: CERTIFICATE });
  expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining("expired") });
});

test("a model that the user may not see is told, and who can change that", async () => {
  let record: object | undefined;
  const url = await serve(
    openWebUi("0.12.4", (call, posted) => {
      if (call.startsWith("GET /api/tasks/")) return { body: { task_ids: [] } };
      if (call.startsWith("POST /api/tasks/")) return { body: { status: true } };
      if (call === "POST /api/chat/completions") return detail(400, "Model not found");
      if (call.startsWith("DELETE ")) return detail(404, "nothing there");
      if (call === "POST /api/v1/chats/new") {
        record = { id: "c", title: "New Chat", ...JSON.parse(posted), created_at: 0, updated_at: 0 };
      }
      return { body: record };
    }),
  );
  const run = await offstage(["ask", "--model", "hidden", "Hi", "--url", url, "--token", TOKEN]);
  expect(run.code, run.stderr).toBe(6);
  expect(run.stderr).toMatch(/Model not found\..* ask an administrator/);
});

test.each([
  ["admin", /Give it a provider/],
  ["user", /Ask an administrator for access/],
])("a server that lists no model for its %s says who can change that", async (role, says) => {
  const session = { id: "u", email: "u@example.org", name: "u", role };
  const url = await serve(
    openWebUi("0.12.4", (call) => {
      if (call === "GET /api/models") return { body: { data: [] } };
      return call === "GET /api/v1/auths/" ? { body: session } : undefined;
    }),
  );
  const run = await offstage(["ask", "Hi", "--url", url, "--token", TOKEN]);
  expect(run.code, run.stderr).toBe(6);
  expect(run.stderr).toMatch(says);
});
