import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collect } from "../../../test/support/collect.ts";
import { parseEventStream } from "./event-stream.ts";

async function* bytesOf(text: string, cuts: number[] = []): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const sorted = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...sorted, bytes.length]) {
    if (end > start) yield bytes.subarray(start, end);
    start = end;
  }
}

async function dataOf(text: string, cuts?: number[]): Promise<string[]> {
  const reads = await collect(parseEventStream(bytesOf(text, cuts)));
  return reads.flat().map((event) => event.data);
}

describe("parseEventStream", () => {
  it("gives the same events however the bytes are cut", async () => {
    const cases = fc.record({
      contents: fc.array(fc.string({ unit: "binary" }), { maxLength: 8 }),
      cuts: fc.array(fc.nat(), { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ contents, cuts }) => {
        const data = [...contents.map((content) => JSON.stringify({ content })), "[DONE]"];
        expect(await dataOf(data.map((one) => `data: ${one}\n\n`).join(""), cuts)).toEqual(data);
      }),
    );
  });

  it.each([
    [
      "comments and other fields are passed over",
      ': ping\n\nevent: x\nid: 1\ndata: {"a":1}\n\n',
      ['{"a":1}'],
    ],
    ["line ends may be CRLF", 'data: {"a":1}\r\n\r\ndata: [DONE]\r\n\r\n', ['{"a":1}', "[DONE]"]],
    ["the last blank line may be missing", 'data: {"a":1}\n\ndata: [DONE]', ['{"a":1}', "[DONE]"]],
    ["nothing counts after [DONE]", "data: [DONE]\n\ndata: {}\n\n", ["[DONE]"]],
    ["an empty stream has no events", "", []],
  ])("%s", async (_rule, text, data) => {
    expect(await dataOf(text)).toEqual(data);
  });

  it("has no chunk for data that is not a JSON object", async () => {
    const reads = await collect(parseEventStream(bytesOf("data: {cut\n\ndata: 7\n\ndata: {}\n\n")));
    expect(reads.flat().map((event) => event.chunk)).toEqual([null, null, {}]);
  });

  it("refuses an event without end", async () => {
    async function* endless() {
      yield new TextEncoder().encode("data: ");
      const part = new Uint8Array(1024 * 1024).fill(97);
      for (let count = 0; count < 20; count++) yield part;
    }
    await expect(collect(parseEventStream(endless()))).rejects.toMatchObject({
      code: "model_failed",
    });
  });
});
