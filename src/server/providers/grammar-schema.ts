type Schema = Record<string, unknown>;

/** Longer bounds are left out: a grammar counts each character. */
const MAX_LENGTH = 500;
/** Used where a schema says nothing that a grammar can hold. */
const ANY: Schema = { type: ["string", "number", "boolean", "null"] };

/**
 * A JSON Schema as the part of it that a grammar can enforce: types, properties, items, lengths, `enum`, `const`,
 * `$ref` to `$defs`, and `anyOf` as `oneOf`. The rest (patterns, ranges, `not`) is left out, so that
 * what the grammar lets through is not always valid: validate it.
 */
export function toGrammarSchema(schema: unknown): Schema {
  if (typeof schema !== "object" || schema === null) return ANY;
  const {
    $ref,
    $defs,
    definitions,
    anyOf,
    oneOf,
    allOf,
    const: constant,
    enum: values,
    type,
  } = schema as Schema;
  const shared = $defs ?? definitions;
  const defs = isRecord(shared) ? { $defs: mapValues(shared) } : {};
  if (typeof $ref === "string") return { ...defs, $ref: $ref.replace("#/definitions/", "#/$defs/") };
  const choices = oneOf ?? anyOf;
  if (Array.isArray(choices)) return { ...defs, oneOf: choices.map(toGrammarSchema) };
  if (Array.isArray(allOf) && allOf.length === 1) return { ...defs, ...toGrammarSchema(allOf[0]) };
  if (constant !== undefined) return { const: constant };
  if (Array.isArray(values)) return { enum: values };
  if (Array.isArray(type))
    return { ...defs, oneOf: type.map((one) => toGrammarSchema({ ...schema, type: one })) };
  return { ...defs, ...translateTyped(schema as Schema) };
}

function translateTyped(schema: Schema): Schema {
  const { type, properties, additionalProperties, items, prefixItems } = schema;
  if (type === "object" || isRecord(properties)) {
    const fields = isRecord(properties) ? { properties: mapValues(properties) } : {};
    const others = isRecord(additionalProperties)
      ? toGrammarSchema(additionalProperties)
      : additionalProperties;
    const open = others === undefined ? !isRecord(properties) : others;
    return { type: "object", ...fields, additionalProperties: open, ...bounds(schema, "Properties") };
  }
  if (type === "array") {
    const first = Array.isArray(prefixItems) ? { prefixItems: prefixItems.map(toGrammarSchema) } : {};
    return { type, items: toGrammarSchema(items), ...first, ...bounds(schema, "Items") };
  }
  if (type === "string") return { type, ...bounds(schema, "Length") };
  return typeof type === "string" ? { type } : ANY;
}

/** The `minX` and `maxX` of a schema, as far as a grammar should count. */
function bounds(schema: Schema, what: "Properties" | "Items" | "Length"): Schema {
  const entries = [`min${what}`, `max${what}`].map((key) => [key, schema[key]] as const);
  return Object.fromEntries(
    entries.filter(([, bound]) => typeof bound === "number" && bound >= 0 && bound <= MAX_LENGTH),
  );
}

function isRecord(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(schemas: Schema): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, toGrammarSchema(schema)]));
}
