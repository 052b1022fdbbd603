import { z } from "zod";
import type { Json } from "./http.ts";

/** A body or query that fits a schema with all its fields, as far as its JSON Schema says; `known` gives fields by name. */
export function sampleOf(schema: z.ZodType, known: Readonly<Record<string, Json>> = {}): Json {
  const root = jsonSchemaOf(schema);
  const sample = (part: Json, levels: number): Json => {
    if (part.$ref) return sample(root.$defs[part.$ref.replace("#/$defs/", "")], levels);
    if (part.const !== undefined) return part.const;
    if (part.enum) return part.enum[0];
    if (part.anyOf) return sample(part.anyOf[0], levels);
    if (part.allOf) return Object.assign({}, ...part.allOf.map((each: Json) => sample(each, levels)));
    switch (Array.isArray(part.type) ? part.type[0] : part.type) {
      case "object":
        return levels === 0 ? {} : objectOf(part, (value) => sample(value, levels - 1));
      case "array":
        return levels === 0 ? [] : [sample(part.items ?? {}, levels - 1)];
      case "string":
        return "x".repeat(part.minLength ?? 1);
      case "number":
      case "integer":
        return part.minimum ?? 1;
      case "boolean":
        return true;
      default:
        return null;
    }
  };
  const objectOf = ({ properties = {}, additionalProperties }: Json, sampled: (part: Json) => Json) => {
    const fields = Object.entries(properties).map(([name, part]) => [
      name,
      name in known ? known[name] : sampled(part),
    ]);
    const more =
      Object.keys(additionalProperties || {}).length > 0 ? { more: sampled(additionalProperties) } : {};
    return { ...Object.fromEntries(fields), ...more };
  };
  return sample(root, 8);
}

/** The names of a query's fields. */
export function fieldNames(schema: z.ZodType): string[] {
  return Object.keys(jsonSchemaOf(schema).properties ?? {});
}

function jsonSchemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}
