import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const everySource = globSync("src/**/*.ts", { cwd: root }).map((file) => file.replaceAll("\\", "/"));
const sources = everySource.filter((file) => !file.endsWith(".test.ts"));

const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g;

/** What a file imports, types included: paths from the root (`src/errors.ts`), or package names (`socket.io`, `node:fs`). */
function importsOf(file: string): string[] {
  return [...readFileSync(join(root, file), "utf8").matchAll(IMPORT)].map(([, specifier]) => {
    if (specifier!.startsWith(".")) return posix.join(dirname(file), specifier!);
    return specifier!
      .split("/")
      .slice(0, specifier!.startsWith("@") ? 2 : 1)
      .join("/");
  });
}

/** The chains of imports by which `entry` reaches files that `isForbidden`. */
function forbiddenChains(entry: string, isForbidden: (file: string) => boolean): string[] {
  const chains: string[] = [];
  const seen = new Set([entry]);
  const queue = [[entry]];
  for (let chain = queue.shift(); chain; chain = queue.shift()) {
    for (const imported of importsOf(chain.at(-1)!)) {
      if (seen.has(imported)) continue;
      seen.add(imported);
      const longer = [...chain, imported];
      if (isForbidden(imported)) chains.push(longer.join(" → "));
      else if (imported.startsWith("src/")) queue.push(longer);
    }
  }
  return chains;
}

const within =
  (...folders: string[]) =>
  (file: string) =>
    folders.some((folder) => file.startsWith(`src/${folder}/`));
const inStore = (file: string) => /^src\/(.*\/)?store\//.test(file) || within("db")(file);
const isCompositionRoot = (file: string) =>
  ["src/server/app.ts", "src/server/start-server.ts"].includes(file);

const BORDERS: { rule: string; who: (file: string) => boolean; mayNot: (imported: string) => boolean }[] = [
  {
    rule: "only stores and db/ know the query builder",
    who: (file) => !inStore(file),
    mayNot: (imported) => imported === "kysely",
  },
  {
    rule: "only db/ knows a database engine",
    who: (file) => !within("db")(file),
    mayNot: (imported) => ["node:sqlite", "pg"].includes(imported),
  },
  {
    rule: "only realtime/ and the client know socket.io",
    who: (file) => !within("server/realtime", "client")(file),
    mayNot: (imported) => /^socket\.io|^@socket\.io/.test(imported),
  },
  {
    rule: "only the composition root puts routes/ and realtime/ in their place",
    who: (file) => !isCompositionRoot(file) && !within("server/routes", "server/realtime")(file),
    mayNot: within("server/routes", "server/realtime"),
  },
  {
    rule: "routes/ and realtime/ do not know each other",
    who: within("server/routes"),
    mayNot: within("server/realtime"),
  },
  {
    rule: "the chat tree is pure",
    who: within("chat-tree"),
    mayNot: (imported) => !within("chat-tree", "contract")(imported) && imported !== "src/errors.ts",
  },
  {
    rule: "the contract does no I/O",
    who: within("contract"),
    mayNot: (imported) =>
      !within("contract", "chat-tree")(imported) &&
      !["src/errors.ts", "zod", "zod-openapi"].includes(imported),
  },
  {
    rule: "the flow, the doctor and the conformance suite work on any server and know none",
    who: within("flow", "client", "doctor", "testing"),
    mayNot: within("server", "db", "cli"),
  },
  {
    rule: "the server answers turns and does not drive them",
    who: within("server", "db"),
    mayNot: within("flow", "client", "cli"),
  },
  {
    rule: "db/ knows nothing above it",
    who: within("db"),
    mayNot: (imported) =>
      imported.startsWith("src/") && !within("db")(imported) && imported !== "src/errors.ts",
  },
];

describe("the borders between folders", () => {
  test.each(BORDERS)("$rule", ({ who, mayNot }) => {
    const broken = sources.filter(who).flatMap((file) =>
      importsOf(file)
        .filter(mayNot)
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(broken).toEqual([]);
  });

  test("importing the package reaches no server code, no database and no native module", () => {
    const native = [
      "node:sqlite",
      "kysely",
      "hono",
      "@hono/node-server",
      "socket.io",
      "node-llama-cpp",
      "onnxruntime-node",
      "pino",
    ];
    expect(
      forbiddenChains("src/index.ts", (file) => within("server", "db", "cli")(file) || native.includes(file)),
    ).toEqual([]);
  });
});

describe("the web UI", () => {
  const uiSources = globSync("ui/src/**/*.{ts,svelte}", { cwd: root }).map((file) =>
    file.replaceAll("\\", "/"),
  );

  test("is a client: of the sources it reads the contract alone", () => {
    const strange = (imported: string) => imported.startsWith("src/") && !within("contract")(imported);
    expect(
      uiSources
        .filter((file) => !file.endsWith(".test.ts"))
        .flatMap((file) => forbiddenChains(file, strange)),
    ).toEqual([]);
  });

  test("keeps its files short", () => {
    const lines = (file: string) => readFileSync(join(root, file), "utf8").trimEnd().split("\n").length;
    expect(uiSources.filter((file) => lines(file) > 300)).toEqual([]);
  });
});

describe("the files", () => {
  test("are named after what they export, never utils, helpers, common, lib, misc or types", () => {
    expect(
      everySource.filter((file) => /^(utils?|helpers?|common|lib|misc|types)\b/.test(basename(file))),
    ).toEqual([]);
  });

  test("are kebab-case", () => {
    expect(
      everySource.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(basename(file))),
    ).toEqual([]);
  });

  test("stay under 300 lines", () => {
    const lines = (file: string) => readFileSync(join(root, file), "utf8").trimEnd().split("\n").length;
    expect(everySource.filter((file) => lines(file) > 300).map((file) => `${file}: ${lines(file)}`)).toEqual(
      [],
    );
  });

  test("name no package registry's address and no path of one machine", () => {
    const machinePath = new RegExp(
      `(?<![\\w.~-])/(${["work", "root", "home/\\w+", "Users/\\w+"].join("|")})/`,
    );
    const registry = /"resolved":\s*"https?:|^registry=|_authToken/m;
    const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
      cwd: root,
      encoding: "utf8",
    });
    const offenders = tracked
      .split("\n")
      .filter((file) => file !== "" && file !== "test/architecture/architecture.test.ts")
      .filter((file) => existsSync(join(root, file)))
      .filter((file) => {
        const text = readFileSync(join(root, file), "latin1");
        return machinePath.test(text) || registry.test(text);
      });
    expect(offenders).toEqual([]);
  });
});
