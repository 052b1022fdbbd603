import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("default to everything but the local model", () => {
  const options = parseOptions([]);
  expect(options).toMatchObject({ flows: 2000, rounds: 3, quick: false });
  expect(options).toHaveProperty("sections", new Set(["flows", "streams", "chats", "start"]));
});

test("name the sections to run", () => {
  expect(parseOptions(["--only", "chats,flows", "--local"])).toHaveProperty(
    "sections",
    new Set(["chats", "flows", "local"]),
  );
});

test.each([
  ["--only", "nothing"],
  ["--flows", "0"],
  ["--flows", "1e9"],
  ["--rounds", "x"],
])("refuse %s %s", (...args) => {
  expect(() => parseOptions(args)).toThrow(args[0]);
});
