import { expect, test } from "vitest";
import { extractJson } from "./json.ts";

test.each([
  [
    "an object",
    '{"name":"Ann","home":{"city":"Paris","post code":7},"tags":["a","b"]}',
    ["name: Ann", "home.city: Paris", 'home["post code"]: 7', "tags: a, b"],
  ],
  [
    "records",
    '{"users":[{"name":"Ann","age":3},{"name":"Bob","age":null}]}',
    ["users[0]: name: Ann; age: 3", "users[1]: name: Bob"],
  ],
  ["a list of trees", '[{"a":{"b":1}},{"a":{"b":2}}]', ["[0].a.b: 1", "[1].a.b: 2"]],
  ["JSON Lines", '{"a":1}\n\n{"a":"x\\ny"}\n', ["[0]: a: 1", "[1]: a: x y"]],
  ["a plain value", "7", ["7"]],
])("%s has a line for each value, with the path to it", (_, text, lines) => {
  expect(extractJson(text, "a.json").blocks).toEqual([{ kind: "list", text: lines.join("\n") }]);
});

test("null has nothing to read", () => {
  expect(extractJson("null", "a.json").blocks).toEqual([]);
});

test.each([
  ["cut JSON", '{"a":[1,', /JSON/],
  ["a broken line", '{"a":1}\n{"a":', /a\.json cannot be read as JSON Lines \(line 2\)/],
  ["bottomless JSON", "[".repeat(500) + "]".repeat(500), /nested more than 200 levels/],
])("%s is an error", (_, text, message) => {
  expect(() => extractJson(text, "a.json")).toThrow(message);
});
