/** Model runtimes, and what only other databases or the wheel's own tests use: gigabytes that no chat ever imports. */
const LEFT_OUT = [
  /^(accelerate|colbert-ai|einops|faster-whisper|sentence-transformers|sentencepiece|torch|transformers)$/,
  /^(opencv-python(-headless)?|onnxruntime|rapidocr-onnxruntime|unstructured|playwright)$/,
  /^(docker|gcp-storage-emulator|moto|pytest|pytest-.*)$/,
  /^(elasticsearch|opensearch-py|pinecone|pinecone-client|pymilvus|qdrant-client|oracledb|weaviate-client)$/,
];

/** What some versions import but name only through what is left out. */
const ADDED = ["beautifulsoup4", "aiosqlite", "itsdangerous"];

/** Where a wheel names other packages than its code imports: what it has to have instead, by its version. */
const MENDED: Readonly<Record<string, readonly string[]>> = {
  "0.6.42": ["langchain==1.2.0", "langchain-classic==1.0.0", "langchain-community==0.4.1"],
};

/**
 * What to install for a version, from the METADATA file of its wheel: its own pinned requirements, without optional
 * extras and the model runtimes.
 */
export function slimRequirements(metadata: string): string[] {
  const lines = metadata.split(/\r?\n/);
  const version =
    lines
      .find((line) => line.startsWith("Version:"))
      ?.slice("Version:".length)
      .trim() ?? "";
  const mended = MENDED[version] ?? [];
  const mendedNames = new Set(mended.map(packageName));
  const named = lines
    .filter((line) => line.startsWith("Requires-Dist:"))
    .map((line) => line.slice("Requires-Dist:".length).trim())
    .filter((requirement) => !/;.*\bextra\s*==/.test(requirement));
  const kept = named.filter((requirement) => {
    const name = packageName(requirement);
    return !mendedNames.has(name) && !LEFT_OUT.some((pattern) => pattern.test(name));
  });
  const names = new Set(kept.map(packageName));
  return [...kept, ...mended, ...ADDED.filter((name) => !names.has(name))];
}

function packageName(requirement: string): string {
  const [name = ""] = /^[\w.-]+/.exec(requirement) ?? [];
  return name.toLowerCase().replaceAll(/[_.]+/g, "-");
}
