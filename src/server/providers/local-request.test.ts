import { expect, it } from "vitest";
import { parseLocalRequest } from "./local-request.ts";

const question = [{ role: "user", content: "Hi" }];
const parse = (fields: Record<string, unknown>) =>
  parseLocalRequest({ model: "m", messages: question, stream: false, ...fields });

it("needs nothing but messages", () => {
  expect(parse({})).toEqual({
    system: "",
    turns: [{ role: "user", text: "Hi" }],
    maxTokens: null,
    temperature: 0,
    topP: null,
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    stop: [],
    json: null,
    includeUsage: false,
  });
});

it("gathers system messages and reads text parts", () => {
  const messages = [
    { role: "system", content: "One." },
    {
      role: "user",
      content: [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
    },
    { role: "assistant", content: null },
    { role: "developer", content: "Two." },
    { role: "tool", content: "42", tool_call_id: "x" },
  ];
  expect(parse({ messages })).toMatchObject({
    system: "One.\n\nTwo.",
    turns: [
      { role: "user", text: "a\nb" },
      { role: "assistant", text: "" },
      { role: "user", text: "42" },
    ],
  });
});

it.each([
  [{ max_tokens: 5 }, { maxTokens: 5 }],
  [{ max_tokens: 5, max_completion_tokens: 6 }, { maxTokens: 6 }],
  [
    { temperature: 0.7, top_p: 0.9, seed: 3 },
    { temperature: 0.7, topP: 0.9, seed: 3 },
  ],
  [{ stop: "x" }, { stop: ["x"] }],
  [{ stop: ["x", ""] }, { stop: ["x"] }],
  [{ stop: null }, { stop: [] }],
  [{ stream_options: { include_usage: true } }, { includeUsage: true }],
  [{ response_format: { type: "text" } }, { json: null }],
  [{ response_format: { type: "json_object" } }, { json: "any" }],
  [
    { response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "string" } } } },
    { json: { type: "string" } },
  ],
  [{ tools: [{}], tool_choice: "none" }, {}],
])("%o is read", (fields, expected) => {
  expect(parse(fields)).toMatchObject(expected);
});

it.each([
  [{ n: 2 }],
  [{ tools: [{}] }],
  [{ messages: "Hi" }],
  [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:" } }] }] }],
  [{ max_tokens: 0 }],
  [{ temperature: "hot" }],
  [{ response_format: { type: "json_schema" } }],
])("%o is refused with what to do", (fields) => {
  expect(() => parse(fields)).toThrow(
    expect.objectContaining({ code: "bad_input", message: expect.stringMatching(/\. .+\.$/) }),
  );
});
