import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, detailOf } from "../support/http.ts";
import { upload, uploadProcessed } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

const TEXT = "# Harbour\n\nThe ferry to Lund leaves at 09:40 every weekday.\n";

let stage: Stage;
let ann: Caller;
let bob: Caller;

beforeAll(async () => {
  stage = await openStage({ server: { limits: { maxFileBytes: 1_000_000 } } });
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
});
afterAll(() => stage?.close());

/** The names of all bytes that the server keeps. */
async function blobs(): Promise<string[]> {
  const names = await readdir(join(stage.dataDir, "files"), { recursive: true });
  return names.map((name) => name.split("/").at(-1)!).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

describe("an uploaded file", () => {
  test("is answered as the real record, with its text once it is processed", async () => {
    const { status, body } = await upload(ann, "harbour.md", TEXT, { metadata: { origin: "ticket 7" } });
    expect(status).toBe(200);
    const hash = createHash("sha256").update(TEXT).digest("hex");
    expect(body).toMatchObject({
      filename: "harbour.md",
      hash,
      data: { status: "completed" },
      meta: { name: "harbour.md", size: TEXT.length, data: { origin: "ticket 7" } },
      access_control: null,
    });
    expect(body.data.content).toContain("The ferry to Lund leaves at 09:40 every weekday.");
    expect(body.meta.collection_name).toBe(`file-${body.id}`);
    expect(Math.abs(body.created_at - Date.now() / 1000)).toBeLessThan(60);
    expect((await ann.get(`/api/v1/files/${body.id}`)).body).toEqual(body);
    expect((await ann.get(`/api/v1/files/${body.id}/data/content`)).body.content).toBe(body.data.content);
    expect((await ann.get(`/api/v1/files/${body.id}/process/status`)).body).toEqual({ status: "completed" });
  });

  test("comes back byte by byte, and never as a page", async () => {
    const bytes = new Uint8Array(Buffer.from("<script>alert(1)</script>"));
    const file = await uploadProcessed(ann, "größe & co.html", bytes);
    const response = await ann.open("GET", `/api/v1/files/${file.id}/content`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toBe(
      "attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%26%20co.html",
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("tells its processing as a stream that ends with it", async () => {
    const { body } = await upload(ann, "later.txt", "Something else to read.", {
      query: "?process_in_background=true",
    });
    const { chunks, form } = await ann.get(`/api/v1/files/${body.id}/process/status?stream=true`);
    expect(form).toBe("sse");
    expect(chunks.at(-1)).toEqual({ status: "completed" });
    expect(chunks.slice(0, -1).every(({ status }) => status === "processing")).toBe(true);
  });

  test("is kept and processed once, however often the same bytes come", async () => {
    const before = (await blobs()).length;
    const text = "The same bytes, twice.";
    const first = await uploadProcessed(ann, "one.txt", text);
    const second = await uploadProcessed(bob, "two.txt", text);
    expect(second.id).not.toBe(first.id);
    expect((await blobs()).length).toBe(before + 1);
    expect((await ann.delete(`/api/v1/files/${first.id}`)).status).toBe(200);
    expect((await bob.get(`/api/v1/files/${second.id}/content`)).text).toBe(text);
    expect((await bob.delete(`/api/v1/files/${second.id}`)).status).toBe(200);
    expect((await blobs()).length).toBe(before);
  });

  test("can be given another text, and is found by its name", async () => {
    const file = await uploadProcessed(ann, "minutes of may.txt", "Before.");
    const updated = await ann.post(`/api/v1/files/${file.id}/data/content/update`, { content: "After." });
    expect(updated.status).toBe(200);
    const read = async () =>
      (await ann.get(`/api/v1/files/${file.id}/process/status?stream=true`)).chunks.at(-1);
    expect(await read()).toEqual({ status: "completed" });
    expect((await ann.get(`/api/v1/files/${file.id}/data/content`)).body.content).toBe("After.");
    const found = await ann.get("/api/v1/files/search?filename=*MAY*");
    expect(found.body.map(({ id }: { id: string }) => id)).toEqual([file.id]);
    expect((await ann.get("/api/v1/files/search?filename=june")).body).toEqual([]);
  });

  test("is found among the user's by pages, and counted", async () => {
    const carl = await stage.addUser("carl");
    const ids: string[] = [];
    for (const name of ["tide one.txt", "tide two.txt", "wind.txt"])
      ids.push((await upload(carl, name, `It is about ${name}.`)).body.id);
    const found = async (query: string) => {
      const reply = await carl.get(`/api/v1/files/user/search?${query}`);
      expect(reply.status, reply.text).toBe(200);
      return reply.body.map(({ id }: { id: string }) => id);
    };
    expect(await found("")).toEqual(ids);
    expect(await found("filename=*&skip=0&limit=50&content=false")).toEqual(ids);
    expect(await found("filename=*tide*&skip=1&limit=1")).toEqual([ids[1]]);
    expect(await found("filename=rain")).toEqual([]);
    expect((await carl.get("/api/v1/files/user/count")).body).toBe(3);
    for (const query of ["skip=-1", "limit=0", "limit=x"])
      expect((await carl.get(`/api/v1/files/user/search?${query}`)).status).toBe(422);
  });

  test("goes into the collection that its metadata names, before the file or behind it", async () => {
    const { body: own } = await ann.post("/api/v1/knowledge/create", { name: "Named", description: "" });
    const { body: foreign } = await bob.post("/api/v1/knowledge/create", { name: "Bob's", description: "" });
    const send = async (knowledgeId: string, isBehind: boolean) => {
      const form = new FormData();
      const said = JSON.stringify({ knowledge_id: knowledgeId });
      if (!isBehind) form.append("metadata", said);
      form.append("file", new Blob([`It is ${isBehind ? "behind" : "before"}.`]), `${isBehind}.txt`);
      if (isBehind) form.append("metadata", said);
      const headers = { authorization: `Bearer ${ann.token}` };
      const reply = await fetch(`${stage.url}/api/v1/files/`, { method: "POST", body: form, headers });
      return { status: reply.status, text: await reply.text() };
    };
    for (const isBehind of [false, true]) expect((await send(own.id, isBehind)).status).toBe(200);
    const { body } = await ann.get(`/api/v1/knowledge/${own.id}/files`);
    expect(body.items.map(({ filename }: { filename: string }) => filename).toSorted()).toEqual([
      "false.txt",
      "true.txt",
    ]);
    expect((await ann.get(`/api/v1/knowledge/${own.id}/files/pending`)).body).toEqual([]);
    const before = (await ann.get("/api/v1/files/user/count")).body;
    for (const id of [foreign.id, "nothing"])
      for (const isBehind of [false, true]) expect((await send(id, isBehind)).status).toBe(401);
    expect((await ann.get("/api/v1/files/user/count")).body).toBe(before);
    expect((await bob.get(`/api/v1/knowledge/${foreign.id}/files`)).body.items).toEqual([]);
  });

  test("is nobody else's", async () => {
    const { id } = await uploadProcessed(ann, "secret.txt", "Only for Ann.");
    for (const path of ["", "/content", "/data/content", "/process/status", "/process/status?stream=true"]) {
      const reply = await bob.get(`/api/v1/files/${id}${path}`);
      expect([path, reply.status]).toEqual([path, 404]);
      expect(reply.text).not.toContain("Only for Ann");
    }
    expect((await bob.delete(`/api/v1/files/${id}`)).status).toBe(404);
    expect((await bob.post(`/api/v1/files/${id}/data/content/update`, { content: "x" })).status).toBe(404);
    expect((await bob.get("/api/v1/files/")).text).not.toContain("secret.txt");
    expect((await ann.get(`/api/v1/files/${id}`)).status).toBe(200);
  });
});

describe("a bad upload", () => {
  test.each([
    ["nothing in it", "empty.txt", "", 400, /is empty/],
    ["more than is taken", "big.txt", "x".repeat(1_000_001), 413, /larger than/],
  ])("with %s is refused, and nothing is kept", async (_case, name, content, status, detail) => {
    const before = await blobs();
    const reply = await upload(ann, name, content);
    expect(reply.status).toBe(status);
    expect(detailOf(reply)).toMatch(detail);
    expect(await blobs()).toEqual(before);
    expect(await readdir(join(stage.dataDir, "files/incoming"))).toEqual([]);
  });

  test.each([
    ["is JSON", "application/json", "{}", /multipart/],
    ["has no file", "multipart/form-data; boundary=b", "--b--\r\n", /no file/],
    [
      "breaks off",
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf',
      /whole|form/i,
    ],
    [
      "has metadata that is no object",
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n[1]\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n',
      /metadata/,
    ],
  ])("that %s is a 400 that says so", async (_case, type, body, detail) => {
    const reply = await ann.post("/api/v1/files/", body, { headers: { "content-type": type } });
    expect(reply.status).toBe(400);
    expect(detailOf(reply)).toMatch(detail);
    expect(await readdir(join(stage.dataDir, "files/incoming"))).toEqual([]);
  });

  test.each([
    [
      "a kind that is not read",
      "tool.exe",
      new Uint8Array([0x4d, 0x5a, 0, 0, 1, 2, 3, 0, 255, 254]),
      /supported|read/i,
    ],
    ["a broken document", "broken.pdf", new Uint8Array(Buffer.from("%PDF-1.7\nbroken")), /.+/],
  ])("of %s ends failed, with the reason, and stays refused", async (_case, name, bytes, reason) => {
    const file = await uploadProcessed(ann, name, bytes);
    expect(file.data.status).toBe("failed");
    expect(file.data.error).toMatch(reason);
    const { body: knowledge } = await ann.post("/api/v1/knowledge/create", { name: "K", description: "" });
    const added = await ann.post(`/api/v1/knowledge/${knowledge.id}/file/add`, { file_id: file.id });
    expect(added.status).toBe(400);
    expect(detailOf(added)).toContain(file.data.error);
  });

  test("is told to each sender under the name that they gave it", async () => {
    const bytes = new Uint8Array(Buffer.from("%PDF-1.7\nthe same broken bytes"));
    await uploadProcessed(bob, "bobs-salary.pdf", bytes);
    const file = await uploadProcessed(ann, "broken too.pdf", bytes);
    expect(file.data.status).toBe("failed");
    expect(file.data.error).toContain("broken too.pdf");
    expect(JSON.stringify(file)).not.toContain("salary");
  });

  test("without a token is refused before anything is read", async () => {
    const nobody = { ...ann, token: "none" };
    expect((await upload(nobody, "a.txt", "x")).status).toBe(401);
  });
});
