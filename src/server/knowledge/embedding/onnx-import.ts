import { OffstageError } from "../../../errors.ts";

/**
 * onnxruntime-node, loaded when first asked for: nothing native is loaded before a text is embedded here.
 * @throws OffstageError `model_unavailable` if it is not installed
 */
export async function importOnnx(): Promise<typeof import("onnxruntime-node")> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const message =
      "The local embedding model needs the package onnxruntime-node, which is not installed or does not load here. Run `npm install onnxruntime-node@1 --onnxruntime-node-install=skip`, or name an endpoint with OFFSTAGE_EMBEDDING_BASE_URL.";
    throw new OffstageError("model_unavailable", message, { cause });
  }
}
