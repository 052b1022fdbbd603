import { describe, expect, it } from "vitest";
import { createAnswerText } from "./answer-text.ts";
import { rebuildMessages, withoutReasoning } from "./rebuild-messages.ts";

const delta = (fields: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});

function textAt(former = "") {
  let nowMs = 0;
  const text = createAnswerText(former, () => nowMs);
  return { text, wait: (ms: number) => (nowMs += ms) };
}

describe("an answer's text", () => {
  it("grows by deltas of choice 0 and continues what was there", () => {
    const { text } = textAt("Once ");
    text.add(delta({ content: "upon" }));
    text.add({ choices: [{ index: 1, delta: { content: "no" } }] });
    expect(text.add(delta({ content: " a time" }))).toEqual({ delta: " a time", reasoningDelta: "" });
    expect(text.whole()).toBe("Once upon a time");
    expect(text.isFinished).toBe(false);
    text.add(delta({}, "stop"));
    expect(text.isFinished).toBe(true);
  });

  it("folds reasoning into a block that tells how long it took", () => {
    const { text, wait } = textAt();
    text.add(delta({ reasoning_content: "one\n" }));
    expect(text.whole()).toContain('done="false"');
    wait(2_400);
    text.add(delta({ reasoning: "two" }));
    text.add(delta({ content: "Answer" }));
    expect(text.whole()).toBe(
      '<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds</summary>\n> one\n> two\n</details>\nAnswer',
    );
    expect(text.snapshot()).toMatchObject({ content: "Answer", reasoning: "one\ntwo" });
    expect(withoutReasoning(text.whole())).toBe("Answer");
  });

  it("puts tool calls together by their index", () => {
    const { text } = textAt();
    text.add(
      delta({
        tool_calls: [{ index: 0, id: "1", type: "function", function: { name: "f", arguments: "" } }],
      }),
    );
    text.add(
      delta({
        tool_calls: [{ index: 1, id: "2", type: "function", function: { name: "g", arguments: "{}" } }],
      }),
    );
    text.add(delta({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }));
    expect(text.toolCalls).toEqual([
      { id: "1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
      { id: "2", type: "function", function: { name: "g", arguments: "{}" } },
    ]);
  });

  it("keeps the usage that the last chunk tells", () => {
    const { text } = textAt();
    text.add({ choices: [], usage: { total_tokens: 3 } });
    expect(text.usage).toEqual({ total_tokens: 3 });
  });
});

describe("a conversation rebuilt for a provider", () => {
  it("leaves out reasoning and empty answers, and shows images", () => {
    const image = { type: "image", url: "data:image/png;base64,AA" };
    expect(
      rebuildMessages([
        { role: "user", content: "Look", files: [image, { type: "file", id: "f" }] },
        { role: "assistant", content: '<details type="reasoning" done="true">\n> hm\n</details>\nSeen.' },
        { role: "assistant", content: "" },
        { role: "user", content: [{ type: "text", text: "And?" }] },
      ]),
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Look" },
          { type: "image_url", image_url: { url: image.url } },
        ],
      },
      { role: "assistant", content: "Seen." },
      { role: "user", content: [{ type: "text", text: "And?" }] },
    ]);
  });
});
