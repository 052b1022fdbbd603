/** Model runtimes, and what only other databases or the wheel's own tests use: gigabytes that no chat ever imports. */
const LEFT_OUT = [
  /^(accelerate|colbert-ai|einops|faster-whisper|sentence-transformers|sentencepiece|torch|transformers)$/,
  /^(opencv-python(-headless)?|onnxruntime|rapidocr-onnxruntime|unstructured|playwright)$/,
  /^(docker|gcp-storage-emulator|moto|pytest|pytest-.*)$/,
  /^(elasticsearch|opensearch-py|pinecone|pinecone-client|pymilvus|qdrant-client|oracledb|weaviate-client)$/,
];

/** What some versions import but name only through what is left out. */
const ADDED = ["beautifulsoup4", "aiosqlite", "itsdangerous"];

/**
 * What to install for a version, from the METADATA file of its wheel: its own pinned requirements, without optional
 * extras and the model runtimes.
 */
export function slimRequirements(metadata: string): string[] {
  const named = metadata
    .split(/\r?\n/)
    .filter((line) => line.startsWith("Requires-Dist:"))
    .map((line) => line.slice("Requires-Dist:".length).trim())
    .filter((requirement) => !/;.*\bextra\s*==/.test(requirement));
  const kept = named.filter(
    (requirement) => !LEFT_OUT.some((pattern) => pattern.test(packageName(requirement))),
  );
  const names = new Set(kept.map(packageName));
  return [...kept, ...ADDED.filter((name) => !names.has(name))];
}

function packageName(requirement: string): string {
  const [name = ""] = /^[\w.-]+/.exec(requirement) ?? [];
  return name.toLowerCase().replaceAll(/[_.]+/g, "-");
}
