import { OffstageError } from "../../errors.ts";

/**
 * node-llama-cpp, loaded when first asked for: nothing native is loaded before a local model is used.
 * @throws OffstageError `model_unavailable` if it is not installed
 */
export async function importLlama(): Promise<typeof import("node-llama-cpp")> {
  try {
    return await import("node-llama-cpp");
  } catch (cause) {
    const message =
      "The local model needs the package node-llama-cpp, which is not installed or does not load here. Run `npm install node-llama-cpp@3`, or configure another provider with OPENAI_API_BASE_URLS.";
    throw new OffstageError("model_unavailable", message, { cause });
  }
}
