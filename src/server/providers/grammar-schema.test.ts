import { expect, it } from "vitest";
import { toGrammarSchema } from "./grammar-schema.ts";

const any = { type: ["string", "number", "boolean", "null"] };

it.each([
  [
    { type: "string", minLength: 3, maxLength: 60, pattern: "a" },
    { type: "string", minLength: 3, maxLength: 60 },
  ],
  [{ type: "string", maxLength: 100_000 }, { type: "string" }],
  [{ type: "integer", minimum: 3 }, { type: "integer" }],
  [{ type: ["string", "null"] }, { oneOf: [{ type: "string" }, { type: "null" }] }],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, { oneOf: [{ type: "string" }, { type: "null" }] }],
  [{ allOf: [{ const: 1 }] }, { const: 1 }],
  [{ enum: ["a", "b"] }, { enum: ["a", "b"] }],
  [
    { type: "array", maxItems: 3 },
    { type: "array", items: any, maxItems: 3 },
  ],
  [{ type: "object" }, { type: "object", additionalProperties: true }],
  [
    { properties: { a: { type: "boolean" } }, required: ["a"] },
    { type: "object", properties: { a: { type: "boolean" } }, additionalProperties: false },
  ],
  [
    { $ref: "#/definitions/a", definitions: { a: { type: "null" } } },
    { $ref: "#/$defs/a", $defs: { a: { type: "null" } } },
  ],
  [{}, any],
  [true, any],
])("%o becomes %o", (schema, expected) => {
  expect(toGrammarSchema(schema)).toEqual(expected);
});
