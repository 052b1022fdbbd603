import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  complete,
  completionBody,
  expectOk,
  fetchMessage,
  finalMessage,
  MODEL,
} from "../support/chat.ts";
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

const upstream = () => stage.provider.requests.findLast(({ path }) => path === "/chat/completions")!;

/** Has a question answered; resolves with the body that the provider received. */
async function sent(more: Record<string, unknown>, chatMore: Record<string, unknown> = {}): Promise<Json> {
  const chat = await askedChat(owner, "Hi, what is the capital of France?", chatMore);
  const reply = await complete(owner, completionBody(chat, { stream: false, ...more }));
  expect(reply.status, reply.text).toBe(200);
  return upstream().body;
}

describe("what the provider gets", () => {
  test("the request as it is, and OpenAI's own fields", async () => {
    const fields = {
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 50,
      seed: 7,
      stop: ["\n"],
      response_format: { type: "json_object" },
      user: "someone",
    };
    const body = await sent(fields);
    expect(body).toMatchObject({ model: MODEL, ...fields });
    expect(body.messages).toEqual([{ role: "user", content: "Hi, what is the capital of France?" }]);
    expect(upstream().headers.authorization).toBe("Bearer provider-key");
  });

  const OURS = {
    session_id: "session-id",
    background_tasks: { title_generation: false },
    features: { web_search: false },
    variables: { "{{USER_NAME}}": "" },
    filter_ids: ["some-filter"],
    files: [],
    model_item: { id: MODEL },
    tool_servers: [],
    tool_ids: ["weather"],
    chat_variables: {},
    model_controls: {},
    function_calling: "native",
    foo: "bar",
  };
  test.each(Object.entries(OURS))("never our own field %s", async (name, value) => {
    const body = await sent({ [name]: value });
    expect(body).not.toHaveProperty(name);
  });

  test("never the fields of a one-call turn, in a chat or without one", async () => {
    const chat = await askedChat(owner);
    const turn = {
      user_message: { id: chat.userId },
      parent_id: chat.userId,
      parent_message: { id: chat.userId },
    };
    expectOk(await complete(owner, completionBody(chat, { stream: false, ...turn, ...OURS })));
    expect(Object.keys(upstream().body!).toSorted()).toEqual(["messages", "model", "stream"]);
    expectOk(
      await complete(owner, {
        model: MODEL,
        stream: false,
        messages: [{ role: "user", content: "Hi" }],
        ...OURS,
      }),
    );
    expect(Object.keys(upstream().body!).toSorted()).toEqual(["messages", "model", "stream"]);
  });

  test("params, flattened, over fields of the same name; never those that steer Open WebUI itself", async () => {
    const params = {
      temperature: 0.3,
      max_tokens: 9,
      function_calling: "legacy",
      stream_response: true,
      custom_params: { seed: 3 },
    };
    const body = await sent({ temperature: 0.5, params });
    expect(body).toMatchObject({ temperature: 0.3, max_tokens: 9 });
    for (const name of ["params", "function_calling", "stream_response", "custom_params"]) {
      expect(body).not.toHaveProperty(name);
    }
  });

  test("the chat's own params where the completion names none", async () => {
    const chatLevel = { params: { temperature: 0.7, max_tokens: 1000 } };
    expect(await sent({}, chatLevel)).toMatchObject({ temperature: 0.7, max_tokens: 1000 });
    expect(await sent({ params: { temperature: 0.1 } }, chatLevel)).toMatchObject({ temperature: 0.1 });
  });

  test("content parts and several roles", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        ],
      },
    ];
    expect((await sent({ messages })).messages).toEqual(messages);
  });

  test("a message stored in parts comes back in parts", async () => {
    const parts = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    ];
    const chat = await askedChat(owner, parts as unknown as string);
    expect((await fetchMessage(owner, chat.chatId, chat.userId)).content).toEqual(parts);
  });
});

describe("tools", () => {
  const tools = [
    {
      type: "function",
      function: { name: "get_weather", parameters: { type: "object", properties: { city: {} } } },
    },
  ];
  const question = [{ role: "user", content: "[[tool]] Weather?" }];

  test("pass through, and the call comes back whole as JSON", async () => {
    const chat = await askedChat(owner);
    const more = { stream: false, tools, tool_choice: "auto", messages: question };
    const reply = await complete(owner, completionBody(chat, more));
    expect(upstream().body).toMatchObject({ tools, tool_choice: "auto" });
    expect(reply.body.choices[0].message.tool_calls[0].function).toEqual({
      name: "get_weather",
      arguments: '{"city":"Paris"}',
    });
    expect(await finalMessage(owner, chat.chatId, chat.answerId)).toMatchObject({ done: true });
  });

  test("pass through, and the call comes back in chunks as they were", async () => {
    const chat = await askedChat(owner);
    const reply = await complete(owner, completionBody(chat, { tools, messages: question }));
    const calls = reply.chunks.flatMap((chunk: Json) => chunk.choices?.[0]?.delta?.tool_calls ?? []);
    expect(calls[0]).toMatchObject({ index: 0, function: { name: "get_weather" } });
    expect(calls.map((call: Json) => call.function.arguments ?? "").join("")).toBe('{"city":"Paris"}');
    expect(reply.chunks.at(-1)).toBe("[DONE]");
  });

  test("a tool's result goes up with its ids", async () => {
    const messages = [
      ...question,
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "call_test",
            type: "function",
            function: { name: "get_weather", arguments: '{"city":"Paris"}' },
          },
        ],
      },
      { role: "tool", tool_call_id: "call_test", content: "Sunny." },
      { role: "user", content: "Thanks. And the capital of France?" },
    ];
    expect((await sent({ messages, tools })).messages).toEqual(messages);
  });
});

describe("variables", () => {
  const system =
    "You help {{USER_NAME}} in {{CURRENT_TIMEZONE}}, {{USER_LANGUAGE}}, at {{CURRENT_DATETIME}}.";
  const variables = {
    "{{USER_NAME}}": "",
    "{{USER_LANGUAGE}}": "en-US",
    "{{CURRENT_DATETIME}}": "2025-07-14T12:00:00Z",
    "{{CURRENT_TIMEZONE}}": "Europe",
  };

  test("are put into a system prompt; an empty name and the zone 'Europe' break nothing", async () => {
    const body = await sent({ params: { system }, variables });
    const [first] = body.messages;
    expect(first).toMatchObject({ role: "system" });
    expect(first.content).toContain("in Europe, en-US, at 2025-07-14T12:00:00Z.");
    expect(first.content).not.toContain("{{");
    expect(body).not.toHaveProperty("system");
  });

  test("leave the people's own words alone", async () => {
    const messages = [{ role: "user", content: "What does {{USER_NAME}} mean in a template?" }];
    expect((await sent({ messages, variables })).messages).toEqual(messages);
  });

  test("values that look like patterns are taken as they are", async () => {
    const odd = { ...variables, "{{USER_NAME}}": "$& $1 \\ {{USER_LANGUAGE}}" };
    const body = await sent({ params: { system: "For {{USER_NAME}}." }, variables: odd });
    expect(body.messages[0].content).toContain("$& $1 \\");
  });
});

describe("features and filters that are not offered", () => {
  const statuses = async (chatId: string, id: string) =>
    JSON.stringify((await fetchMessage(owner, chatId, id)).statusHistory ?? []);

  test("are named on the message", async () => {
    const chat = await askedChat(owner);
    const more = {
      stream: false,
      features: { web_search: true, image_generation: false },
      filter_ids: ["my-filter"],
    };
    expectOk(await complete(owner, completionBody(chat, more)));
    const text = await statuses(chat.chatId, chat.answerId);
    expect(text).toContain("web_search");
    expect(text).toContain("my-filter");
    expect(text).not.toContain("image_generation");
  });

  test("those that are false are not", async () => {
    const chat = await askedChat(owner);
    const features = { code_interpreter: false, web_search: false, image_generation: false, memory: false };
    expectOk(await complete(owner, completionBody(chat, { stream: false, features, filter_ids: [] })));
    expect(await statuses(chat.chatId, chat.answerId)).toBe("[]");
  });

  test("... and once a chat", async () => {
    const chat = await askedChat(owner);
    const features = { web_search: true };
    expectOk(await complete(owner, completionBody(chat, { stream: false, features })));
    const sibling = {
      ...completionBody(chat, { stream: false, features, parent_id: chat.userId }),
      id: "again",
    };
    expectOk(await complete(owner, sibling));
    expect(await statuses(chat.chatId, chat.answerId)).toContain("web_search");
    expect(await statuses(chat.chatId, "again")).not.toContain("web_search");
  });
});
