import { expect, test } from "vitest";
import { parseKnowledgeOptions } from "./knowledge-options.ts";

test("default to every part on a built package", () => {
  expect(parseKnowledgeOptions([])).toEqual({
    sections: new Set(["search", "start", "server"]),
    pages: 100,
    chunks: 50_000,
    searches: 200,
    chatSeconds: 10,
    json: false,
    packageRoot: null,
  });
});

test("name the parts to run", () => {
  const options = parseKnowledgeOptions(["--only", "search,start", "--chunks", "500", "--json"]);
  expect(options).toMatchObject({ sections: new Set(["search", "start"]), chunks: 500, json: true });
});

test.each([
  ["--only", "nothing"],
  ["--pages", "0"],
  ["--chunks", "1e9"],
  ["--searches", "x"],
])("refuse %s %s", (...args) => {
  expect(() => parseKnowledgeOptions(args)).toThrow(args[0]);
});
