import type { IncomingMessage } from "node:http";
import type { Context as HonoContext } from "hono";
import getRawBody from "raw-body";
import type * as z from "zod";
import { OffstageError } from "../../errors.ts";
import { InvalidBody, invalid } from "./error-response.ts";

/** Deeper bodies are nobody's, and would overflow the stack where they are printed again. */
const MAX_DEPTH = 200;

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const part of Object.values(value)) if (isDeeperThan(part, levels - 1)) return true;
  return false;
}

/**
 * A request's JSON body, checked. Read from Node's request itself: a web stream around it costs more than all the rest.
 * @throws OffstageError `too_large`, as soon as more than `maxBytes` came; `invalid_body`
 */
export async function readBody(http: HonoContext, schema: z.ZodType, maxBytes: number): Promise<unknown> {
  const { incoming } = http.env as { incoming: IncomingMessage };
  const text = await readText(incoming, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const msg = error instanceof Error ? error.message : "not JSON";
    throw new InvalidBody([{ type: "json_invalid", loc: ["body"], msg: `The body is not JSON: ${msg}` }]);
  }
  if (isDeeperThan(value, MAX_DEPTH)) {
    const msg = `The body is nested more than ${MAX_DEPTH} levels deep.`;
    throw new InvalidBody([{ type: "too_deep", loc: ["body"], msg }]);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid("body", parsed.error);
  return parsed.data;
}

async function readText(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  try {
    const length = incoming.headers["content-length"] ?? null;
    return await getRawBody(incoming, { length, limit: maxBytes, encoding: true });
  } catch (error) {
    const { type } = error as { type?: string };
    if (type === "entity.too.large") {
      throw new OffstageError("too_large", `The body is larger than ${maxBytes} bytes.`, { cause: error });
    }
    throw new OffstageError("bad_input", "The body did not come whole.", { cause: error });
  }
}
