import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clip, createMask, hideIn, hideInHeaders, hideInUrl } from "./mask.ts";

const SECRET = 'sk-"se\\cret"';

describe("a mask", () => {
  const mask = createMask([SECRET, "", "abc"]);

  test.each([
    ["as it is", `key ${SECRET}.`, "key …."],
    ["in JSON", JSON.stringify({ key: SECRET }), '{"key":"…"}'],
    ["in JSON within JSON", JSON.stringify(JSON.stringify({ key: SECRET })), '"{\\"key\\":\\"…\\"}"'],
    ["in a URL", `?key=${encodeURIComponent(SECRET)}`, "?key=…"],
    ["too short to be one", "abc", "abc"],
  ])("hides a secret %s", (_where, text, shown) => {
    expect(mask.hide(text)).toBe(shown);
  });

  test("hides in all texts of a value, and leaves the rest", () => {
    expect(hideIn({ [SECRET]: [SECRET, 1, null, { a: true }] }, mask)).toEqual({
      [SECRET]: ["…", 1, null, { a: true }],
    });
  });
});

test.each([
  [
    "https://me:pass@h.example/v1/chat?key=abcd&api-version=2026-01",
    "https://h.example/v1/chat?key=…&api-version=2026-01",
  ],
  ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"],
  ["no url", "…"],
])("the URL %s is kept as %s", (url, kept) => {
  expect(hideInUrl(url)).toBe(kept);
});

test("headers that are secrets are hidden, whatever their case, and those whose value is one", () => {
  const headers = {
    Authorization: "Bearer x",
    "api-key": "x",
    "X-Goog-Api-Key": "x",
    "set-cookie": ["a=1", "b=2"],
    "x-team": "red",
    "x-ratelimit-remaining-tokens": "9",
    vary: ["a", "b"],
    gone: undefined,
  };
  expect(hideInHeaders(headers, ["red"])).toEqual({
    Authorization: "…",
    "api-key": "…",
    "X-Goog-Api-Key": "…",
    "set-cookie": "…",
    "x-team": "…",
    "x-ratelimit-remaining-tokens": "9",
    vary: "a,b",
  });
});

test("a clipped text has both ends, and no part of a secret at the cuts", () => {
  const secret = "0123456789abcdef";
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 8, max: 200 }), (at, limit) => {
      const text = `${"x".repeat(at)}${secret}${"y".repeat(400 - at)}`;
      const cut = clip(text, limit, createMask([secret]));
      expect(cut.length).toBeLessThan(limit + 40);
      expect(cut.replace(/ … \d+ characters … /, "")).not.toMatch(/[0-9a-f]/);
    }),
  );
});
