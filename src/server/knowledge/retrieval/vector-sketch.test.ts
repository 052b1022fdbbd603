import { expect, test } from "vitest";
import { decodeVector, encodeVector } from "./vector-bytes.ts";
import { cosine, scoreSketches, sketchOf, sketchTable } from "./vector-sketch.ts";

test("a sketch's score is the query's numbers with the signs of the vector's", () => {
  const query = Float32Array.of(0.5, -0.25, 1, 2, -3, 4, 5, 6, 7, -8);
  const vector = Float32Array.of(1, -1, -1, 1, 1, 1, -1, -1, 1, 1);
  const sketches = Uint8Array.of(...sketchOf(query), ...sketchOf(vector));
  const scores = new Float64Array(3);
  scoreSketches(sketchTable(query), sketches, scores, 1);
  const signed = query.map((value, index) => Math.sign(vector[index]!) * value);
  expect([...scores]).toEqual([
    0,
    query.reduce((a, b) => a + Math.abs(b), 0),
    signed.reduce((a, b) => a + b, 0),
  ]);
});

test("a stored vector comes back, wherever its bytes lie", () => {
  const vector = Float32Array.of(0.6, -0.8, 0);
  const bytes = new Uint8Array(13);
  bytes.set(encodeVector(vector), 1);
  expect(decodeVector(bytes.subarray(1))).toEqual(vector);
  expect([...encodeVector(Float32Array.of(1))]).toEqual([0, 0, 0x80, 0x3f]);
  expect(cosine(vector, vector)).toBeCloseTo(1, 6);
});
