import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  finalMessage,
  newChat,
  placeholder,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import type { Caller, Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

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
const keys = (record: Json) => Object.keys(record.chat.history.messages);

async function twoTurns(): Promise<Json> {
  const messages = [
    userMessage("u1", "One?", { parentId: null, childrenIds: ["a1"] }),
    placeholder("a1", "u1", { content: "One.", done: true, childrenIds: ["u2"] }),
    userMessage("u2", "Two?", { parentId: "a1", childrenIds: ["a2"] }),
    placeholder("a2", "u2", { content: "Two.", done: true, childrenIds: [] }),
  ];
  return fetchChat(owner, (await newChat(owner, chatOf(messages))).id);
}

/** What a page that holds `record` saves after its user deleted some messages: whole, with links that fit. */
function saved(record: Json, without: string[], more: Record<string, Json> = {}, currentId?: string): Json {
  const messages: Record<string, Json> = {};
  for (const [id, message] of Object.entries<Json>({ ...record.chat.history.messages, ...more })) {
    if (without.includes(id)) continue;
    messages[id] = {
      ...message,
      childrenIds: message.childrenIds.filter((child: string) => !without.includes(child)),
    };
  }
  for (const message of Object.values(more)) {
    const parent = messages[message.parentId];
    if (parent && !parent.childrenIds.includes(message.id)) parent.childrenIds.push(message.id);
  }
  return {
    messages: Object.values(messages),
    history: { currentId: currentId ?? Object.keys(messages).at(-1), messages },
  };
}

describe("a web UI's whole save", () => {
  test("deletes what it leaves out", async () => {
    const record = await twoTurns();
    const posted = await post(record.id, saved(record, ["u2", "a2"]));
    expect(keys(posted)).toEqual(["u1", "a1"]);
    expect(posted.chat.history.messages.a1.childrenIds).toEqual([]);
    expect(posted.chat.currentId).toBe("a1");
    expect(keys(await fetchChat(owner, record.id))).toEqual(["u1", "a1"]);
  });

  test("carries a revision on each message, from GET", async () => {
    const record = await twoTurns();
    for (const message of Object.values<Json>(record.chat.history.messages)) {
      expect(message.revision).toEqual(expect.any(Number));
    }
  });

  test("keeps what is newer than all that it has seen", async () => {
    const stale = await twoTurns();
    await post(stale.id, { messages: [userMessage("u3", "Three?")] });
    const posted = await post(stale.id, saved(stale, ["u2", "a2"]));
    expect(posted.chat.history.messages).toHaveProperty("u3");
    for (const message of Object.values<Json>(posted.chat.history.messages)) {
      if (message.parentId !== null) {
        expect(posted.chat.history.messages).toHaveProperty(message.parentId);
      }
    }
  });

  test("keeps what another wrote meanwhile into a message that it holds", async () => {
    const stale = await twoTurns();
    const answered = { ...placeholder("b1", "u1"), childrenIds: [] };
    await post(stale.id, { history: { messages: { b1: answered } } });
    const question = [{ role: "user", content: "Hi, what is the capital of France?" }];
    const body = { chat_id: stale.id, id: "b1", model: "gpt-4o", messages: question };
    expectOk(await complete(owner, body));
    const posted = await post(stale.id, saved(stale, []));
    expect(posted.chat.history.messages.b1.content).toBe("The capital of France is Paris.");
  });

  test("may hold several roots: a first message that was edited is a sibling", async () => {
    const record = await twoTurns();
    const more = { v1: userMessage("v1", "Uno?", { parentId: null, childrenIds: [] }) };
    const posted = await post(record.id, saved(record, [], more, "v1"));
    expect(posted.chat.history.messages.v1.parentId).toBeNull();
    expect(posted.chat.history.messages.u1.parentId).toBeNull();
    expect(posted.chat.currentId).toBe("v1");
    expect(keys(posted)).toContain("a2");
  });

  test("may delete again what an earlier save of it brought", async () => {
    const record = await twoTurns();
    const more = {
      u3: userMessage("u3", "Three?", { parentId: "a2", childrenIds: ["a3"] }),
      a3: placeholder("a3", "u3", { childrenIds: [], content: "Three.", done: true }),
    };
    expect(keys(await post(record.id, saved(record, [], more)))).toContain("a3");
    const posted = await post(record.id, saved(record, []));
    expect(keys(posted)).toEqual(["u1", "a1", "u2", "a2"]);
  });

  test("never deletes what is being answered", async () => {
    const chat = await askedChat(owner, "[[tokens=25]] [[delay=20]]");
    await trigger(owner, chat);
    await eventually("it runs", () => stage.provider.requests.some(({ tokensSent }) => tokensSent > 2));
    const record = await fetchChat(owner, chat.chatId);
    const posted = await post(chat.chatId, saved(record, [chat.answerId], {}, chat.userId));
    expect(keys(posted)).toContain(chat.answerId);
    const message = await finalMessage(owner, chat.chatId, chat.answerId);
    expect(message.content.trim().split(" ")).toHaveLength(25);
    expect(message.parentId).toBe(chat.userId);
  });

  test("never removes a field that the server wrote", async () => {
    const chat = await askedChat(owner);
    const background_tasks = { follow_up_generation: true };
    expectOk(await complete(owner, completionBody(chat, { stream: false, background_tasks })));
    const record = await eventually("it has follow-ups", async () => {
      const found = await fetchChat(owner, chat.chatId);
      return found.chat.history.messages[chat.answerId].followUps ? found : undefined;
    });
    const { usage, followUps, model, ...stripped } = record.chat.history.messages[chat.answerId];
    const whole = saved(record, []);
    whole.history.messages[chat.answerId] = stripped;
    const posted = await post(chat.chatId, whole);
    expect(posted.chat.history.messages[chat.answerId]).toMatchObject({ usage, followUps, model });
  });

  test("an answer that the page saw whole may be edited to anything but nothing", async () => {
    const chat = await askedChat(owner);
    expectOk(await complete(owner, completionBody(chat, { stream: false })));
    const record = await fetchChat(owner, chat.chatId);
    const whole = saved(record, []);
    whole.history.messages[chat.answerId] = {
      ...whole.history.messages[chat.answerId],
      content: "The capital",
    };
    whole.messages = Object.values(whole.history.messages);
    const posted = await post(chat.chatId, whole);
    expect(posted.chat.history.messages[chat.answerId].content).toBe("The capital");
    const emptied = saved(await fetchChat(owner, chat.chatId), []);
    emptied.history.messages[chat.answerId] = { ...emptied.history.messages[chat.answerId], content: "" };
    await post(chat.chatId, emptied);
    const record2 = await fetchChat(owner, chat.chatId);
    expect(record2.chat.history.messages[chat.answerId].content).not.toBe("");
  });

  test("an id that was deleted can be used again", async () => {
    const record = await twoTurns();
    await post(record.id, saved(record, ["u2", "a2"]));
    const posted = await post(record.id, { messages: [userMessage("u2", "Again?", { parentId: "a1" })] });
    expect(posted.chat.history.messages.u2).toMatchObject({ content: "Again?", parentId: "a1" });
  });
});

describe("a post that is no whole save is merged, and deletes nothing", () => {
  const rows: { name: string; change: (chat: Json) => void }[] = [
    { name: "no currentId", change: (chat) => delete chat.history.currentId },
    { name: "only current_id", change: (chat) => renameCurrent(chat) },
    {
      name: "one message without childrenIds",
      change: (chat) => delete chat.history.messages.u1.childrenIds,
    },
    { name: "one message without parentId", change: (chat) => delete chat.history.messages.u1.parentId },
    {
      name: "a child that it does not hold",
      change: (chat) => chat.history.messages.a1.childrenIds.push("u2"),
    },
  ];
  test.each(rows)("$name", async ({ change }) => {
    const record = await twoTurns();
    const chat = saved(record, ["u2", "a2"]);
    change(chat);
    const posted = await post(record.id, { history: chat.history });
    expect(keys(posted)).toEqual(["u1", "a1", "u2", "a2"]);
  });

  test("ids of which the chat holds none", async () => {
    const record = await twoTurns();
    const messages = { x: userMessage("x", "New?", { parentId: null, childrenIds: [] }) };
    const posted = await post(record.id, { history: { currentId: "x", messages } });
    expect(keys(posted).toSorted()).toEqual(["a1", "a2", "u1", "u2", "x"]);
  });

  function renameCurrent(chat: Json): void {
    chat.history.current_id = chat.history.currentId;
    delete chat.history.currentId;
  }
});
