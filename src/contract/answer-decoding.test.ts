import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordedExchange } from "../../test/support/recordings.ts";
import { answerReasoning, answerText, decodeError } from "./answer-decoding.ts";
import { decodeStoredChat } from "./stored-chat.ts";

function answerOf(name: string, step?: string) {
  const chat = decodeStoredChat(recordedExchange(name, step).response.body)!.chat;
  return chat.history.messages[chat.history.currentId!]!;
}

const thought = `<details type="reasoning" done="true" duration="0">
<summary>Thought for 0 seconds</summary>
> Let me think.
> Done.
</details>
`;
const output = [
  { type: "reasoning", content: [{ type: "output_text", text: "hm" }] },
  {
    type: "message",
    content: [
      { type: "output_text", text: "The capital " },
      { type: "output_text", text: "is Paris." },
    ],
  },
];

describe("the text of an answer", () => {
  it.each([
    ["is its content", { content: "Paris" }, "Paris"],
    ["is its content even where output says it too", { content: "Paris", output }, "Paris"],
    ["is in output where content is empty", { content: "", output }, "The capital is Paris."],
    ["is without the thinking that old servers put into it", { content: `${thought}Paris` }, "Paris"],
    [
      "keeps other details",
      { content: "<details><summary>a</summary>b</details>" },
      "<details><summary>a</summary>b</details>",
    ],
    [
      "joins parts",
      { content: [{ type: "text", text: "a" }, { type: "image_url" }, { type: "text", text: "b" }] },
      "a\nb",
    ],
    ["is empty where there is none", { content: null, output: [null, 3, { type: "message" }] }, ""],
  ])("%s", (_name, message, text) => {
    expect(answerText(message)).toBe(text);
  });

  it("is found in what 0.6.15 and 0.12.4 stored", () => {
    expect(answerText(answerOf("0.6.15/16_step7_final"))).toBe(
      "The capital of France is Paris. (gpt-4o, 1 messages)",
    );
    expect(answerText(answerOf("0.12.4/27-think", "7 final"))).toBe("The capital of France is Paris.");
    expect(answerText({ output: answerOf("0.12.4/27-think", "7 final").output })).toBe(
      "The capital of France is Paris.",
    );
  });
});

describe("the thinking before an answer", () => {
  it("is found in the content and in output", () => {
    expect(answerReasoning({ content: `${thought}Paris` })).toBe("Let me think.\nDone.");
    expect(answerReasoning({ content: "Paris", output })).toBe("hm");
    expect(answerReasoning({ content: "Paris" })).toBe("");
  });
});

describe("the thinking that a server stored escaped", () => {
  const summary = "<summary>Thought for 0 seconds</summary>";
  const block = (quoted: string) =>
    `<details type="reasoning" done="true" duration="0">\n${summary}\n${quoted}\n</details>\n`;

  it.each([
    ["as 0.6.43 did", "&gt; thought0 thought1 thought2 ", "thought0 thought1 thought2"],
    [
      "with what it had to escape",
      "&gt; a &lt; b &amp;&amp; &quot;c&quot;\n&gt; it&#x27;s &amp;lt;",
      'a < b && "c"\nit\'s &lt;',
    ],
    ["not at all, as 0.6.15 did", "> it says &gt; here", "it says &gt; here"],
  ])("is read: %s", (_name, quoted, thinking) => {
    const message = { content: `${block(quoted)}Paris &gt; Rome` };
    expect(answerReasoning(message)).toBe(thinking);
    expect(answerText(message)).toBe("Paris &gt; Rome");
  });
});

describe("an error", () => {
  it.each([
    ["a text", "500: down", "500: down"],
    ["an object", { content: "down" }, "down"],
    [
      "an object in it",
      { content: { message: "mid-stream failure", type: "server_error" } },
      "mid-stream failure",
    ],
    ["a detail", { detail: "no model" }, "no model"],
    ["true", true, "The server stored an error without saying which."],
    ["something else", { code: 7 }, '{"code":7}'],
  ])("of %s has a sentence", (_name, value, content) => {
    expect(decodeError(value)).toMatchObject({ content });
  });

  it.each([undefined, null, false, ""])("is none where the server says %s", (value) => {
    expect(decodeError(value)).toBeNull();
  });

  it("is found in what 0.12.4 stored of a stream that broke", () => {
    const message = answerOf("0.12.4/25-midfail", "7 final");
    expect(decodeError(message.error)).toMatchObject({ content: "mid-stream failure" });
    expect(answerText(message)).not.toBe("");
  });
});

it("decoding takes any JSON without failing", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (content, items) => {
      expect(typeof answerText({ content, output: items })).toBe("string");
      expect(typeof answerReasoning({ content, output: items })).toBe("string");
      const error = decodeError(content);
      expect(error === null || typeof error.content === "string").toBe(true);
      const chat = decodeStoredChat({ id: "c", chat: { history: content, messages: items } });
      expect(chat === null || Array.isArray(chat.chat.messages)).toBe(true);
    }),
  );
});
