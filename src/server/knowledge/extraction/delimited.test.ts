import { expect, test } from "vitest";
import { extractDelimited } from "./delimited.ts";

test.each([
  [
    "commas and quotes",
    'name,note\nAnn,"likes ""tea"",\nand more"\nBob,',
    ['name: Ann; note: likes "tea", and more', "name: Bob"],
  ],
  ["semicolons", "name;age\nAnn;3", ["name: Ann; age: 3"]],
  ["tabs", "name\tage\nAnn\t3\n\n", ["name: Ann; age: 3"]],
  ["an unnamed first column and years", ",name,2024\n0,Ann,3", ["0; name: Ann; 2024: 3"]],
  ["no header", "1,2\n3,4", ["1 | 2", "3 | 4"]],
  ["a header alone", "name,age\n", ["name | age"]],
  ["rows of different lengths", "a,b\n1\n1,2,3", ["a: 1", "a: 1; b: 2; 3"]],
])("a table with %s has a line for each row", async (_, text, lines) => {
  const { blocks } = await extractDelimited(text);
  expect(blocks).toEqual([{ kind: "table", text: lines.join("\n") }]);
});

test("a long table is several blocks of whole rows", async () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => `${index},name ${index}`);
  const { blocks } = await extractDelimited(["id,name", ...rows].join("\n"));
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks.flatMap(({ text }) => text.split("\n"))).toHaveLength(1_000);
  expect(Math.max(...blocks.map(({ text }) => text.length))).toBeLessThanOrEqual(2_100);
});

test("a quote that never ends is an error", async () => {
  await expect(extractDelimited('a,b\n"1,2\n3')).rejects.toThrow(/Quote Not Closed/);
});
