import { describe, expect, it } from "vitest";
import { clientOf, refused } from "../../test/support/scripted-client.ts";

const isVersion = (path: string) => path === "/api/version";
const page = () => new Response("<html>", { headers: { "content-type": "text/html" } });

describe("a collection", () => {
  it("is made for its owner alone, unless said otherwise", async () => {
    const { client, seen } = clientOf(() => Response.json({ id: "k", name: "Geo", files: null }));
    expect(await client.createKnowledge({ name: "Geo" })).toMatchObject({
      id: "k",
      status: "processed",
      fileCount: null,
    });
    await client.createKnowledge({ name: "Geo", description: "World", access_control: null });
    expect(seen.map(({ body }) => body)).toEqual([
      { name: "Geo", description: "", access_control: {} },
      { name: "Geo", description: "World", access_control: null },
    ]);
  });

  it("keeps what an update does not name", async () => {
    const access_control = { read: { user_ids: ["ann"] } };
    const record = { id: "k", name: "Geo", description: "World", access_control };
    const { client, seen } = clientOf(() => Response.json(record));
    await client.updateKnowledge("k", { name: "Geography" });
    expect(seen.at(-1)).toMatchObject({
      path: "/api/v1/knowledge/k/update",
      body: { name: "Geography", description: "World", access_control },
    });
  });

  it("tells how many files it has, in every spelling", async () => {
    const rows = [
      { id: "a", name: "A", files_count: 3, status: "processing" },
      { id: "b", name: "B", file_count: 2 },
      { id: "c", name: "C", files: [{ id: "f" }] },
      { id: "d", name: "D", files: null },
    ];
    const { client } = clientOf(() => Response.json(rows));
    const listed = await client.listKnowledge();
    expect(listed.map(({ fileCount, status }) => [fileCount, status])).toEqual([
      [3, "processing"],
      [2, "processed"],
      [1, "processed"],
      [null, "processed"],
    ]);
  });

  it("lists its files from its record on servers without a call for them", async () => {
    const { client } = clientOf(({ path, method }) => {
      if (isVersion(path)) return Response.json({ version: "0.6.15" });
      if (method === "POST") return refused(405, "Method Not Allowed");
      const record = { id: "k", name: "Geo", files: [{ id: "f", meta: { name: "geo.txt" } }] };
      return path === "/api/v1/knowledge/k" ? Response.json(record) : page();
    });
    expect(await client.listKnowledgeFiles("k")).toMatchObject([{ id: "f", name: "geo.txt" }]);
  });

  it("lists its files by pages elsewhere", async () => {
    const { client } = clientOf(({ path }) => {
      if (isVersion(path)) return Response.json({ version: "0.12.4", offstage: "0.1.0" });
      const id = path.endsWith("page=2") ? "g" : "f";
      return Response.json({ items: [{ id, hash: "h", data: null }], total: 2 });
    });
    expect((await client.listKnowledgeFiles("k")).map(({ id, status }) => [id, status])).toEqual([
      ["f", "completed"],
      ["g", "completed"],
    ]);
  });

  it.each([
    ["400: Duplicate content detected. Please provide unique content to proceed.", "conflict"],
    ["400: The content provided is empty.", "bad_input"],
  ])("that refuses a file with '%s' says so, and blames no model: %s", async (detail, code) => {
    const { client } = clientOf(() => refused(400, detail));
    await expect(client.addFileToKnowledge("k", "f")).rejects.toMatchObject({
      code,
      message: `The server did not take the file into the collection: ${detail.slice("400: ".length)}`,
    });
  });

  it("gets files, loses them, and goes", async () => {
    const { client, seen } = clientOf(({ method }) =>
      Response.json(method === "DELETE" ? true : { id: "k", name: "Geo" }),
    );
    await client.addFileToKnowledge("k", "f");
    await client.removeFileFromKnowledge("k", "f");
    await client.removeFileFromKnowledge("k", "f", { deleteFile: true });
    await client.resetKnowledge("k");
    await client.deleteKnowledge("k");
    expect(seen.map(({ method, path, body }) => [`${method} ${path}`, body])).toEqual([
      ["POST /api/v1/knowledge/k/file/add", { file_id: "f" }],
      ["POST /api/v1/knowledge/k/file/remove?delete_file=false", { file_id: "f" }],
      ["POST /api/v1/knowledge/k/file/remove?delete_file=true", { file_id: "f" }],
      ["POST /api/v1/knowledge/k/reset", undefined],
      ["DELETE /api/v1/knowledge/k/delete", undefined],
    ]);
  });
});
