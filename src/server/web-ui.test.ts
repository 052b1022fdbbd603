import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWebUi } from "./web-ui.ts";

let packages: string;
let folder: string;

beforeEach(async () => {
  packages = await mkdtemp(join(tmpdir(), "offstage-web-ui-"));
  folder = join(packages, "open_webui", "frontend");
  await mkdir(join(folder, "_app"), { recursive: true });
  await writeFile(join(folder, "index.html"), "<html></html>");
});
afterEach(() => rm(packages, { recursive: true, force: true }));

const says = (version: unknown) => writeFile(join(folder, "_app/version.json"), JSON.stringify({ version }));

describe("a web UI's version", () => {
  test("is its package's, whatever the build says", async () => {
    await mkdir(join(packages, "open_webui-0.12.4.dist-info"));
    await says("33c1978d5bad52a31df75ea55143025dfad18d16");
    expect(await openWebUi(folder)).toMatchObject({ version: "0.12.4", dialect: "events" });
  });

  test("is the build's where it stands alone", async () => {
    await says("0.6.15");
    expect(await openWebUi(folder)).toMatchObject({ version: "0.6.15", dialect: "chat-events" });
  });

  test("is the given one before all", async () => {
    await says("0.6.15");
    expect((await openWebUi(folder, "0.9.6")).version).toBe("0.9.6");
  });

  test.each([
    ["a commit", "33c1978"],
    ["a number", 7],
    ["nothing", undefined],
  ])("that nobody says is asked for: the build says %s", async (_what, version) => {
    await says(version);
    await expect(openWebUi(folder)).rejects.toMatchObject({
      code: "bad_input",
      message: expect.stringContaining("--frontend-version"),
    });
  });

  test("that is none is refused with its words", async () => {
    await expect(openWebUi(folder, "newest")).rejects.toThrow(/newest/);
  });
});

test.each([
  ["0.6.15", "chat-events"],
  ["0.6.35", "chat-events"],
  ["0.6.36", "events"],
  ["0.7.0", "events"],
  ["0.12.4", "events"],
])("%s listens to %s", async (version, dialect) => {
  expect((await openWebUi(folder, version)).dialect).toBe(dialect);
});

test("files are those of the build and the package's others; links out of them, to folders or to nothing are none", async () => {
  await mkdir(join(packages, "open_webui/static"));
  await writeFile(join(packages, "open_webui/static/logo.png"), "logo");
  await writeFile(join(packages, "secret"), "secret");
  await symlink(join(folder, "index.html"), join(folder, "inside.html"));
  await symlink(join(packages, "secret"), join(folder, "outside.html"));
  await symlink("../../..", join(folder, "_app/above"));
  await symlink("nothing", join(folder, "dangling.html"));
  const { files } = await openWebUi(folder, "0.12.4");
  expect([...files.keys()].toSorted()).toEqual(["/index.html", "/inside.html", "/static/logo.png"]);
});

test("a folder without a page is refused by its name", async () => {
  await rm(join(folder, "index.html"));
  await expect(openWebUi(folder)).rejects.toThrow(folder);
});
