import { expect, test } from "vitest";
import type { Identity } from "./authenticate.ts";
import { originOf } from "./origin.ts";

const KEY = { id: "k1", name: "CI", prefix: "sk-abcdef" };
const identity = (hasKey: boolean) => ({ apiKey: hasKey ? KEY : null }) as Identity;
const PAGE = "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0";

test.each([
  ["a page with a session", false, { "user-agent": PAGE }, { kind: "person", client: PAGE }],
  ["curl with a session", false, { "user-agent": "curl/8" }, { kind: "program", client: "curl/8" }],
  ["nobody knows what, with a session", false, {}, { kind: "program" }],
  ["a key", true, { "user-agent": "curl/8" }, { kind: "api_key", api_key: KEY, client: "curl/8" }],
  ["a page with a key", true, { "user-agent": PAGE }, { kind: "api_key", api_key: KEY, client: PAGE }],
  [
    "a run with a key",
    true,
    { "user-agent": "offstage", "x-offstage-run": "r-1", "x-offstage-attempt": "2" },
    { kind: "program", api_key: KEY, client: "offstage", run_id: "r-1", attempt: 2 },
  ],
  [
    "a run of no fit name",
    false,
    { "x-offstage-run": "<b>", "x-offstage-attempt": "2" },
    { kind: "program" },
  ],
  [
    "an attempt of no fit number",
    false,
    { "x-offstage-run": "r", "x-offstage-attempt": "-1" },
    { kind: "program", run_id: "r" },
  ],
])("%s", (_name, hasKey, headers: Record<string, string>, origin) => {
  expect(originOf(identity(hasKey), (name) => headers[name])).toEqual(origin);
});

test("a long user agent is cut", () => {
  expect(originOf(identity(false), () => "x".repeat(10_000)).client).toHaveLength(200);
});
