import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createMiniLmTokenizer } from "./minilm-tokenizer.ts";

const tokenizer = createMiniLmTokenizer();

it.each([
  ["Paris is the capital of France.", [101, 3000, 2003, 1996, 3007, 1997, 2605, 1012, 102]],
  ["kitten", [101, 18401, 102]],
  ["Élan", [101, 3449, 2319, 102]],
  ["", [101, 102]],
])("encodes %j as the model was trained on it", (text, ids) => {
  expect(tokenizer.encode(text)).toEqual(ids);
  expect(tokenizer.count(text)).toBe(ids.length - 2);
});

it("cuts a long text, and ends it with the model's mark", () => {
  const ids = tokenizer.encode("word ".repeat(5_000));
  expect(ids).toHaveLength(256);
  expect(ids.at(-1)).toBe(102);
});

it("estimates long texts from their beginning", () => {
  expect(tokenizer.count("word ".repeat(40_000))).toBe(40_000);
});

it("takes any string", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const ids = tokenizer.encode(text);
      expect(ids[0]).toBe(101);
      expect(tokenizer.count(text)).toBeGreaterThanOrEqual(ids.length - 2);
    }),
  );
});

it("has the vocabulary whose hash stands in its licence note", () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url));
  const sha256 = createHash("sha256").update(read("./minilm-tokenizer.json")).digest("hex");
  expect(read("./minilm-tokenizer.LICENSE.md").toString()).toContain(sha256);
});
