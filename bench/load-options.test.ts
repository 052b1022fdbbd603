import { expect, test } from "vitest";
import { parseLoadOptions } from "./load-options.ts";

test("default to five minutes each at 8, 32 and 128 at once, on SQLite", () => {
  expect(parseLoadOptions([])).toMatchObject({
    minutes: 5,
    levels: [8, 32, 128],
    sockets: 50,
    postgres: false,
  });
});

test("take a part of a minute and other levels", () => {
  expect(parseLoadOptions(["--minutes", "0.5", "--levels", "4,16"])).toMatchObject({
    minutes: 0.5,
    levels: [4, 16],
  });
});

test.each([
  ["--minutes", "0"],
  ["--minutes", "61"],
  ["--minutes", "long"],
  ["--levels", "8,,32"],
  ["--levels", "501"],
  ["--users", "0"],
  ["--sockets", "-1"],
  ["--most-flows", "1e9"],
])("refuse %s %s", (option, value) => {
  expect(() => parseLoadOptions([`${option}=${value}`])).toThrow(option);
});
