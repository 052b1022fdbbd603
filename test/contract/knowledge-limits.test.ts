import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  docxParagraph,
  sampleDocx,
  samplePdf,
  sampleZip,
} from "../../src/server/knowledge/extraction/sample-documents.ts";
import { askedChat, complete, completionBody, expectOk } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { longText, processingOf, upload, uploadProcessed } from "../support/knowledge.ts";
import { expectWholeFolder } from "../support/knowledge-folder.ts";
import { openStage, type Stage } from "../support/server.ts";

const MIB = 1024 * 1024;
const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
const BACKGROUND = { query: "?process_in_background=true" };
const CFB = Buffer.from("d0cf11e0a1b11ae1", "hex");

let stage: Stage;
let ann: Caller;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
});
afterAll(() => stage?.close());
afterEach(async () => {
  stage.provider.reset();
  await expectWholeFolder(stage.dataDir, stage.databaseUrl);
  expect((await ann.get("/health")).status).toBe(200);
});

const bytesOf = (buffer: Buffer) => new Uint8Array(buffer);
const state = async (id: string) => (await ann.get(`/api/v1/files/${id}/process/status`)).body;
const ended = (id: string) => processingOf(ann, id);

describe("a document that is", () => {
  const pdf = (options = {}) => samplePdf((page) => page.text(FERRY), options);
  const docx = () => sampleDocx(docxParagraph(FERRY));
  const bad: [string, string, () => Promise<Buffer> | Buffer, RegExp][] = [
    ["of an unknown type", "photo.png", () => Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), /PNG/],
    ["an unknown type by another name", "x.md", () => Buffer.from("7f454c4602010100".repeat(9), "hex"), /./],
    ["an encrypted PDF", "locked.pdf", () => pdf({ userPassword: "secret" }), /password/],
    [
      "an encrypted DOCX",
      "locked.docx",
      () => Buffer.concat([CFB, Buffer.alloc(2_000), Buffer.from("EncryptedPackage", "utf16le")]),
      /password/,
    ],
    ["a ZIP with a password", "z.docx", () => sampleZip({ "word/document.xml": "<x/>" }, 1), /password/],
    ["a truncated PDF", "half.pdf", async () => (await pdf()).subarray(0, 400), /half\.pdf/],
    ["a truncated DOCX", "half.docx", () => docx().subarray(0, 400), /half\.docx/],
    [
      "a zip bomb",
      "bomb.docx",
      () => sampleZip({ "[Content_Types].xml": "<x/>", "word/document.xml": Buffer.alloc(50 * MIB) }),
      /unpacks to more/,
    ],
    ["of blanks alone", "blank.txt", () => Buffer.from(" \n\t\n "), /no text/],
    ["a DOCX in name only", "text.docx", () => Buffer.from("\u0000\u0001\u0002binary\u0000"), /.+/],
  ];

  test.each(bad)("%s ends failed with a sentence, and stops nobody", async (_case, name, make, reason) => {
    const file = await uploadProcessed(ann, name, bytesOf(await make()));
    expect(file.data).toEqual({ status: "failed", error: expect.stringMatching(reason) });
    expect(file.data.error).toMatch(/^\S+ .+\.$/);
    const chat = await askedChat(ann, "What does it say?", { files: [{ type: "file", id: file.id }] });
    const reply = await complete(ann, completionBody(chat));
    expect(reply.status).toBe(400);
    expect(detailOf(reply)).toContain(file.data.error);
    expect((await uploadProcessed(ann, "fine.txt", `Fine beside ${name}.`)).data.status).toBe("completed");
  });

  test.each([
    ["a PDF that is called a text", "ferry.txt", pdf],
    ["a DOCX that is called a PDF", "ferry.pdf", docx],
  ])("%s is read as what it is", async (_case, name, make) => {
    const file = await uploadProcessed(ann, name, bytesOf(await make()));
    expect(file.data).toMatchObject({ status: "completed", content: expect.stringContaining(FERRY) });
  });

  test("of 500 pages is processed while others are served", async () => {
    const book = await samplePdf((writer) => {
      for (let page = 1; page <= 500; page++) {
        if (page > 1) writer.addPage();
        writer.text(`Page ${page} tells of harbour ${page * 7}.`);
      }
    });
    const { body } = await upload(ann, "book.pdf", bytesOf(book), BACKGROUND);
    expect((await state(body.id)).status).toBe("processing");
    expectOk(await complete(ann, completionBody(await askedChat(ann))));
    expect((await ended(body.id)).at(-1)).toEqual({ status: "completed" });
    expect((await ann.get(`/api/v1/files/${body.id}`)).body.meta.page_count).toBe(500);
  });
});

/** A form with one file, which is written and ended by the caller. */
function openUpload(more: { name?: string; headers?: Record<string, string | number> } = {}): ClientRequest {
  const sending = request(`${stage.url}/api/v1/files/${BACKGROUND.query}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${ann.token}`,
      "content-type": "multipart/form-data; boundary=b",
      ...more.headers,
    },
  });
  sending.on("error", () => undefined);
  const name = more.name ?? 'filename="big.txt"';
  sending.write(`--b\r\nContent-Disposition: form-data; name="file"; ${name}\r\n\r\n`);
  return sending;
}

async function replyOf(sending: ClientRequest): Promise<{ status: number; body: Json }> {
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  const parts = await response.toArray();
  return { status: response.statusCode!, body: JSON.parse(Buffer.concat(parts).toString()) };
}

describe("an upload", () => {
  test.each([["of unknown length"], ["that says so at once"]])(
    "of 150 MB, %s, is refused and not held in memory",
    async (how) => {
      const total = 150 * MIB;
      const sending = openUpload({ headers: how.includes("says") ? { "content-length": total } : {} });
      let isAnswered = false;
      const replied = replyOf(sending).finally(() => {
        isAnswered = true;
      });
      const before = process.memoryUsage.rss();
      let most = before;
      const part = Buffer.alloc(MIB, "x");
      const closed = once(sending, "close");
      for (let sent = 0; sent < total && !isAnswered; sent += MIB) {
        if (!sending.write(part)) await Promise.race([once(sending, "drain"), replied, closed]);
        most = Math.max(most, process.memoryUsage.rss());
      }
      const { status, body } = await replied;
      sending.destroy();
      expect(status).toBe(413);
      expect(body.detail).toMatch(/larger than 100 MiB/);
      expect(most - before).toBeLessThan(80 * MIB);
    },
  );

  test("that its sender breaks off leaves nothing", async () => {
    const before = (await ann.get("/api/v1/files/")).body.length;
    const sending = openUpload();
    for (let part = 0; part < 4; part++) {
      if (!sending.write(Buffer.alloc(MIB, "y"))) await once(sending, "drain");
    }
    const incoming = join(stage.dataDir, "files/incoming");
    await eventually("it is coming in", async () => (await readdir(incoming)).length > 0);
    sending.destroy();
    await eventually("it is cleared away", async () => (await readdir(incoming)).length === 0);
    expect((await ann.get("/api/v1/files/")).body).toHaveLength(before);
  });

  test("of the same bytes twice at once is kept and processed once", async () => {
    const text = longText("sent twice", 200);
    const replies = await Promise.all([upload(ann, "a.txt", text), upload(ann, "b.txt", text)]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    const [a, b] = replies.map(({ body }) => body);
    expect(a.id).not.toBe(b.id);
    expect(a.hash).toBe(b.hash);
    for (const { id } of [a, b]) expect((await ended(id)).at(-1)).toEqual({ status: "completed" });
    const inputs = stage.provider.requests.flatMap(({ body }) => (body as Json)?.input ?? []);
    expect(new Set(inputs).size).toBe(inputs.length);
  });

  test("of fifty at once are all processed", async () => {
    const names = Array.from({ length: 50 }, (_, index) => `crowd-${index}.txt`);
    const replies = await Promise.all(names.map((name) => upload(ann, name, `Text of ${name}.`, BACKGROUND)));
    for (const [index, { status, body }] of replies.entries()) {
      expect([status, body.filename]).toEqual([200, names[index]]);
      expect((await ended(body.id)).at(-1)).toEqual({ status: "completed" });
    }
  });

  test.each([
    ["a path", 'filename="../../etc/passwd.txt"', "passwd.txt"],
    ["a Windows path", "filename*=UTF-8''C%3A%5Cdocs%5Cplan.txt", "plan.txt"],
    ["control characters", "filename*=UTF-8''a%00b%0D%0Ac%1B.txt", "abc.txt"],
    ["a turned direction", "filename*=UTF-8''a%E2%80%AEtxt.md", "atxt.md"],
    ["10,000 characters", `filename="${"n".repeat(10_000)}.md"`, `${"n".repeat(252)}.md`],
  ])("with %s in its name is kept by a name that fits", async (_case, name, expected) => {
    const sending = openUpload({ name });
    sending.end(`A text by the name of ${expected}.\r\n--b--\r\n`);
    const { status, body } = await replyOf(sending);
    expect([status, body.filename]).toEqual([200, expected]);
    expect((await ann.get(`/api/v1/files/${body.id}/content`)).status).toBe(200);
    await ended(body.id);
  });

  test("whose long name is cut within a character can be fetched", async () => {
    const { body } = await upload(ann, `x${"😀".repeat(200)}.md`, "Smile.");
    expect(body.filename).toMatch(/\.md$/);
    expect((await ann.get(`/api/v1/files/${body.id}/content`)).text).toBe("Smile.");
  });

  test.each(["..", "/", " "])('called "%s" is a 400', async (name) => {
    const sending = openUpload({ name: `filename*=UTF-8''${encodeURIComponent(name)}` });
    sending.end("x\r\n--b--\r\n");
    const { status, body } = await replyOf(sending);
    expect(status).toBe(400);
    expect(body.detail).toMatch(/no name of a file/);
  });

  test("with more metadata than is taken is a 413 that says so", async () => {
    const reply = await upload(ann, "m.txt", "x", { metadata: { note: "n".repeat(100_000) } });
    expect(reply.status).toBe(413);
    expect(detailOf(reply)).toMatch(/metadata.*64 KiB/);
  });
});

describe("hostile content", () => {
  test.each([
    ["note.md", "text/markdown"],
    ["page.html", "text/html"],
    ["drawing.svg", "image/svg+xml"],
    ["page.xhtml", "application/xhtml+xml"],
    ["feed.xml", "text/xml"],
    ["lie.txt", "text/html"],
  ])("in %s (%s) is never served as a page", async (name, type) => {
    const sending = openUpload({ name: `filename="${name}"\r\nContent-Type: ${type}` });
    sending.end(`<script>fetch("/api/v1/auths/")</script> ${name}\r\n--b--\r\n`);
    const { body } = await replyOf(sending);
    for (const path of ["content", `content/${name}`]) {
      const { headers } = await ann.get(`/api/v1/files/${body.id}/${path}`);
      expect(headers.get("content-type")).toBe("application/octet-stream");
      expect(headers.get("content-disposition")).toMatch(/^attachment/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("sandbox");
    }
    await ended(body.id);
  });
});
