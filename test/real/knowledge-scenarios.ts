import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenWebUiClient } from "../../src/index.ts";
import { OffstageError } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { chatFiles } from "../../src/flow/turn-material.ts";
import { completionsOf, forestChat, question, type RealStage, type Scenario } from "./stage.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
const LIGHTHOUSE = "The lighthouse of Sandhamn is painted green and is 31 metres high.";

/** What an answer is asked about: collections and files. */
export const KNOWLEDGE_SCENARIOS: Readonly<Record<string, Scenario>> = {
  async "a question about a collection and about a file gets its sources"(stage) {
    const { client } = stage.offstage;
    await onFolder(async (folder) => {
      const path = await writeText(folder, "lighthouse.txt", LIGHTHOUSE);
      const knowledge = await ferryCollection(client, `Timetables ${Date.now()}`);
      try {
        const first = await stage.offstage
          .ask(question("When does the ferry to Lund leave?", { knowledge: [knowledge.name] }))
          .answer();
        deepEqual(
          first.passages.map(({ number, name, text }) => ({ number, name, text: text.trim() })),
          [{ number: 1, name: "ferry.txt", text: FERRY }],
        );
        ok(wasTold(stage, "leaves at 09:40"), "the model was told the passage");
        const { chatId } = first;
        const about = "How high is the lighthouse of Sandhamn?";
        const second = await stage.offstage.ask(question(about, { chatId, files: [path] })).answer();
        ok(second.passages.some(({ name, text }) => name === "lighthouse.txt" && text.includes("31 metres")));
        ok(wasTold(stage, "31 metres"), "the model was told the file's passage");
        const { chat } = await forestChat(stage, chatId);
        const [attached] = chat.history.messages[second.userMessageId]?.files as { id: string; name: string }[];
        equal(attached?.name, "lighthouse.txt");
        deepEqual(
          chatFiles(chat).map(({ type, id }) => ({ type, id })),
          [
            { type: "collection", id: knowledge.id },
            { type: "file", id: attached?.id },
          ],
        );
        // Whoever goes on asks about the same, as the web UI does.
        const third = await stage.offstage.ask(question("And the ferry to Lund?", { chatId })).answer();
        const names = [...new Set(third.passages.map(({ name }) => name))].sort();
        deepEqual(names, ["ferry.txt", "lighthouse.txt"]);
        await client.deleteKnowledge(knowledge.id);
        await client.deleteFile(attached?.id ?? "");
        const last = await stage.offstage.ask(question("And after that?", { chatId })).answer();
        equal(last.passages.length, 0);
        stage.note(`similarity ${first.passages[0]?.similarity?.toFixed(3)}`);
      } finally {
        await client.deleteKnowledge(knowledge.id).catch(ignoreGone);
      }
    });
  },

  async "a file that is still processing is waited for"(stage) {
    const { client } = stage.offstage;
    await onFolder(async (folder) => {
      const paragraphs = Array.from({ length: 150 }, (_, at) => `Buoy ${at} of row ${at * 7} blinks.`.repeat(8));
      const path = await writeText(folder, "buoys.txt", [...paragraphs, LIGHTHOUSE].join("\n\n"));
      const turn = stage.offstage.ask(question("How high is the lighthouse of Sandhamn?", { files: [path] }));
      const states: string[] = [];
      for await (const event of turn) if (event.type === "state") states.push(event.state);
      const answer = await turn.answer();
      equal(states[0], "waiting-for-files");
      ok(answer.passages.length > 0, "it drew on the file");
      ok(answer.passages.some(({ text }) => text.includes("31 metres")), "and on its last paragraph");
      const [id] = [...new Set(answer.passages.map(({ fileId }) => fileId))];
      const { status } = await client.fileStatus(id ?? "");
      equal(status, "completed");
      const sent = new Uint8Array(await new Blob(await collect(client.readFileContent(id ?? ""))).arrayBuffer());
      match(Buffer.from(sent).toString("utf8"), /Buoy 149/);
      stage.note(`${answer.passages.length} passages`);
    });
  },

  async "an upload whose reply is lost is found again"(stage) {
    await onFolder(async (folder) => {
      const path = await writeText(folder, `lost-${Date.now()}.txt`, LIGHTHOUSE);
      let lost = 0;
      const another = stage.connect(async (input, init) => {
        const response = await fetch(input, init);
        const { pathname } = new URL(String(input));
        if (lost > 0 || init?.method !== "POST" || pathname !== "/api/v1/files/") return response;
        lost++;
        await response.body?.cancel();
        throw new TypeError("fetch failed", { cause: Object.assign(new Error("cut"), { code: "ECONNRESET" }) });
      });
      const answer = await another.ask(question("How high is the lighthouse?", { files: [path] })).answer();
      equal(lost, 1);
      ok(answer.passages.length > 0);
      const files = await stage.offstage.client.listFiles();
      equal(files.filter(({ name }) => path.endsWith(name)).length, 1);
    });
  },

  async "a name that means no collection, or two, is refused before anything is asked"(stage) {
    const { client } = stage.offstage;
    const name = `Twins ${Date.now()}`;
    const twins = [await client.createKnowledge({ name }), await client.createKnowledge({ name })];
    try {
      await refused(stage, [`${name} and more`], /No collection/);
      await refused(stage, [name.toLowerCase()], /2 collections are called/);
      await refused(stage, [twins[0]?.id ?? ""], /is empty/);
      equal(completionsOf(stage.provider).length, 0);
    } finally {
      for (const { id } of twins) await client.deleteKnowledge(id);
    }
  },
};

async function refused(stage: RealStage, knowledge: string[], sentence: RegExp): Promise<void> {
  const turn = stage.offstage.ask(question("Who?", { knowledge }));
  const error = await turn.answer().then(
    () => null,
    (thrown) => thrown,
  );
  ok(error instanceof OffstageError);
  equal(error.code, "bad_input");
  match(error.message, sentence);
  equal(turn.chatId, null);
}

/** Whether a model was told a text since the scenario began. */
function wasTold({ provider }: RealStage, text: string): boolean {
  return provider.requests.some(({ body }) => JSON.stringify(body?.messages)?.includes(text));
}

async function ferryCollection(client: OpenWebUiClient, name: string) {
  const knowledge = await client.createKnowledge({ name, description: "Boats" });
  const file = await client.uploadFile({ bytes: new TextEncoder().encode(FERRY), name: "ferry.txt" });
  for await (const { status, error } of client.watchFile(file.id)) ok(status !== "failed", error ?? "");
  await client.addFileToKnowledge(knowledge.id, file.id);
  await eventually("the collection lists its file", async () => {
    const files = await client.listKnowledgeFiles(knowledge.id);
    return files.length === 1 && files[0]?.id === file.id && files[0]?.status === "completed";
  });
  return knowledge;
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>[]> {
  const all: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) all.push(new Uint8Array(piece));
  return all;
}

function ignoreGone(thrown: unknown): void {
  if (!(thrown instanceof OffstageError)) throw thrown;
}

async function writeText(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function onFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "offstage-knowledge-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
