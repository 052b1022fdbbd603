import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../../test/support/collect.ts";
import { clientOf, refused } from "../../test/support/scripted-client.ts";

const page = () => new Response("<html>", { headers: { "content-type": "text/html" } });
const PATH = "/api/v1/files/f/process/status";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-upload-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("an upload", () => {
  it("sends a form with the file's name, type and bytes, once", async () => {
    const path = join(folder, "report.pdf");
    await writeFile(path, "%PDF");
    let sent: FormData | undefined;
    const { client, seen } = clientOf(async () => refused(503, "later"), {
      fetch: async (_url, init) => {
        sent = init?.body as FormData;
        expect(new Headers(init?.headers).get("content-type")).toBe(null);
        // Else fetch keeps the whole body until it knows that there is no redirect.
        expect(init).toMatchObject({ redirect: "error", window: null });
        return refused(503, "later");
      },
    });
    await expect(client.uploadFile({ path, metadata: { from: "test" } })).rejects.toMatchObject({
      status: 503,
    });
    const file = sent?.get("file") as File;
    expect({ name: file.name, type: file.type, text: await file.text() }).toEqual({
      name: "report.pdf",
      type: "application/pdf",
      text: "%PDF",
    });
    expect(sent?.get("metadata")).toBe('{"from":"test"}');
    expect(seen).toHaveLength(0);
  });

  it("answers what the server made of it, in every spelling", async () => {
    const answers = [
      {
        id: "f",
        filename: "a.txt",
        data: { status: "pending" },
        meta: { name: "a.txt", size: 3 },
        status: true,
      },
      { id: "f", filename: "a.txt", data: {}, hash: "abc", meta: {} },
      { id: "f", filename: "a.txt", data: null, hash: null, error: "no reader for it" },
      { id: "f", filename: "a.txt", data: { status: "failed", error: "broken" } },
    ];
    const { client } = clientOf(() => Response.json(answers.shift()));
    const upload = () => client.uploadFile({ bytes: new TextEncoder().encode("abc"), name: "a.txt" });
    expect(await upload()).toMatchObject({ name: "a.txt", size: 3, status: "pending", error: null });
    expect(await upload()).toMatchObject({ name: "a.txt", size: null, status: "completed", error: null });
    expect(await upload()).toMatchObject({ status: "failed", error: "no reader for it" });
    expect(await upload()).toMatchObject({ status: "failed", error: "broken" });
  });

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ["that is not there", async () => {}, /is not there/],
    ["that is a folder", (path) => mkdir(path), /is a folder/],
    ["that is empty", (path) => writeFile(path, ""), /is empty/],
  ])("of a path %s is refused before anything is sent", async (name, make, sentence) => {
    const path = join(folder, name.replaceAll(" ", "-"));
    await make(path);
    const { client, seen } = clientOf(() => Response.json({ id: "f" }));
    const error = await client.uploadFile({ path }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "bad_input", details: { path } });
    expect(error.message).toMatch(sentence);
    expect(seen).toHaveLength(0);
  });

  it.skipIf(process.getuid?.() === 0)("of a path that may not be read is refused", async () => {
    const path = join(folder, "secret.txt");
    await writeFile(path, "secret");
    await chmod(path, 0);
    const { client } = clientOf(() => Response.json({ id: "f" }));
    await expect(client.uploadFile({ path })).rejects.toThrow(/may not be read/);
  });

  it("of no bytes is refused", async () => {
    const { client } = clientOf(() => Response.json({ id: "f" }));
    const upload = client.uploadFile({ bytes: new Uint8Array(), name: "a.txt" });
    await expect(upload).rejects.toMatchObject({ code: "bad_input" });
  });
});

describe("a file's processing", () => {
  it("is told by the status call, and by the file where there is none", async () => {
    let file: unknown = { id: "f", data: { status: "processing" } };
    const { client } = clientOf(({ path }) => (path === PATH ? page() : Response.json(file)));
    expect(await client.fileStatus("f")).toEqual({ status: "processing", error: null, progress: null });
    file = { id: "f", data: { content: "text" } };
    expect(await client.fileStatus("f")).toMatchObject({ status: "completed" });
    const { client: other } = clientOf(() => Response.json({ status: "processed" }));
    expect(await other.fileStatus("f")).toMatchObject({ status: "completed" });
  });

  it("says why it failed, where only the file's record does too", async () => {
    const record = { id: "f", data: { status: "failed", error: "no text in it" } };
    const { client } = clientOf(({ path }) => Response.json(path === PATH ? { status: "failed" } : record));
    expect(await client.fileStatus("f")).toMatchObject({ status: "failed", error: "no text in it" });
  });

  it("of a file that is not there is not found", async () => {
    const { client } = clientOf(() => refused(404, "We could not find what you're looking for :/"));
    await expect(client.fileStatus("f")).rejects.toMatchObject({ code: "not_found" });
  });

  it("is watched by the server's stream, each change once", async () => {
    const events = [
      { status: "processing" },
      { status: "processing", progress: { embedded: 1, chunks: 2 } },
      { status: "processing", progress: { embedded: 1, chunks: 2 } },
      { status: "completed" },
    ];
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    const headers = { "content-type": "text/event-stream; charset=utf-8" };
    const { client, seen } = clientOf(() => new Response(text, { headers }));
    expect(await collect(client.watchFile("f"))).toEqual([
      { status: "processing", error: null, progress: null },
      { status: "processing", error: null, progress: { embedded: 1, chunks: 2 } },
      { status: "completed", error: null, progress: null },
    ]);
    expect(seen.map(({ path }) => path)).toEqual([`${PATH}?stream=true`]);
  });

  it("is looked for where there is no stream, or it breaks", async () => {
    const states = ["pending", "processing", "processing", "completed"];
    const { client } = clientOf(({ path }) => {
      if (path.endsWith("stream=true")) return page();
      return Response.json({ status: states.shift() });
    });
    const statuses = (await collect(client.watchFile("f"))).map(({ status }) => status);
    expect(statuses).toEqual(["pending", "processing", "completed"]);
    const headers = { "content-type": "text/event-stream" };
    const { client: broken } = clientOf(({ path }) =>
      path.endsWith("stream=true")
        ? new Response('data: {"status":"processing"}\n\ndata: nonsense\n\n', { headers })
        : Response.json({ status: "completed" }),
    );
    expect((await collect(broken.watchFile("f"))).map(({ status }) => status)).toEqual([
      "processing",
      "completed",
    ]);
  });

  it("is no longer watched once the caller has had enough", async () => {
    const { client } = clientOf(() => Response.json({ status: "processing" }));
    const enough = new AbortController();
    const watch = async () => {
      for await (const _state of client.watchFile("f", { signal: enough.signal })) enough.abort();
    };
    await expect(watch()).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("files", () => {
  it("are listed by one array or by pages, without their texts", async () => {
    const { client, seen } = clientOf(({ path }) => {
      const items = path.includes("page=2") ? [{ id: "b" }] : [{ id: "a", filename: "a.txt" }];
      return Response.json({ items, total: 2 });
    });
    expect((await client.listFiles()).map(({ id, name }) => [id, name])).toEqual([
      ["a", "a.txt"],
      ["b", "b"],
    ]);
    expect(seen.map(({ path }) => path)).toEqual([
      "/api/v1/files/?content=false",
      "/api/v1/files/?content=false&page=2",
    ]);
    const { client: older } = clientOf(() => Response.json([{ id: "a" }]));
    expect(await older.listFiles()).toHaveLength(1);
  });

  it("are read in pieces and deleted", async () => {
    const { client, seen } = clientOf(({ method }) =>
      method === "GET" ? new Response("the bytes") : Response.json({ message: "deleted" }),
    );
    let text = "";
    for await (const piece of client.readFileContent("f")) text += new TextDecoder().decode(piece);
    expect(text).toBe("the bytes");
    await client.deleteFile("f");
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /api/v1/files/f/content",
      "DELETE /api/v1/files/f",
    ]);
  });
});
