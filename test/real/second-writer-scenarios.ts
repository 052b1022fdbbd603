import { deepEqual, equal, ok } from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { OpenWebUiClient, StoredChat, WireMessage } from "../../src/index.ts";
import { expectBranch, expectedAnswer, MODEL, question, type RealStage, type Scenario } from "./stage.ts";

/** A person with the same chat open, while the flow works in it. */
export const SECOND_WRITER_SCENARIOS: Readonly<Record<string, Scenario>> = {
  async "a second writer between any two calls loses nothing and is not lost"(stage) {
    const { chatId } = await stage.offstage.ask(question("first")).answer();
    const { historyMerge } = await stage.offstage.capabilities();
    const notes: { id: string; before: string }[] = [];
    /** From the request until the answer was read: a tab that saves meanwhile may overwrite it, whoever asked. */
    let answering = false;
    const another = stage.connect(async (input, init) => {
      const path = pathOf(input);
      const before = `${init?.method} ${path}`;
      if (!answering && path.startsWith(`/api/v1/chats/${chatId}`))
        notes.push({ id: await leaveNote(stage.offstage.client, chatId), before });
      if (path === "/api/chat/completions") answering = true;
      const response = await fetch(input, init);
      if (answering && init?.method === "GET")
        answering = !(await response.clone().text()).includes(expectedAnswer("second", 3));
      return response;
    });
    const second = await another.ask(question("second", { chatId, wait: "poll" })).answer();
    stage.note(`${notes.length} writes between`);
    ok(notes.length > 1, "the second writer came to write");
    const { chat } = await expectTwoTurns(stage, chatId);
    equal(chat.history.messages[second.messageId]?.parentId, second.userMessageId);
    const lost = notes.filter(({ id }) => chat.history.messages[id] === undefined);
    // Between a client's read and its write, a server that replaces the chat has no way to say that it changed.
    const unforeseeable = lost.filter(
      ({ before }) => !historyMerge && before === `POST /api/v1/chats/${chatId}`,
    );
    if (unforeseeable.length > 0) stage.note(`${unforeseeable.length} lost between a read and its write`);
    deepEqual(
      lost.filter((note) => !unforeseeable.includes(note)),
      [],
    );
  },

  async "a tab that saves what it read before the question does not take the question away"(stage) {
    const { chatId } = await stage.offstage.ask(question("first")).answer();
    const { chat: stale } = await stage.offstage.client.getChat(chatId);
    let saves = 0;
    const another = stage.connect(async (input, init) => {
      const response = await fetch(input, init);
      if (saves === 0 && init?.method === "POST" && pathOf(input) === `/api/v1/chats/${chatId}`) {
        saves += 1;
        await stage.offstage.client.updateChat(chatId, stale);
      }
      return response;
    });
    await another.ask(question("second", { chatId })).answer();
    equal(saves, 1);
    await expectTwoTurns(stage, chatId);
  },
};

/** Proves that the chat shows the two turns of "first" and "second", and nothing of anybody else's. */
function expectTwoTurns(stage: RealStage, chatId: string): Promise<StoredChat> {
  return expectBranch(stage, chatId, [
    "first",
    expectedAnswer("first"),
    "second",
    expectedAnswer("second", 3),
  ]);
}

function pathOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}

/** What another tab does: reads the chat, adds a message beside the branch, and saves all of it. */
async function leaveNote(client: OpenWebUiClient, chatId: string): Promise<string> {
  const { chat } = await client.getChat(chatId);
  const id = randomUUID();
  const note: WireMessage = {
    id,
    role: "user",
    content: "a note",
    parentId: null,
    childrenIds: [],
    timestamp: Math.floor(Date.now() / 1_000),
    models: [MODEL],
  };
  await client.updateChat(chatId, {
    ...chat,
    history: { ...chat.history, messages: { ...chat.history.messages, [id]: note } },
  });
  return id;
}
