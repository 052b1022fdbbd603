import { describe, expect, test } from "vitest";
import { ChatForm } from "../src/contract/chat.ts";
import { CompletionRequest } from "../src/contract/completion.ts";
import { type FlowRecord, flawOf } from "./flows.ts";
import { completionBody, EXPECTED_ANSWER, longChat, newTurnIds, QUESTION, tutorialChats } from "./inputs.ts";

const IDS = { userId: "u", answerId: "a", sessionId: "s" };
const TURN = { model: "gpt-4o", question: QUESTION, nowMs: 1_720_000_000_000 };

describe("the bodies of a flow", () => {
  test("hold each message in messages[] and in the history, as the tutorial's steps 1 and 3 do", () => {
    const { created, enriched } = tutorialChats(IDS, TURN);
    expect(created.messages.map(({ id }) => id)).toEqual(["u"]);
    expect(created.history.current_id).toBe("u");
    expect(enriched.messages.map(({ id }) => id)).toEqual(["u", "a"]);
    expect(enriched.history.current_id).toBe("a");
    expect(enriched.history.messages.a).toEqual({
      id: "a",
      role: "assistant",
      content: "",
      parentId: "u",
      modelName: "gpt-4o",
      modelIdx: 0,
      timestamp: TURN.nowMs + 1000,
    });
    for (const chat of [created, enriched]) {
      expect(Object.values(chat.history.messages)).toEqual(chat.messages);
      expect(ChatForm.safeParse({ chat }).success).toBe(true);
    }
  });

  test("ask for a title and nothing else in the background", () => {
    const body = completionBody(IDS, {
      chatId: "c",
      model: "gpt-4o",
      question: QUESTION,
      titleGeneration: true,
    });
    expect(CompletionRequest.parse(body).background_tasks).toEqual({
      title_generation: true,
      tags_generation: false,
      follow_up_generation: false,
    });
    expect(body).toMatchObject({ chat_id: "c", id: "a", session_id: "s", stream: true });
  });

  test("get new ids each time", () => {
    const ids = Array.from({ length: 50 }, () => Object.values(newTurnIds())).flat();
    expect(new Set(ids).size).toBe(150);
  });
});

describe("a long chat", () => {
  test.each([1, 2, 200])("of %i messages is one branch with every link set", (count) => {
    const chat = longChat(count, { model: "gpt-4o", characters: 800, nowMs: 0 });
    expect(ChatForm.safeParse({ chat }).success).toBe(true);
    expect(chat.messages).toHaveLength(count);
    const branch: string[] = [];
    for (let id: string | null | undefined = chat.history.currentId; id; ) {
      const message: (typeof chat.messages)[number] = chat.history.messages[id]!;
      expect(message.childrenIds).toEqual(branch.slice(0, 1));
      branch.unshift(id);
      id = message.parentId;
    }
    expect(branch).toEqual(chat.messages.map(({ id }) => id));
  });

  test("is the same each time, and of the size asked for", () => {
    const options = { model: "gpt-4o", characters: 800, nowMs: 0 };
    expect(longChat(10, options)).toEqual(longChat(10, options));
    for (const { content } of longChat(10, options).messages) {
      expect(content.length).toBeGreaterThan(700);
      expect(content.length).toBeLessThanOrEqual(800);
    }
  });
});

describe("the check at the end of a flow", () => {
  const record = (change: (record: FlowRecord) => void = () => {}): FlowRecord => {
    const { enriched } = tutorialChats(IDS, TURN);
    const answered = { ...enriched.messages[1]!, content: EXPECTED_ANSWER, done: true };
    const made: FlowRecord = {
      id: "c",
      title: "Capital of France",
      chat: {
        title: "Capital of France",
        messages: [enriched.messages[0]!, { ...answered }],
        history: { currentId: "a", messages: { u: enriched.messages[0]!, a: { ...answered } } },
      },
    };
    change(made);
    return made;
  };

  test("passes a finished record", () => expect(flawOf(record(), IDS, true)).toBeNull());

  test.each<[string, (record: FlowRecord) => void]>([
    [
      "text",
      ({ chat }) => {
        chat.history.messages.a!.content = "Lyon";
      },
    ],
    [
      "current message",
      ({ chat }) => {
        chat.history.currentId = "u";
      },
    ],
    [
      "branch",
      ({ chat }) => {
        chat.history.messages.a!.parentId = null;
      },
    ],
    [
      "branch",
      ({ chat }) => {
        delete chat.history.messages.u;
      },
    ],
  ])("finds a wrong %s on any server", (word, change) => {
    expect(flawOf(record(change), IDS, false)).toContain(word);
  });

  test.each<[string, (record: FlowRecord) => void]>([
    [
      "title",
      (record) => {
        record.title = "New Chat";
      },
    ],
    [
      "title",
      ({ chat }) => {
        chat.title = "New Chat";
      },
    ],
    [
      "chat.messages[]",
      ({ chat }) => {
        chat.messages[1]!.content = "";
      },
    ],
    [
      "done",
      ({ chat }) => {
        chat.history.messages.a!.done = false;
      },
    ],
  ])("finds a wrong %s only where the tutorial is to be kept", (word, change) => {
    expect(flawOf(record(change), IDS, true)).toContain(word);
    expect(flawOf(record(change), IDS, false)).toBeNull();
  });

  test("ends on a cycle of parents", () => {
    const cyclic = record(({ chat }) => {
      chat.history.messages.a!.parentId = "a";
    });
    expect(flawOf(cyclic, IDS, false)).toContain("branch");
  });
});
