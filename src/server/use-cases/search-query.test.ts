import { expect, test } from "vitest";
import { parseSearch } from "./search-query.ts";

const NOTHING = { text: "", tags: [], folders: [] };

test.each([
  ["a  needle in hay", { text: "a  needle in hay" }],
  ["tag:green", { tags: ["green"] }],
  ["TAG:Deep_Green  needle tag:blue in", { text: "needle in", tags: ["deep_green", "blue"] }],
  ["folder:My_Project pinned:true", { folders: ["my_project"], pinned: true }],
  ["archived:FALSE shared:true x", { text: "x", archived: false, shared: true }],
  ["tag:", {}],
  ["pinned:perhaps", {}],
  ["vintag:e", { text: "vintag:e" }],
  ["", {}],
])("%j is understood", (search, expected) => {
  expect(parseSearch(search)).toEqual({ ...NOTHING, ...expected });
});
