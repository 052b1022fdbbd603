import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { writtenPath } from "../../scripts/docs/parts.ts";
import { DOCUMENTS, renderDocument } from "../../scripts/write-docs.ts";
import { renderNotices } from "../../scripts/write-notices.ts";
import { OFFSTAGE_VERSION, OPEN_WEBUI_VERSION } from "../../src/contract/versions.ts";
import { ERROR_TABLE } from "../../src/errors.ts";
import { ROUTES } from "../../src/server/app.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const documents = globSync(["*.md", "docs/**/*.md"], { cwd: root });
const manifest = JSON.parse(read("package.json"));

/** A document without its blocks of code, where nothing is a link or a heading. */
const prose = (name: string) => read(name).replace(/^```[\s\S]*?^```/gm, "");

/** The anchors that a page of Markdown gives its headings. */
const anchors = (name: string) =>
  [...prose(name).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );

describe("what is made from the code", () => {
  test.each(DOCUMENTS)("is up to date in %s (else: npm run docs)", async (name) => {
    const text = read(name);
    expect(await renderDocument(text)).toBe(text);
  });

  test("is up to date in the third-party notices (else: npm run notices)", () => {
    expect(read("THIRD-PARTY-NOTICES.md")).toBe(renderNotices());
  });

  test("the contract has every route and every error code", () => {
    const contract = read("docs/contract.md");
    const routes = ROUTES.map(({ method, path }) => `\`${method} ${writtenPath(path)}\``);
    const codes = Object.keys(ERROR_TABLE).map((code) => `| \`${code}\` |`);
    expect([...routes, ...codes].filter((part) => !contract.includes(part))).toEqual([]);
  });
});

describe("what is said of the code", () => {
  test("the version is the package's, here and in the changelog", () => {
    expect(OFFSTAGE_VERSION).toBe(manifest.version);
    expect(read("CHANGELOG.md")).toContain(manifest.version);
    expect(read("docs/contract.md")).toContain(`version: "${OPEN_WEBUI_VERSION}"`);
  });

  test("every variable of the environment that the sources read is in docs/cli.md", () => {
    const used = globSync("src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] }).flatMap((file) =>
      [...read(file).matchAll(/\benv\.([A-Z_]{4,})|\.env\(\s*"(\w+)"|\bflag\("(\w+)"\)/g)].map(
        ([, ...names]) => names.find(Boolean)!,
      ),
    );
    expect(used).toContain("OFFSTAGE_ENABLE_SIGNUP");
    expect(used.filter((name) => !read("docs/cli.md").includes(`\`${name}\``))).toEqual([]);
  });

  test("every npm script that a document names is there", () => {
    const named = documents.flatMap((name) =>
      [...read(name).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!),
    );
    expect([...new Set(named)].filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  test("every source that a document names is there", () => {
    const named = documents.flatMap((name) =>
      [...read(name).matchAll(/`((?:src|test|bench|scripts|examples|bin)\/[\w./-]+)`/g)].map(
        ([, path]) => path!,
      ),
    );
    expect(
      [...new Set(named)].filter((path) => !statSync(join(root, path), { throwIfNoEntry: false })),
    ).toEqual([]);
  });
});

describe("links", () => {
  test.each(documents)("of %s lead somewhere", (name) => {
    const broken = [...prose(name).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split("#") as [string, string?];
        const file = path === "" ? name : join(dirname(name), path);
        if (!statSync(join(root, file), { throwIfNoEntry: false })) return true;
        return anchor !== undefined && !anchors(file).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  test("of what the package holds stay within it", () => {
    const packed = [...manifest.files, "README.md", "LICENSE"];
    const leaving = documents
      .filter((name) => name.startsWith("docs/"))
      .flatMap((name) =>
        [...prose(name).matchAll(/\]\((\.\.[^)\s#]+)/g)].map(([, target]) => join(dirname(name), target!)),
      )
      .filter((path) => !packed.includes(path.split("/")[0]!) && !packed.includes(path));
    expect(leaving).toEqual([]);
  });

  test("lead to every decision from some document", () => {
    const decisions = globSync("docs/decisions/*.md", { cwd: root });
    expect(
      decisions.filter((name) => !/^docs\/decisions\/\d{4}-\d\d-\d\d-[a-z0-9-]+\.md$/.test(name)),
    ).toEqual([]);
    const index = read("docs/architecture.md") + read("docs/flow.md") + read("docs/contract.md");
    expect(decisions.filter((name) => !index.includes(name.split("/").at(-1)!))).toEqual([]);
  });
});
