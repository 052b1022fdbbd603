import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTES } from "../../src/server/app.ts";
import { account, openStage, type Stage } from "../support/server.ts";

let folder: string;
let stage: Stage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-pages-"));
  await mkdir(join(folder, "_app/immutable"), { recursive: true });
  await writeFile(join(folder, "index.html"), "<html>the page</html>");
  await writeFile(join(folder, "_app/immutable/chunk.js"), "export {}");
  stage = await openStage({ server: { frontend: folder, frontendVersion: "0.6.15" } });
});
afterAll(async () => {
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

const NO_PAGE = "default-src 'none'";
const OWN_POLICIES = /^(default-src 'none'|sandbox; default-src 'none')/;

test.each(ROUTES.map(({ method, path }) => ({ method, path })))(
  "$method $path answers with headers that keep browsers from misreading or framing it",
  async ({ method, path }) => {
    const body = method === "POST" ? { body: {} } : {};
    const response = await stage.owner.call(method, path.replaceAll(/:\w+/g, "none"), body);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toMatch(OWN_POLICIES);
    expect(response.headers.get("referrer-policy")).toBe("same-origin");
  },
);

test.each(["/api/nothing", "/openapi.json"])("%s has them too", async (path) => {
  const { headers } = await stage.owner.get(path);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain(NO_PAGE);
});

test.each(["/", "/c/some-chat", "/_app/immutable/chunk.js"])(
  "a page of the web UI may run its scripts, but not in a strange frame: %s",
  async (path) => {
    const { status, headers } = await stage.owner.get(path);
    expect(status).toBe(200);
    const policy = headers.get("content-security-policy");
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).not.toMatch(/script-src|default-src/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  },
);

test("no answer names the server's software or allows other sites to read it", async () => {
  const origin = { headers: { origin: "https://elsewhere.example" } };
  for (const path of ["/", "/health", "/api/config", "/api/v1/chats/", "/openapi.json"]) {
    const { headers } = await stage.owner.call("GET", path, origin);
    expect([...headers.keys()].filter((name) => /^(server|x-powered-by|access-control-)/.test(name))).toEqual(
      [],
    );
  }
});

test("the cookie of a session is out of reach of scripts and of other sites' requests", async () => {
  const { email, password } = account("owner");
  const reply = await stage.owner.post("/api/v1/auths/signin", { email, password });
  const cookie = reply.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^token=/);
  expect(cookie).toMatch(/; HttpOnly/i);
  expect(cookie).toMatch(/; SameSite=(Lax|Strict)/i);
});
