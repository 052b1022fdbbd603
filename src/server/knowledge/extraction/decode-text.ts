import { refusal } from "./refusal.ts";
import { SUPPORTED_KINDS } from "./supported-kinds.ts";

const SAMPLE_BYTES = 4096;
/** Of the characters that no text has; a few may be strays in a log. */
const MAX_CONTROL_SHARE = 0.01;
const CONTROL = /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/g;

/** Whether the first bytes are text in one of the encodings that `decodeText` knows. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const sample = decode(bytes.subarray(0, SAMPLE_BYTES), null);
  return (sample.match(CONTROL)?.length ?? 0) <= sample.length * MAX_CONTROL_SHARE;
}

/**
 * Bytes as text with `\n` ending its lines: UTF-8, or UTF-16 (with a byte-order mark, or by its zero bytes), else in
 * the charset that the file declares, else Windows-1252, which every byte is a character of.
 * @throws OffstageError `bad_input` for what is not text
 */
export function decodeText(bytes: Uint8Array, name: string, charset: string | null): string {
  if (!looksLikeText(bytes))
    throw refusal(
      "unknown_type",
      `${name} is a binary file of an unknown kind, which cannot be read. ${SUPPORTED_KINDS}`,
    );
  return decode(bytes, charset).replace(/\r\n?/g, "\n");
}

function decode(bytes: Uint8Array, charset: string | null): string {
  const utf16 = utf16Encoding(bytes);
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  try {
    // As a stream, so that text that is cut within its last character stays UTF-8.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return decodeMostlyUtf8(bytes) ?? decodeBytewise(bytes, charset);
  }
}

/** Null unless UTF-8 makes sense of almost all that is not ASCII. */
function decodeMostlyUtf8(bytes: Uint8Array): string | null {
  const text = new TextDecoder().decode(bytes);
  const wrong = text.match(/\ufffd/g)?.length ?? 0;
  const right = text.match(/[^\x00-\x7f]/g)?.length ?? 0;
  return wrong * 10 < right ? text : null;
}

function decodeBytewise(bytes: Uint8Array, charset: string | null): string {
  try {
    return new TextDecoder(charset ?? "windows-1252").decode(bytes);
  } catch {
    // A page may declare a charset that nobody knows.
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function utf16Encoding(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const even = sample.filter((byte, index) => byte === 0 && index % 2 === 0).length;
  const odd = sample.filter((byte, index) => byte === 0 && index % 2 === 1).length;
  const many = sample.length / 4;
  if (odd > many && even * 10 < odd) return "utf-16le";
  if (even > many && odd * 10 < even) return "utf-16be";
  return null;
}
