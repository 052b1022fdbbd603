import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatFiles } from "../../src/flow/turn-material.ts";
import { citedPassages, createOffstage, OffstageError, type OpenWebUiClient } from "../../src/index.ts";
import { collect } from "../support/collect.ts";
import { eventually } from "../support/eventually.ts";
import { completionsOf, forestChat, MODEL, question, type RealStage, type Scenario } from "./stage.ts";

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
        const [attached] = chatFiles({ ...chat, files: chat.history.messages[second.userMessageId]?.files });
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
    stage.provider.configure({ embedMs: 150 });
    const looks: string[] = [];
    const another = stage.connect(async (input, init) => {
      const { pathname } = new URL(String(input));
      const response = await fetch(input, init);
      if (pathname === "/api/chat/completions") looks.push("asked");
      if (pathname.endsWith("/process/status")) looks.push(statusIn(await response.clone().text()));
      return response;
    });
    await onFolder(async (folder) => {
      const paragraphs = Array.from({ length: 60 }, (_, at) =>
        `Buoy ${at} of row ${at * 7} blinks.`.repeat(8),
      );
      const path = await writeText(folder, "buoys.txt", [...paragraphs, LIGHTHOUSE].join("\n\n"));
      const turn = another.ask(question("How high is the lighthouse of Sandhamn?", { files: [path] }));
      const states: string[] = [];
      for await (const event of turn) if (event.type === "state") states.push(event.state);
      const answer = await turn.answer();
      equal(states[0], "waiting-for-files");
      equal(looks.filter((look) => look === "asked").length, 1);
      // Servers that process while they receive are not looked at.
      const before = looks.slice(0, looks.indexOf("asked"));
      ok(before.length === 0 || before.at(-1) === "completed", looks.join(" "));
      ok(
        answer.passages.some(({ text }) => text.includes("31 metres")),
        "it drew on the last paragraph",
      );
      const fileId = answer.passages[0]?.fileId ?? "";
      equal((await stage.offstage.client.fileStatus(fileId)).status, "completed");
      const pieces = await collect(stage.offstage.client.readFileContent(fileId));
      match(Buffer.concat(pieces).toString(), /Buoy 59/);
      stage.note(looks.join(" "));
    });
  },

  async "a question without a chat gets its sources in the reply"(stage) {
    const { client } = stage.offstage;
    const { version } = await stage.offstage.capabilities();
    const knowledge = await ferryCollection(client, `Stateless ${Date.now()}`);
    try {
      const body = {
        model: MODEL,
        stream: false,
        messages: [{ role: "user" as const, content: "When does the ferry to Lund leave?" }],
        files: [{ id: knowledge.id, type: "collection", status: "processed" }],
      };
      const started = await client.startCompletion(body, { want: "completion" }).catch((thrown) => {
        if (version !== "0.9.5") throw thrown;
        stage.note("it completes nothing without a chat");
        return null;
      });
      if (started === null) return;
      const sources = started.kind === "completion" ? started.body.sources : null;
      deepEqual(
        citedPassages(sources).map(({ number, name }) => ({ number, name })),
        [{ number: 1, name: "ferry.txt" }],
      );
    } finally {
      await client.deleteKnowledge(knowledge.id);
    }
  },

  async "a collection of somebody else is not known, by name or by id"(stage) {
    const { client } = stage.offstage;
    const knowledge = await ferryCollection(client, `Private ${Date.now()}`);
    const email = `reader-${Date.now()}@example.org`;
    const added = await fetch(`${stage.baseUrl}/api/v1/auths/add`, {
      method: "POST",
      headers: { authorization: `Bearer ${stage.token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "reader", email, password: "correct horse battery", role: "user" }),
    });
    const { token } = (await added.json()) as { token: string };
    const reader = createOffstage({ baseUrl: stage.baseUrl, token });
    try {
      for (const wanted of [knowledge.name, knowledge.id]) {
        const error = await reader
          .ask(question("When does the ferry leave?", { knowledge: [wanted] }))
          .answer()
          .catch((thrown) => thrown);
        equal(error.code, "bad_input");
        match(error.message, /No collection has the name or id/);
      }
      const read = await reader.client.getKnowledge(knowledge.id).catch((thrown) => thrown);
      ok(["not_found", "forbidden"].includes(read.code), read.message);
    } finally {
      await reader.close();
      await client.deleteKnowledge(knowledge.id);
    }
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
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("cut"), { code: "ECONNRESET" }),
        });
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

/** A status as its server spells it, or that there is none. */
function statusIn(text: string): string {
  return /"status": *"([a-z]+)"/.exec(text)?.[1] ?? "none";
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
