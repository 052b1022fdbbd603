import { describe, expect, test } from "vitest";
import type { ContentTable, FileTable, KnowledgeTable } from "../../db/schema.ts";
import type { Store } from "./store.ts";
import { content, idsOf, user } from "./suite-rows.ts";

const file: FileTable = {
  id: "f1",
  user_id: "u1",
  content_id: "h1.txt",
  name: "report.txt",
  content_type: "text/plain",
  created_at_sec: 100,
  updated_at_sec: 100,
  meta_json: "{}",
};

const knowledge: KnowledgeTable = {
  id: "k1",
  user_id: "u1",
  name: "Reports",
  description: "",
  created_at_sec: 100,
  updated_at_sec: 100,
  access_json: "[]",
  meta_json: "{}",
};

/** What is promised of files, what they hold, and collections. */
export function testKnowledge(store: () => Store): void {
  const insert = (change: { contents?: Partial<ContentTable>[]; files?: Partial<FileTable>[] } = {}) =>
    store().write(async (tx) => {
      for (const row of change.contents ?? [{}])
        await store().contents.insertContent(tx, { ...content, ...row });
      for (const row of change.files ?? [{}]) await store().files.insertFile(tx, { ...file, ...row });
    });
  const findContent = (id = "h1.txt") => store().contents.findContent(store().read, id);

  describe("contents", () => {
    test("are found without their text, which is read by itself", async () => {
      await insert();
      const { text: _text, ...facts } = content;
      expect(await findContent()).toEqual(facts);
      expect(await store().contents.findContentText(store().read, "h1.txt")).toBeNull();
      await store().write((tx) =>
        store().contents.keepText(tx, "h1.txt", { text: "whole text", page_count: 2, chunk_count: 1 }),
      );
      expect(await findContent()).toMatchObject({ page_count: 2, chunk_count: 1, status: "processing" });
      expect(await store().contents.findContentText(store().read, "h1.txt")).toBe("whole text");
    });

    test("end processed or failed, can be restarted, and what is processed never fails afterwards", async () => {
      await insert();
      const change = (work: Parameters<Store["write"]>[0]) => store().write(work);
      await change((tx) => store().contents.noteDelay(tx, "h1.txt", "slow"));
      expect(await findContent()).toMatchObject({ status: "processing", error: "slow" });
      await change((tx) => store().contents.failContent(tx, "h1.txt", { error: "no", processed_at_sec: 5 }));
      expect(await findContent()).toMatchObject({ status: "error", error: "no", processed_at_sec: 5 });
      await change((tx) => store().contents.restartContent(tx, "h1.txt"));
      expect(await findContent()).toMatchObject({ status: "processing", error: null });
      await change((tx) =>
        store().contents.finishContent(tx, "h1.txt", { embedder: "e", processed_at_sec: 6 }),
      );
      await change((tx) => store().contents.failContent(tx, "h1.txt", { error: "no", processed_at_sec: 7 }));
      await change((tx) => store().contents.noteDelay(tx, "h1.txt", "slow"));
      expect(await findContent()).toMatchObject({ status: "processed", error: null, embedder: "e" });
    });

    test("are listed while they are processing, and where another embedder embedded them", async () => {
      await insert({
        contents: [
          { id: "b", created_at_sec: 2 },
          { id: "a", created_at_sec: 1 },
          { id: "c", status: "processed", embedder: "old" },
          { id: "d", status: "processed", embedder: "new" },
          { id: "e", status: "processed" },
          { id: "f", status: "error" },
        ],
        files: [],
      });
      expect(idsOf(await store().contents.listProcessing(store().read))).toEqual(["a", "b"]);
      expect(idsOf(await store().contents.listEmbeddedByOthers(store().read, "new", 9))).toEqual(["c", "e"]);
      expect(idsOf(await store().contents.listEmbeddedByOthers(store().read, "new", 1))).toEqual(["c"]);
    });

    test("go with the last file that holds them, and not before", async () => {
      await insert({ files: [{}, { id: "f2" }] });
      const forget = () => store().write((tx) => store().contents.deleteUnheldContent(tx, "h1.txt"));
      await store().write((tx) => store().files.deleteFile(tx, "f1"));
      expect(await forget()).toBe(false);
      await store().write((tx) => store().files.deleteFile(tx, "f2"));
      expect(await store().contents.isHashHeld(store().read, "h1")).toBe(true);
      expect(await store().contents.listHashes(store().read)).toEqual(["h1"]);
      expect(await forget()).toBe(true);
      expect(await store().contents.isHashHeld(store().read, "h1")).toBe(false);
    });

    test("that no file holds all go at once", async () => {
      await insert({ contents: [{}, { id: "h2.txt", hash: "h2" }] });
      await store().write((tx) => store().contents.deleteUnheldContents(tx));
      expect(await findContent()).toBeDefined();
      expect(await findContent("h2.txt")).toBeUndefined();
    });
  });

  describe("files", () => {
    test("are read with what is known of their content", async () => {
      await insert();
      const facts = {
        hash: "h1",
        size_bytes: 12,
        status: "processing",
        error: null,
        page_count: null,
        content_name: "report.txt",
      };
      expect(await store().files.findFile(store().read, "f1")).toEqual({ ...file, ...facts });
      expect(idsOf(await store().files.listFilesOfUser(store().read, "u1"))).toEqual(["f1"]);
      expect(await store().files.listFilesOfUser(store().read, "u2")).toEqual([]);
    });

    test("can be moved to another content", async () => {
      await insert({ contents: [{}, { id: "h2.txt", hash: "h2" }] });
      await store().write(async (tx) => {
        await store().files.moveFileToContent(tx, "f1", { content_id: "h2.txt", updated_at_sec: 102 });
      });
      expect(await store().files.findFile(store().read, "f1")).toMatchObject({
        hash: "h2",
        updated_at_sec: 102,
      });
    });
  });

  describe("collections", () => {
    const link = (fileId: string, addedAtSec = 1) =>
      store().write((tx) => store().knowledge.addFile(tx, { knowledgeId: "k1", fileId, addedAtSec }));
    const members = async () => idsOf(await store().knowledge.listFilesOfKnowledge(store().read, "k1"));

    test("keep their files in the order of adding, each once", async () => {
      await insert({ files: [{}, { id: "f2" }] });
      await store().write((tx) => store().knowledge.insertKnowledge(tx, knowledge));
      expect(await link("f2", 1)).toBe(true);
      expect(await link("f1", 2)).toBe(true);
      expect(await link("f2", 3)).toBe(false);
      expect(await members()).toEqual(["f2", "f1"]);
      expect(idsOf(await store().knowledge.listKnowledgeOfFile(store().read, "f1"))).toEqual(["k1"]);
      expect(await store().write((tx) => store().knowledge.removeFile(tx, "k1", "f2"))).toBe(true);
      expect(await store().write((tx) => store().knowledge.removeFile(tx, "k1", "f2"))).toBe(false);
      expect(await store().write((tx) => store().knowledge.removeAllFiles(tx, "k1"))).toBe(1);
      expect(await members()).toEqual([]);
    });

    test("give their files all at once", async () => {
      await insert({ files: [{}, { id: "f2" }] });
      await store().write(async (tx) => {
        for (const id of ["k1", "k2", "k3"]) {
          await store().knowledge.insertKnowledge(tx, { ...knowledge, id });
          if (id !== "k3")
            await store().knowledge.addFile(tx, { knowledgeId: id, fileId: "f1", addedAtSec: 2 });
        }
      });
      await link("f2", 1);
      const files = await store().knowledge.listFilesOfAll(store().read, ["k1", "k2", "k3", "k9"]);
      expect([...files].map(([id, members]) => [id, idsOf(members)]).toSorted()).toEqual([
        ["k1", ["f2", "f1"]],
        ["k2", ["f1"]],
      ]);
      expect(files.get("k1")).toEqual(await store().knowledge.listFilesOfKnowledge(store().read, "k1"));
    });

    test("lose a file that is deleted, and leave their files when they are", async () => {
      await insert({ files: [{}, { id: "f2" }] });
      await store().write((tx) => store().knowledge.insertKnowledge(tx, knowledge));
      await link("f1");
      await link("f2");
      await store().write((tx) => store().files.deleteFile(tx, "f1"));
      expect(await members()).toEqual(["f2"]);
      expect(await store().write((tx) => store().knowledge.deleteKnowledge(tx, "k1"))).toBe(true);
      expect(await store().write((tx) => store().knowledge.deleteKnowledge(tx, "k1"))).toBe(false);
      expect(await store().files.findFile(store().read, "f2")).toBeDefined();
    });

    test("are listed newest update first, and replaced as a whole", async () => {
      await store().write(async (tx) => {
        await store().knowledge.insertKnowledge(tx, knowledge);
        await store().knowledge.insertKnowledge(tx, { ...knowledge, id: "k2", updated_at_sec: 200 });
        await store().knowledge.replaceKnowledge(tx, { ...knowledge, name: "New", updated_at_sec: 300 });
      });
      expect(idsOf(await store().knowledge.listKnowledge(store().read))).toEqual(["k1", "k2"]);
      expect(await store().knowledge.findKnowledge(store().read, "k1")).toMatchObject({ name: "New" });
      const missing = store().write((tx) =>
        store().knowledge.replaceKnowledge(tx, { ...knowledge, id: "k9" }),
      );
      await expect(missing).rejects.toMatchObject({ code: "not_found" });
    });

    test("go with their user, and so do the files", async () => {
      await store().write((tx) =>
        store().users.insertUser(tx, { ...user, id: "u2", email: "bob@example.org" }),
      );
      await insert({ files: [{ user_id: "u2" }] });
      await store().write(async (tx) => {
        await store().knowledge.insertKnowledge(tx, { ...knowledge, user_id: "u2" });
        await store().users.deleteUser(tx, "u2");
      });
      expect(await store().knowledge.findKnowledge(store().read, "k1")).toBeUndefined();
      expect(await store().files.findFile(store().read, "f1")).toBeUndefined();
    });
  });
}
