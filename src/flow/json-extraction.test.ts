import { assert, constantFrom, jsonValue, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseAnswerJson } from "./answer-json.ts";
import { extractJson } from "./json-extraction.ts";

const PARIS = { result: "The capital of France is Paris.", confidence: 0.99 };

describe("the JSON in an answer", () => {
  it.each<[string, string, unknown]>([
    [
      "the tutorial's own sample",
      '```json\n{\n  "result": "The capital of France is Paris.",\n  "confidence": 0.99\n}\n```',
      PARIS,
    ],
    ["a bare object", JSON.stringify(PARIS), PARIS],
    ["a bare list", " [1, 2]\n", [1, 2]],
    ["a bare number", "42", 42],
    ["a bare word of JSON", "true", true],
    ["a fence without a language", `\`\`\`\n${JSON.stringify(PARIS)}\n\`\`\``, PARIS],
    ["a fence in capitals", `\`\`\`JSON\n{"a":1}\n\`\`\``, { a: 1 }],
    ["a fence on one line", '```json {"a":1} ```', { a: 1 }],
    ["a number in a fence", "Here:\n```json\n7\n```", 7],
    ["a fence that never closes", '```json\n{"a":1}', { a: 1 }],
    ["a fence in a string", '```json\n{"code":"```js\\n1\\n```"}\n```', { code: "```js\n1\n```" }],
    ["prose before", 'Sure! {"a":1}', { a: 1 }],
    ["prose around", 'Here it is: {"a":{"b":[1]}}. Anything else?', { a: { b: [1] } }],
    ["braces in prose", 'In {curly} braces: {"a":1}', { a: 1 }],
    ["brackets in strings", 'x {"a":"}]"} y', { a: "}]" }],
    ["the first of two", '{"a":1}{"a":2}', { a: 1 }],
    ["the fence rather than the prose", '[1] says:\n```json\n{"a":1}\n```', { a: 1 }],
    ["single quotes", "{'a': 'b'}", { a: "b" }],
    ["a trailing comma", 'So: {"a":1,}', { a: 1 }],
    ["cut off", '{"a":1,"b":[1,2', { a: 1, b: [1, 2] }],
  ])("is found: %s", (_, text, expected) => {
    expect(extractJson(text)).toEqual(expected);
  });

  it.each(["", "  ", "Paris.", "I cannot do that :(", "```\nParis\n```"])("is missed in %j", (text) => {
    expect(() => extractJson(text)).toThrow(expect.objectContaining({ code: "answer_invalid" }));
  });

  it("comes back whole from any fence and prose", () => {
    // Between quotation marks an object is part of a string.
    const prose = string().map((text) => text.replace(/[`"[\]{}]/g, ""));
    const fences = constantFrom(["", ""], ["```json\n", "\n```"], ["```\n", "\n```"], ["\n\n", "\n\n"]);
    const objects = jsonValue().filter((value) => typeof value === "object" && value !== null);
    assert(
      property(tuple(prose, prose), fences, objects, ([before, after], [start, end], value) => {
        const normal = JSON.parse(JSON.stringify(value));
        expect(extractJson(`${before}${start}${JSON.stringify(value, null, 2)}${end}${after}`)).toEqual(
          normal,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("never ends in anything but a value or its own error, whatever the text", () => {
    const noise = string({
      unit: constantFrom("{", "}", "[", "]", '"', "`", "\\", "\n", "a", ":", ",", "```"),
    });
    assert(
      property(noise, (text) => {
        try {
          extractJson(text);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "answer_invalid" });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not drown in brackets", () => {
    expect(() => extractJson(`x ${"[{".repeat(50_000)}`)).not.toThrow(RangeError);
  });
});

describe("the JSON that a schema wants", () => {
  const schema = z.object({ result: z.string(), confidence: z.number() });

  it("is the first that fits", async () => {
    expect(await parseAnswerJson(`[1] says {"x":1} and ${JSON.stringify(PARIS)}`, schema)).toEqual(PARIS);
  });

  it("is what the schema makes of it", async () => {
    const upper = z.object({ result: z.string().transform((text) => text.length) });
    expect(await parseAnswerJson('{"result":"abc"}', upper)).toEqual({ result: 3 });
  });

  it("is refused with each path that is wrong", async () => {
    await expect(parseAnswerJson('{"result":1}', schema)).rejects.toMatchObject({
      code: "answer_invalid",
      message: expect.stringMatching(/result: .*confidence: /),
    });
  });

  it("is missed where there is no JSON", async () => {
    await expect(parseAnswerJson("Paris.", schema)).rejects.toMatchObject({ code: "answer_invalid" });
  });
});
