import { describe, expect, test } from "vitest";
import { decodeText } from "./decode-text.ts";

const utf16 = (text: string) => Buffer.from(text, "utf16le");

describe("text is decoded from", () => {
  test.each<[string, Buffer, string | null, string]>([
    ["UTF-8", Buffer.from("naïve 日本 😀"), null, "naïve 日本 😀"],
    ["UTF-8 with a byte-order mark", Buffer.from("\ufeffnaïve"), null, "naïve"],
    ["UTF-8 that is cut within a character", Buffer.from("naïve 日本").subarray(0, -1), null, "naïve 日"],
    [
      "UTF-8 with a stray byte",
      Buffer.concat([Buffer.from("日本".repeat(9)), Buffer.from([0xff])]),
      null,
      `${"日本".repeat(9)}\ufffd`,
    ],
    ["UTF-16 with a byte-order mark", utf16("\ufeffnaïve"), null, "naïve"],
    ["UTF-16, big-endian", utf16("\ufeffnaïve").swap16(), null, "naïve"],
    ["UTF-16 without a byte-order mark", utf16("a naïve text"), null, "a naïve text"],
    ["Latin-1", Buffer.from("naïve", "latin1"), null, "naïve"],
    ["the charset that it declares", Buffer.from([0xcf, 0xf0, 0xe8]), "windows-1251", "При"],
    [
      "Latin-1 where it declares a charset that nobody knows",
      Buffer.from("naïve", "latin1"),
      "klingon",
      "naïve",
    ],
    ["lines that end in any way", Buffer.from("a\r\nb\rc\n"), null, "a\nb\nc\n"],
  ])("%s", (_, bytes, charset, text) => {
    expect(decodeText(bytes, "a.txt", charset)).toBe(text);
  });

  test("nothing that is binary", () => {
    expect(() => decodeText(Buffer.from([1, 2, 3, 0, 0, 0, 7, 255, 200, 3]), "a.txt", null)).toThrow(
      /a\.txt is a binary file of an unknown kind/,
    );
  });
});
