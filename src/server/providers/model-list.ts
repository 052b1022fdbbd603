import type { ProviderModel } from "./provider.ts";

/**
 * The models in the answer of a provider's `GET /models`: OpenAI's `{ data: [...] }` or a bare list, with what
 * vLLM (`max_model_len`), OpenRouter and others add. Null if it is neither; entries without an id are left out.
 */
export function parseModelList(body: unknown): ProviderModel[] | null {
  const entries = Array.isArray(body) ? body : (body as { data?: unknown } | null | undefined)?.data;
  if (!Array.isArray(entries)) return null;
  return entries.flatMap((entry: Record<string, unknown> | null) => {
    if (typeof entry?.id !== "string" || entry.id === "") return [];
    const model: ProviderModel = {
      id: entry.id,
      name: text(entry.name) ?? entry.id,
      ownedBy: text(entry.owned_by) ?? "unknown",
      createdAtSec: count(entry.created) ?? 0,
      capabilities: [],
    };
    const contextLength =
      count(entry.context_length) ?? count(entry.max_model_len) ?? count(entry.context_window);
    const maxOutputTokens = count(entry.max_output_tokens) ?? count(entry.max_completion_tokens);
    const description = text(entry.description);
    if (contextLength !== undefined) model.contextLength = contextLength;
    if (maxOutputTokens !== undefined) model.maxOutputTokens = maxOutputTokens;
    if (description !== undefined) model.description = description;
    return [model];
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? Math.floor(value) : undefined;
}
