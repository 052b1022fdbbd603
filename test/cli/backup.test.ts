import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/server/index.ts";
import { askedChat, complete, completionBody, expectOk, fetchChat } from "../support/chat.ts";
import { type Caller, createCaller } from "../support/http.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { signUp } from "../support/server.ts";
import { startOffstage } from "./run-offstage.ts";

const TEXT = "The harbour opens at six.";

let folder: string;
let provider: TestProvider;
let server: Awaited<ReturnType<typeof startServer>>;
let owner: Caller;
let fileId: string;
let chatId: string;
const dataDir = () => join(folder, "data");

const options = (dir: string) => ({
  dataDir: dir,
  port: 0,
  local: false,
  log: "silent" as const,
  openai: [{ baseUrl: provider.url, apiKey: "provider-key" }],
  embedder: { kind: "none" as const },
});

const offstage = (...args: string[]) => startOffstage(args, { NO_COLOR: "1" }).ended;
const target = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-backup-"));
  provider = await startProvider({ strict: true });
  server = await startServer(options(dataDir()));
  owner = await signUp(server.url, "owner");
  const chat = await askedChat(owner);
  chatId = chat.chatId;
  expectOk(await complete(owner, completionBody(chat)));
  const form = new FormData();
  form.set("file", new Blob([TEXT]), "harbour.txt");
  const uploaded = await fetch(`${server.url}/api/v1/files/`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner.token}` },
    body: form,
  });
  fileId = ((await uploaded.json()) as { id: string }).id;
});
afterAll(async () => {
  await server?.close();
  await provider?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a server on a restored folder and compares what is in it. */
async function expectEverything(dir: string, token: string): Promise<void> {
  const restored = await startServer(options(dir));
  try {
    const again = createCaller(restored.url, token || (await restored.ownerToken()));
    expect(await fetchChat(again, chatId)).toEqual(await fetchChat(owner, chatId));
    expect((await again.get(`/api/v1/files/${fileId}/content`)).text).toBe(TEXT);
  } finally {
    await restored.close();
  }
}

describe("a backup", () => {
  test("of a server that writes all the while is whole, private, and gives everything back", async () => {
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await askedChat(owner, "written during the backup");
    })();
    const run = await offstage("backup", target("copy"), "--data-dir", dataDir());
    isOver = true;
    await writing;
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining("1 files") });
    expect(run.stderr).toContain("It holds no secret");
    for (const name of await readdir(target("copy"))) {
      expect((await stat(join(target("copy"), name))).mode & 0o077, name).toBe(0);
    }
    expect(await readdir(target("copy"))).not.toContain("secret");
    expect(await offstage("restore", target("copy"), "--data-dir", target("restored"))).toMatchObject({
      code: 0,
    });
    await expectEverything(target("restored"), "");
  });

  test("in one file, with the secret, keeps people signed in", async () => {
    const archive = target("copy.tar.gz");
    const run = await offstage("backup", archive, "--with-secret", "--json", "--data-dir", dataDir());
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ database: "sqlite", files: 1, secret: true });
    expect(run.stderr).toContain("sign in as anybody");
    expect((await stat(archive)).mode & 0o077).toBe(0);
    expect((await offstage("restore", archive, "--data-dir", target("from-archive"))).code).toBe(0);
    await expectEverything(target("from-archive"), owner.token);
    expect((await offstage("backup", archive, "--data-dir", dataDir())).code).toBe(4);
  });

  test("goes neither over another one nor from a folder without data", async () => {
    await writeFile(target("a-file"), "x");
    expect((await offstage("backup", target("a-file"), "--data-dir", dataDir())).code).toBe(2);
    expect((await offstage("backup", folder, "--data-dir", dataDir())).code).toBe(4);
    expect((await offstage("backup", target("none"), "--data-dir", target("nothing-here"))).code).toBe(4);
    expect(existsSync(target("none"))).toBe(false);
  });
});

describe("a restore", () => {
  test("is refused where data is, asks before it replaces them, and puts them aside", async () => {
    expect((await offstage("backup", target("second"), "--data-dir", dataDir())).code).toBe(0);
    const dir = target("full");
    const other = await startServer(options(dir));
    expect((await offstage("restore", target("second"), "--force", "--yes", "--data-dir", dir)).code).toBe(5);
    await other.close();
    expect((await offstage("restore", target("second"), "--data-dir", dir)).code).toBe(4);
    const unasked = await offstage("restore", target("second"), "--force", "--data-dir", dir);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    const run = await offstage("restore", target("second"), "--force", "--yes", "--json", "--data-dir", dir);
    expect(run.code).toBe(0);
    expect(await readdir(JSON.parse(run.stdout).replaced)).toContain("offstage.sqlite");
    await expectEverything(dir, "");
  });

  test.each(["offstage.sqlite", "files"])("of a damaged backup changes nothing: %s", async (part) => {
    const copy = target(`damaged-${part}`);
    expect((await offstage("backup", copy, "--data-dir", dataDir())).code).toBe(0);
    if (part === "files") {
      const names = await readdir(join(copy, part), { recursive: true });
      await appendFile(join(copy, part, names.find((name) => name.length > 60)!), "x");
    } else {
      const bytes = await readFile(join(copy, part));
      bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8_192);
      await writeFile(join(copy, part), bytes);
    }
    const dir = target(`after-${part}`);
    const run = await offstage("restore", copy, "--data-dir", dir);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("damaged") });
    expect(existsSync(dir)).toBe(false);
  });

  test("of what is no whole backup is refused", async () => {
    const run = await offstage("restore", dataDir(), "--data-dir", target("never"));
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("manifest.json") });
  });
});
