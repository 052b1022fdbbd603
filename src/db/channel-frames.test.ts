import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader, framesOf } from "./channel-frames.ts";

const MAX_PAYLOAD_BYTES = 7_999;

function readAll(reader: FrameReader, frames: readonly string[]) {
  return frames.map((frame) => reader.read(frame));
}

const textsOf = (heard: ReturnType<typeof readAll>) => heard.flatMap((each) => each?.text ?? []);

describe("frames", () => {
  test("carry any text, each small enough for a notification", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", maxLength: 9_000, size: "max" }), { maxLength: 4 }),
        (texts) => {
          const reader = new FrameReader("me");
          let number = 0;
          for (const text of texts.map((each) => each.toWellFormed())) {
            const frames = framesOf("you", number, text);
            number += frames.length;
            for (const frame of frames)
              expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
            const heard = readAll(reader, frames);
            expect(textsOf(heard)).toEqual([text]);
            expect(heard.some((each) => each?.isGap)).toBe(false);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test("that come twice are heard once", () => {
    const reader = new FrameReader("me");
    const frames = framesOf("you", 7, "x".repeat(20_000));
    expect(textsOf(readAll(reader, [...frames, ...frames]))).toHaveLength(1);
  });

  test("of oneself are not heard", () => {
    expect(new FrameReader("me").read(framesOf("me", 0, "text")[0]!)).toBeNull();
  });

  test("that are missing are told as a gap, and no half text is", () => {
    const reader = new FrameReader("me");
    const [first, , third] = framesOf("you", 0, "x".repeat(20_000));
    const heard = readAll(reader, [first!, third!, ...framesOf("you", 3, "whole")]);
    expect(heard.map((each) => each?.isGap)).toEqual([false, true, false]);
    expect(textsOf(heard)).toEqual(["whole"]);
  });

  test("of a text whose beginning came before the listener are no text", () => {
    const [, second, third, ...rest] = framesOf("you", 0, "x".repeat(20_000));
    expect(textsOf(readAll(new FrameReader("me"), [second!, third!, ...rest]))).toEqual([]);
  });
});
