import { expect, test } from "vitest";
import { withoutControls } from "./terminal.ts";

test.each([
  ["plain text, tabs\tand\nlines", "plain text, tabs\tand\nlines"],
  ["a \u001b[31mred\u001b[0m word", "a red word"],
  ["\u001b]0;a window's title\u0007shown", "shown"],
  ["rub\bout\r and bell\u0007", "rubout and bell"],
  ["é, 漢字, 🎭", "é, 漢字, 🎭"],
])("%j reaches a terminal as %j", (data, shown) => {
  expect(withoutControls(data)).toBe(shown);
});
