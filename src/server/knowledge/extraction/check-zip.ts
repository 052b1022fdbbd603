import { fromBufferPromise } from "yauzl";
import { OffstageError } from "../../../errors.ts";
import type { ExtractionLimits } from "./limits.ts";
import { damaged, refusal } from "./refusal.ts";

/** A small file that inflates much is no threat. */
const HARMLESS_BYTES = 10 * 1024 * 1024;

/**
 * Inflates every entry of a ZIP file once, to nowhere, so that who reads it next meets no surprise.
 * @returns the names of its entries
 * @throws OffstageError `bad_input` for one that is damaged, encrypted or inflates beyond the limits
 */
export async function checkZip(bytes: Buffer, name: string, limits: ExtractionLimits): Promise<Set<string>> {
  try {
    return await inflateAll(bytes, name, limits);
  } catch (thrown) {
    throw thrown instanceof OffstageError ? thrown : damaged(name, "ZIP file", thrown);
  }
}

async function inflateAll(bytes: Buffer, name: string, limits: ExtractionLimits): Promise<Set<string>> {
  const names = new Set<string>();
  const zip = await fromBufferPromise(bytes);
  if (zip.entryCount > limits.maxZipEntries)
    throw zipBomb(name, `has ${zip.entryCount} entries, of which at most ${limits.maxZipEntries} are read`);
  const ratioBytes = Math.max(HARMLESS_BYTES, bytes.length * limits.maxInflationRatio);
  let inflatedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.isEncrypted())
      throw refusal("encrypted", `${name} is protected by a password. Remove it and upload the file again.`);
    names.add(entry.fileName);
    for await (const part of await zip.openReadStreamPromise(entry)) {
      inflatedBytes += (part as Buffer).length;
      if (inflatedBytes > limits.maxInflatedBytes)
        throw zipBomb(name, `unpacks to more than ${limits.maxInflatedBytes} bytes`);
      if (inflatedBytes > ratioBytes)
        throw zipBomb(name, `unpacks to more than ${limits.maxInflationRatio} times its size`);
    }
  }
  return names;
}

function zipBomb(name: string, what: string) {
  return refusal("zip_bomb", `${name} ${what}, which no ordinary document does. It was not read.`);
}
