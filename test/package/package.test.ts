import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "offstage-package-"));
const installed = join(folder, "node_modules/offstage");

beforeAll(() => {
  npm("pack", root, "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  npm("install", `./${tarball}`, "--omit=dev", "--omit=peer", "--prefer-offline", "--no-audit", "--no-fund");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npm(...args: string[]): void {
  execFileSync("npm", [...args, "--loglevel=error"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/** Runs a module in the folder where the package is installed, as its user would; gives what it printed as JSON. */
function run(source: string): unknown {
  writeFileSync(join(folder, "program.js"), source);
  const printed = execFileSync(process.execPath, ["program.js"], { cwd: folder, encoding: "utf8" });
  return JSON.parse(printed.trim().split("\n").at(-1)!);
}

test("the tarball holds the build, the launcher and the documents, and no sources", () => {
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  const top = new Set(files.map((file) => file.split("/")[0]!));
  expect([...top].filter((name) => !/^(bin|dist|docs|package\.json|[A-Z-]+(\.md)?)$/.test(name))).toEqual([]);
  expect(files.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
});

test("the SDK can be imported and loads no native module and no server code", () => {
  const loaded = run(`
    import { readFileSync } from "node:fs";
    import { registerHooks } from "node:module";
    import { fileURLToPath } from "node:url";
    const files = [];
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
    const { createOffstage, OffstageError } = await import("offstage");
    const paths = files.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
    const parts = paths.flatMap((path) =>
      path.includes("/offstage/dist/") ? readFileSync(path, "utf8").match(/^\\/\\/ src\\/.*/gm) ?? [] : []);
    console.log(JSON.stringify({
      exports: [typeof createOffstage, typeof OffstageError],
      parts,
      packages: [...new Set(paths.map((path) => path.match(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/)?.[1]))],
      builtins: process.moduleLoadList.map((entry) => entry.split(" ").at(-1)),
      native: paths.filter((path) => path.endsWith(".node")),
    }));
  `) as Record<"exports" | "parts" | "packages" | "builtins" | "native", string[]>;
  expect(loaded.exports).toEqual(["function", "function"]);
  expect(loaded.parts.length).toBeGreaterThan(0);
  expect(loaded.parts.filter((part) => /src\/(server|db|cli)\//.test(part))).toEqual([]);
  const server = ["hono", "@hono/node-server", "socket.io", "kysely", "pino", "commander", "node-llama-cpp"];
  expect(loaded.packages.filter((name) => server.includes(name))).toEqual([]);
  expect(loaded.builtins).not.toContain("sqlite");
  expect(loaded.native).toEqual([]);
});

test("the server can be imported, starts without the optional peers, answers and closes", () => {
  const answer = run(`
    import { startServer } from "offstage/server";
    const server = await startServer({ dataDir: "data", port: 0, local: false, log: "silent" });
    const health = await fetch(server.url + "/health");
    const found = await fetch(server.url + "/api/v1/chats/search?text=paris", {
      headers: { authorization: "Bearer " + (await server.ownerToken()) },
    });
    await server.close();
    console.log(JSON.stringify({ health: health.status, search: found.status, chats: await found.json() }));
  `);
  expect(answer).toEqual({ health: 200, search: 200, chats: [] });
  expect(existsSync(join(folder, "node_modules/node-llama-cpp"))).toBe(false);
});

test("the conformance suite can be imported, and loads no server", () => {
  const answer = run(`
    const { testOpenWebUI } = await import("offstage/testing");
    const refused = await testOpenWebUI({ baseUrl: "http://127.0.0.1:9", token: "t", model: "m" }).catch((error) => error);
    console.log(JSON.stringify({ code: refused.code, sqlite: process.moduleLoadList.some((name) => name.endsWith(" sqlite")) }));
  `);
  expect(answer).toEqual({ code: "unreachable", sqlite: false });
});

test("nothing but the named entries can be imported", () => {
  const codes = run(`
    const code = (name) => import(name).then(() => "loaded", (error) => error.code);
    const names = ["offstage/dist/index.js", "offstage/errors", "offstage/server/index.js", "offstage/bin/offstage.js"];
    console.log(JSON.stringify(await Promise.all(names.map(code))));
  `) as string[];
  expect(new Set(codes)).toEqual(new Set(["ERR_PACKAGE_PATH_NOT_EXPORTED"]));
});

test("the declarations resolve and are typed", () => {
  const program = [
    'import { createOffstage, OffstageError, type ErrorCode } from "offstage";',
    'import { startServer } from "offstage/server";',
    "export const code: ErrorCode = new OffstageError('not_found', 'no such chat').code;",
    "export const url: Promise<string> = startServer({ dataDir: 'data' }).then((server) => server.url);",
    "// @ts-expect-error: a data folder is a path",
    "startServer({ dataDir: 1 });",
    "// @ts-expect-error: the server to ask has to be named",
    "createOffstage(1);",
  ];
  writeFileSync(join(folder, "program.ts"), program.join("\n"));
  const flags = "--noEmit --strict --target es2024 --module nodenext --types node --typeRoots".split(" ");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const typeRoots = join(root, "node_modules/@types");
  const result = (() => {
    try {
      return execFileSync(process.execPath, [tsc, ...flags, typeRoots, "program.ts"], {
        cwd: folder,
        encoding: "utf8",
      });
    } catch (failure) {
      return (failure as { stdout: string }).stdout;
    }
  })();
  expect(result.split("\n").filter((line) => /^program\.ts|node_modules\/offstage\//.test(line))).toEqual([]);
});

test("the command serves with limits and figures, whose packages it holds", async () => {
  const server = spawn(
    process.execPath,
    [join(folder, "node_modules/.bin/offstage"), "serve", "--port", "0", "--data-dir", "served"],
    {
      cwd: folder,
      env: {
        ...process.env,
        OPENAI_API_BASE_URLS: "http://127.0.0.1:9/v1",
        OFFSTAGE_LOG: "silent",
        OFFSTAGE_ADDRESS_REQUESTS_PER_MINUTE: "5",
        OFFSTAGE_METRICS: "loopback",
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
    const url = line.match(/http:\S+/)![0];
    const config = await fetch(`${url}/api/config`);
    expect([config.status, config.headers.get("ratelimit")]).toEqual([200, '"address";r=4;t=60']);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("offstage_http_request_seconds");
  } finally {
    server.kill();
    await once(server, "exit");
  }
});

test("the command runs from where npm put it", () => {
  const offstage = (...args: string[]) =>
    execFileSync(process.execPath, [join(folder, "node_modules/.bin/offstage"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  expect(offstage("--help")).toMatch(/serve[\s\S]*ask[\s\S]*chats/);
  expect(offstage("--version").trim()).toMatch(/^\d+\.\d+\.\d+/);
});
