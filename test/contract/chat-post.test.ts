import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  branchOf,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  finalMessage,
  listedMessage,
  newChat,
  placeholder,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import type { Caller, Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const ANSWER = "The capital of France is Paris.";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const post = async (chatId: string, chat: unknown) =>
  expectOk(await owner.post(`/api/v1/chats/${chatId}`, { chat }));
const ids = (record: Json) => record.chat.messages.map(({ id }: Json) => id);
const messagesOf = (record: Json) => record.chat.history.messages;

/** u1 > a1, answered by hand. */
async function oneTurn(): Promise<string> {
  const messages = [userMessage("u1", "One?"), placeholder("a1", "u1", { content: "One.", done: true })];
  return (await newChat(owner, chatOf(messages))).id;
}

async function answeredChat() {
  const chat = await askedChat(owner);
  expectOk(await complete(owner, completionBody(chat, { stream: false })));
  return chat;
}

describe("what a post adds", () => {
  test("a new id without parentId is appended to the current branch", async () => {
    const chatId = await oneTurn();
    const more = userMessage("u2", "Two?");
    const posted = await post(chatId, {
      messages: [more],
      history: { current_id: "u2", messages: { u2: more } },
    });
    expect(ids(posted)).toEqual(["u1", "a1", "u2"]);
    expect(messagesOf(posted).u2.parentId).toBe("a1");
    expect(messagesOf(posted).a1).toMatchObject({ content: "One.", childrenIds: ["u2"] });
    expect(posted.chat.currentId).toBe("u2");
  });

  test.each([
    { where: "history alone", chat: (more: Json) => ({ history: { messages: { [more.id]: more } } }) },
    { where: "messages alone", chat: (more: Json) => ({ messages: [more] }) },
  ])("... also when it stands in $where", async ({ chat }) => {
    const chatId = await oneTurn();
    const posted = await post(chatId, chat(userMessage("u2", "Two?")));
    expect(branchOf(posted, "u2")).toEqual(["u1", "a1", "u2"]);
    expect(messagesOf(posted).a1.content).toBe("One.");
  });

  test("a given parentId is honoured", async () => {
    const chatId = await oneTurn();
    const root = userMessage("u0", "Zero?", { parentId: null, childrenIds: [] });
    const posted = await post(chatId, {
      history: { messages: { b1: placeholder("b1", "u1"), u0: root } },
    });
    expect(messagesOf(posted).b1.parentId).toBe("u1");
    expect(messagesOf(posted).u1.childrenIds).toEqual(["a1", "b1"]);
    expect(messagesOf(posted).u0.parentId).toBeNull();
  });

  test("a partial message is merged field by field", async () => {
    const chatId = await oneTurn();
    const before = await fetchChat(owner, chatId);
    const posted = await post(chatId, {
      history: { messages: { a1: { mine: 1 }, u1: { content: "Uno?" } } },
    });
    const { revision: _, ...a1 } = messagesOf(before).a1;
    expect(messagesOf(posted).a1).toMatchObject({ ...a1, mine: 1 });
    expect(messagesOf(posted).u1).toMatchObject({ content: "Uno?", role: "user", childrenIds: ["a1"] });
  });

  test("DTOs without all links are merged, and leaving one out deletes nothing", async () => {
    const chatId = await oneTurn();
    const dto = { id: "u1", role: "user", content: "One?", timestamp: 1720000000000, models: ["gpt-4o"] };
    const posted = await post(chatId, {
      messages: [dto],
      history: { current_id: "u1", messages: { u1: dto } },
    });
    expect(Object.keys(messagesOf(posted))).toEqual(["u1", "a1"]);
    expect(messagesOf(posted).a1.content).toBe("One.");
  });

  test("other keys of the chat replace their values; absent ones survive", async () => {
    const chatId = await oneTurn();
    await post(chatId, { params: { temperature: 1 }, mine: { a: 1 } });
    const posted = await post(chatId, { params: { top_p: 1 }, title: "Mine" });
    expect(posted.chat).toMatchObject({ params: { top_p: 1 }, mine: { a: 1 }, title: "Mine" });
    expect(posted.title).toBe("Mine");
    expect(posted.chat.params).not.toHaveProperty("temperature");
  });

  test("a re-linking that would close a circle is refused whole", async () => {
    const chatId = await oneTurn();
    const before = await fetchChat(owner, chatId);
    const chat = { title: "Changed", history: { messages: { u1: { parentId: "a1" } } } };
    expect((await owner.post(`/api/v1/chats/${chatId}`, { chat })).status).toBe(400);
    expect(await fetchChat(owner, chatId)).toEqual(before);
  });
});

describe("the current message and the order of children", () => {
  test.each([
    { posted: { currentId: "a1", current_id: "b1" }, stored: "b1", wins: "a1" },
    { posted: { currentId: "b1", current_id: "a1" }, stored: "b1", wins: "a1" },
    { posted: { currentId: "a1" }, stored: "b1", wins: "a1" },
    { posted: { current_id: "a1" }, stored: "b1", wins: "a1" },
    { posted: {}, top: { currentId: "a1" }, stored: "b1", wins: "a1" },
    { posted: { currentId: "b1" }, top: { currentId: "a1" }, stored: "b1", wins: "a1" },
  ])(
    "stored $stored, posted $posted $top: $wins, in all three names",
    async ({ posted, top, stored, wins }) => {
      const chatId = await oneTurn();
      await post(chatId, { history: { currentId: stored, messages: { b1: placeholder("b1", "u1") } } });
      const { chat } = await post(chatId, { history: posted, ...top });
      expect([chat.currentId, chat.history.currentId, chat.history.current_id]).toEqual([wins, wins, wins]);
    },
  );

  test("a message that is not there never becomes current", async () => {
    const chatId = await oneTurn();
    const chat = { history: { currentId: "nowhere" } };
    expect([200, 400]).toContain((await owner.post(`/api/v1/chats/${chatId}`, { chat })).status);
    expect((await fetchChat(owner, chatId)).chat.currentId).toBe("a1");
  });

  test("posted childrenIds order the children and never unlink or hide one", async () => {
    const chatId = await oneTurn();
    await post(chatId, {
      history: { messages: { b1: placeholder("b1", "u1"), c1: placeholder("c1", "u1") } },
    });
    const ordered = await post(chatId, { history: { messages: { u1: { childrenIds: ["c1", "a1"] } } } });
    expect(messagesOf(ordered).u1.childrenIds.toSorted()).toEqual(["a1", "b1", "c1"]);
    const { childrenIds } = messagesOf(ordered).u1;
    expect(childrenIds.indexOf("c1")).toBeLessThan(childrenIds.indexOf("a1"));
    const emptied = await post(chatId, { history: { messages: { u1: { childrenIds: [] } } } });
    expect(messagesOf(emptied).u1.childrenIds.toSorted()).toEqual(["a1", "b1", "c1"]);
  });
});

describe("a final or running answer", () => {
  const rows = [
    { name: "an empty text", content: "", becomes: ANSWER },
    { name: "the beginning of it", content: "The capital of", becomes: ANSWER },
    { name: "another text: an edit", content: "It is Paris.", becomes: "It is Paris." },
  ];
  test.each(rows)("a post without a revision, of $name", async ({ content, becomes }) => {
    const chat = await answeredChat();
    const message = placeholder(chat.answerId, chat.userId, { content });
    await post(chat.chatId, { messages: [message], history: { messages: { [chat.answerId]: message } } });
    const record = await fetchChat(owner, chat.chatId);
    expect(messagesOf(record)[chat.answerId].content).toBe(becomes);
    expect(listedMessage(record, chat.answerId).content).toBe(becomes);
  });

  test("step 3's own body posted again after the end changes nothing", async () => {
    const chat = await answeredChat();
    const before = await fetchChat(owner, chat.chatId);
    await post(
      chat.chatId,
      chatOf([userMessage(chat.userId, chat.question), placeholder(chat.answerId, chat.userId)]),
    );
    const { content, done, usage } = messagesOf(await fetchChat(owner, chat.chatId))[chat.answerId];
    expect({ content, done }).toEqual({ content: ANSWER, done: true });
    expect(usage).toEqual(messagesOf(before)[chat.answerId].usage);
  });

  test("a post while it runs does not stop its text from arriving", async () => {
    const chat = await askedChat(owner, "[[tokens=20]] [[delay=20]]");
    await trigger(owner, chat);
    await eventually("it runs", () => stage.provider.requests.some(({ tokensSent }) => tokensSent > 2));
    await post(
      chat.chatId,
      chatOf([userMessage(chat.userId, chat.question), placeholder(chat.answerId, chat.userId)]),
    );
    const message = await finalMessage(owner, chat.chatId, chat.answerId);
    expect(message.content.trim().split(" ")).toHaveLength(20);
  });
});

describe("titles and tags that were generated", () => {
  async function titledChat() {
    const chat = await askedChat(owner);
    const background_tasks = { title_generation: true, tags_generation: true };
    expectOk(await complete(owner, completionBody(chat, { stream: false, background_tasks })));
    const record = await eventually("the chat has its title and tags", async () => {
      const found = await fetchChat(owner, chat.chatId);
      return found.title !== "New Chat" && found.chat.tags.length > 0 ? found : undefined;
    });
    return { ...chat, record };
  }

  test("are not undone by the title posted before, nor by empty tags", async () => {
    const { chatId, record } = await titledChat();
    const posted = await post(chatId, { title: "New Chat", tags: [] });
    expect(posted.title).toBe(record.title);
    expect(posted.chat.title).toBe(record.title);
    expect(posted.chat.tags).toEqual(record.chat.tags);
  });

  test("are replaced by another title", async () => {
    const { chatId } = await titledChat();
    expect((await post(chatId, { title: "My own" })).title).toBe("My own");
    expect((await fetchChat(owner, chatId)).chat.title).toBe("My own");
  });
});
