import { expect, test } from "vitest";
import { extractPlainText, extractSourceCode } from "./plain-text.ts";

test("plain text has a paragraph for each run of lines", () => {
  const { blocks } = extractPlainText("One\nline.\n \t\n\nTwo.\n\n  Three.");
  expect(blocks.map(({ text }) => text)).toEqual(["One\nline.", "Two.", "Three."]);
});

test("source code has a block for each top-level unit", () => {
  const { blocks } = extractSourceCode(
    "import a\n\ndef f():\n    x = 1\n\n    return x\n\n\nclass B {\n\n}\nlast()",
  );
  expect(blocks.map(({ text }) => text)).toEqual([
    "import a",
    "def f():\n    x = 1\n\n    return x",
    "class B {\n\n}\nlast()",
  ]);
});
