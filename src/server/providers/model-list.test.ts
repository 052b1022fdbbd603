import { expect, it } from "vitest";
import { parseModelList } from "./model-list.ts";

const plain = { id: "m", name: "m", ownedBy: "unknown", createdAtSec: 0, capabilities: [] };

it.each([
  [
    "OpenAI's list",
    { object: "list", data: [{ id: "m", owned_by: "a", created: 5 }] },
    { ...plain, ownedBy: "a", createdAtSec: 5 },
  ],
  ["a bare list", [{ id: "m" }], plain],
  ["vLLM's context length", { data: [{ id: "m", max_model_len: 4096 }] }, { ...plain, contextLength: 4096 }],
  [
    "OpenRouter's names",
    { data: [{ id: "m", name: "M", context_length: 10, description: "d" }] },
    { ...plain, name: "M", contextLength: 10, description: "d" },
  ],
  [
    "odd values",
    { data: [null, { id: 7 }, { id: "" }, { id: "m", name: 1, created: "x", context_length: -1 }] },
    plain,
  ],
])("%s is read", (_what, body, model) => {
  expect(parseModelList(body)).toEqual([model]);
});

it.each([[null], [undefined], ["text"], [{}], [{ data: {} }]])("%o is no list", (body) => {
  expect(parseModelList(body)).toBeNull();
});
