import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  finalMessage,
  listedMessage,
  MODEL,
  noTasks,
  trigger,
} from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage({ server: { limits: { providerIdleTimeoutMs: 600 } } });
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const FOUR = "tok0 tok1 tok2 tok3";

/** What a provider does wrong; whether before or after its first bytes; what is left of the answer. */
const FAULTS: {
  fault: string;
  /** HTTP statuses for a caller who waits; null where the stream had begun, so that it is 200. */
  status: number[] | null;
  keeps: string;
  error: RegExp;
}[] = [
  { fault: "[[status=500]]", status: [500], keeps: "", error: /500/ },
  { fault: "[[status=503]]", status: [503], keeps: "", error: /503/ },
  { fault: "[[status=429]]", status: [429], keeps: "", error: /429/ },
  { fault: "[[status=401]]", status: [401], keeps: "", error: /401/ },
  { fault: "[[status=404]]", status: [404], keeps: "", error: /404/ },
  { fault: "[[hang]]", status: [504], keeps: "", error: /600 ms|0\.6 s|time|silen/i },
  { fault: "[[badjson]]", status: [502], keeps: "", error: /JSON/ },
  { fault: "[[abort=4]]", status: null, keeps: FOUR, error: /\w+ \w+/ },
  { fault: "[[stall=4]]", status: null, keeps: FOUR, error: /600 ms|0\.6 s|time|silen/i },
  { fault: "[[sseerror=4]]", status: null, keeps: FOUR, error: /mock failure in mid-stream/ },
  { fault: "[[nodone=4]]", status: null, keeps: FOUR, error: /\w+ \w+/ },
];

describe("a provider that fails", () => {
  test.each(FAULTS)(
    "$fault in the background: the message is final, with the error and the text so far",
    async (row) => {
      const chat = await askedChat(owner, `[[tokens=9]] ${row.fault}`);
      await trigger(owner, chat, { background_tasks: { title_generation: true } });
      const message = await finalMessage(owner, chat.chatId, chat.answerId);
      assertFailed(message, row);
      await noTasks(owner, chat.chatId);
      const record = await fetchChat(owner, chat.chatId);
      expect(listedMessage(record, chat.answerId)).toEqual(record.chat.history.messages[chat.answerId]);
      expect(record.title).toBe("New Chat");
    },
  );

  test.each(FAULTS)("$fault to a caller who waits for SSE", async (row) => {
    const chat = await askedChat(owner, `[[tokens=9]] ${row.fault}`);
    const reply = await complete(owner, completionBody(chat));
    if (row.status) {
      expect(row.status, reply.text).toContain(reply.status);
      expect(detailOf(reply)).toMatch(row.error);
    } else {
      expect(reply.status).toBe(200);
      const error = reply.chunks.find((chunk: Json) => chunk.error)?.error;
      expect(JSON.stringify(error ?? null)).toMatch(row.error);
    }
    assertFailed(await finalMessage(owner, chat.chatId, chat.answerId), row);
  });

  test.each(FAULTS.filter(({ status }) => status))("$fault to a caller who waits for JSON", async (row) => {
    const chat = await askedChat(owner, `[[tokens=9]] ${row.fault}`);
    const reply = await complete(owner, completionBody(chat, { stream: false }));
    expect(row.status, reply.text).toContain(reply.status);
    expect(detailOf(reply)).toMatch(row.error);
    assertFailed(await finalMessage(owner, chat.chatId, chat.answerId), row);
  });

  test.each(FAULTS.filter(({ status }) => status))("$fault to a caller without a chat", async (row) => {
    for (const stream of [true, false]) {
      const messages = [{ role: "user", content: row.fault }];
      const reply = await complete(owner, { model: MODEL, messages, stream });
      expect(row.status, reply.text).toContain(reply.status);
      expect(detailOf(reply)).toMatch(row.error);
    }
  });

  function assertFailed(message: Json, { keeps, error }: (typeof FAULTS)[number]): void {
    expect(message.done).toBe(true);
    expect(message.error?.content ?? "no error").toMatch(error);
    expect(message.content.trim()).toBe(keeps);
  }
});

test.each([
  { name: "SSE", more: { stream: true }, accept: "*/*" },
  { name: "JSON", more: { stream: false }, accept: "*/*" },
  { name: "an ack", more: { session_id: "s" }, accept: "application/json" },
])("a provider that is down, to a caller of $name: typed, and stored", async ({ name, more, accept }) => {
  const chat = await askedChat(owner);
  stage.provider.configure({ down: true });
  const reply = await complete(owner, completionBody(chat, more), accept);
  if (name === "an ack") expect(reply.form).toBe("ack");
  else {
    expect([502, 503], reply.text).toContain(reply.status);
    expect(detailOf(reply)).toMatch(/\w+ \w+/);
  }
  const message = await finalMessage(owner, chat.chatId, chat.answerId);
  expect(message).toMatchObject({ done: true, content: "" });
  expect(message.error.content).toMatch(/\w+ \w+/);
  expect((await owner.get("/health")).status).toBe(200);
});

test("no answer, error or event gives away the provider's key", async () => {
  const chat = await askedChat(owner, "[[status=401]]");
  const reply = await complete(owner, completionBody(chat, { stream: false }));
  expect(reply.text).not.toContain("provider-key");
  expect(JSON.stringify(await fetchChat(owner, chat.chatId))).not.toContain("provider-key");
});

test("an empty answer is final, done and no error", async () => {
  const chat = await askedChat(owner, "[[empty]]");
  expectOk(await complete(owner, completionBody(chat, { stream: false })));
  const message = await finalMessage(owner, chat.chatId, chat.answerId);
  expect(message).toMatchObject({ done: true, content: "" });
  expect(message.error ?? null).toBeNull();
});

test("slow is not silent: the time-out counts from the last byte", async () => {
  const chat = await askedChat(owner, "[[tokens=20]] [[delay=40]]");
  await trigger(owner, chat);
  const message = await finalMessage(owner, chat.chatId, chat.answerId);
  expect(message.error ?? null).toBeNull();
  expect(message.content.trim().split(" ")).toHaveLength(20);
});

test("reasoning is kept apart from the answer", async () => {
  const chat = await askedChat(owner, "[[tokens=3]] [[reason=3]]");
  const reply = await complete(owner, completionBody(chat));
  const thoughts = reply.chunks.map((chunk: Json) => chunk.choices?.[0]?.delta?.reasoning_content ?? "");
  expect(thoughts.join("")).toBe("thought0 thought1 thought2 ");
  const message = await finalMessage(owner, chat.chatId, chat.answerId);
  expect(message.content.trim().endsWith("tok0 tok1 tok2")).toBe(true);
});

test("a provider that answers JSON to stream: true is understood", async () => {
  const chat = await askedChat(owner, "[[tokens=3]] [[nostream]]");
  await trigger(owner, chat);
  expect(await finalMessage(owner, chat.chatId, chat.answerId)).toMatchObject({
    done: true,
    content: expect.stringMatching(/^tok0 tok1 tok2/),
  });
});
