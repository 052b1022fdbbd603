import { endianness } from "node:os";

const bytesPerNumber = 4;
const isLittleEndian = endianness() === "LE";

/** A vector as it is stored: float32, little-endian. */
export function encodeVector(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return isLittleEndian ? bytes : swapped(bytes);
}

/** The vector that was stored; reads it where it lies if it can. */
export function decodeVector(stored: Uint8Array): Float32Array {
  const bytes = isLittleEndian ? stored : swapped(stored);
  const aligned = bytes.byteOffset % bytesPerNumber === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / bytesPerNumber);
}

function swapped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(bytes).swap32());
}
