import { OffstageError } from "../../../errors.ts";
import { MINILM_DIMENSIONS } from "./minilm-model.ts";
import { createMiniLmTokenizer } from "./minilm-tokenizer.ts";
import { importOnnx } from "./onnx-import.ts";
import { unitVector } from "./unit-vector.ts";

export interface MiniLmOptions {
  modelPath: string;
  /** Cores that one run computes on. They wait for each other without sleeping, so that busy ones cost much. */
  threads: number;
}

/** The model in memory. Both calls block their thread while they compute. */
export interface MiniLm {
  encode(text: string): number[];
  /** Vectors of length 1 of encoded texts, in their order; all are padded to the longest. */
  run(encoded: readonly (readonly number[])[]): Promise<Float32Array[]>;
}

/**
 * Loads the model with onnxruntime-node on the CPU.
 * @throws OffstageError `model_unavailable`
 */
export async function loadMiniLm({ modelPath, threads }: MiniLmOptions): Promise<MiniLm> {
  const { InferenceSession, Tensor } = await importOnnx();
  const { encode } = createMiniLmTokenizer();
  const session = await InferenceSession.create(modelPath, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // With its arena and patterns onnxruntime keeps the most that any batch ever took.
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    const message = `The embedding model ${modelPath} could not be loaded (${(cause as Error).message}). Check that it is all-MiniLM-L6-v2 as ONNX file, or remove it to have it downloaded again.`;
    throw new OffstageError("model_unavailable", message, { cause });
  });

  async function run(encoded: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const width = Math.max(...encoded.map((ids) => ids.length));
    const ids = new BigInt64Array(encoded.length * width);
    const mask = new BigInt64Array(ids.length);
    for (const [row, tokens] of encoded.entries()) {
      for (const [column, token] of tokens.entries()) ids[row * width + column] = BigInt(token);
      mask.fill(1n, row * width, row * width + tokens.length);
    }
    const tensor = (data: BigInt64Array) => new Tensor("int64", data, [encoded.length, width]);
    const { last_hidden_state: hidden } = await session.run({
      input_ids: tensor(ids),
      attention_mask: tensor(mask),
      token_type_ids: tensor(new BigInt64Array(ids.length)),
    });
    const values = hidden?.data as Float32Array;
    return encoded.map((tokens, row) =>
      pool(values.subarray(row * width * MINILM_DIMENSIONS), tokens.length),
    );
  }

  return { encode, run };
}

/** The mean of the first `count` of a text's token vectors (those after it are padding), of length 1. */
function pool(values: Float32Array, count: number): Float32Array {
  const sum = new Float64Array(MINILM_DIMENSIONS);
  for (let index = 0; index < count * MINILM_DIMENSIONS; index++)
    sum[index % MINILM_DIMENSIONS]! += values[index]!;
  const vector = unitVector(sum);
  if (vector !== null) return vector;
  throw new OffstageError("model_failed", "The embedding model made a vector that is zero or not a number.");
}
