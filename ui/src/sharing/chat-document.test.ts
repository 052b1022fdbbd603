import { describe, expect, it } from "vitest";
import type { ChatRecord, WireMessage } from "../api/shapes.ts";
import { chatAsMarkdown, chatAsText, fileName } from "./chat-document.ts";

const message = (id: string, parentId: string | null, more: Partial<WireMessage>): [string, WireMessage] => [
  id,
  { id, role: parentId === null ? "user" : "assistant", parentId, ...more },
];

const record = {
  title: "Ferries",
  chat: {
    history: {
      currentId: "b",
      messages: Object.fromEntries([
        message("q", null, { content: "When?" }),
        message("a", "q", { content: "Never.", model: "gpt-4o" }),
        message("b", "q", {
          content:
            '<details type="reasoning" done="true"><summary>Thought</summary>\n> hm\n</details>\nAt **nine** [1].',
          modelName: "GPT",
          sources: [{ document: ["09:00"], metadata: [{ name: "times.pdf", page: 2 }] }],
        }),
      ]),
    },
  },
} as unknown as ChatRecord;

describe("a chat as a document", () => {
  it("has the branch that is shown, without what the model thought, and the sources", () => {
    expect(chatAsMarkdown(record)).toBe(
      "# Ferries\n\n## You\n\nWhen?\n\n## GPT\n\nAt **nine** [1].\n\nSources:\n\n- [1] times.pdf, page 2\n",
    );
    expect(chatAsText(record)).toBe(
      "Ferries\n\nYou:\nWhen?\n\nGPT:\nAt **nine** [1].\nSources:\n\n- [1] times.pdf, page 2\n",
    );
  });

  it.each([
    ["Ferries / times?", "Ferries times.md"],
    ["../..", "chat.md"],
    ["", "chat.md"],
    ["x".repeat(200), `${"x".repeat(80)}.md`],
  ])("is named after the title %j", (title, name) => expect(fileName(title, "md")).toBe(name));
});
