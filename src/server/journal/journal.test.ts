import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnswerJournal } from "../../contract/journal.ts";
import type { JournalTable } from "../../db/journal-tables.ts";
import type { ExchangeWatch, Provider, ProviderEvent, ProviderRequest } from "../providers/provider.ts";
import type { JournalKey, JournalStore } from "../store/journal-store.ts";
import { KeptJournal } from "./journal.ts";
import { createMask } from "./mask.ts";
import { withAdditions } from "./stored-journal.ts";

const KEY = { chatId: "c", messageId: "m", taskId: "t" };
const sender = {
  origin: { kind: "program" },
  requestId: "r",
  receivedAtMs: 1,
  path: "/api/chat/completions",
} as const;

function createJournal(
  maxBytes: number,
  request: unknown = {},
  secrets: string[] = [],
  store: Partial<JournalStore> = {},
): KeptJournal {
  const parts = {
    sender,
    request,
    secrets,
    maskOf: createMask,
    maxBytes,
    nowMs: () => 5,
    store: store as JournalStore,
    onAddition() {},
  };
  return new KeptJournal(KEY, [], parts);
}

const providerThat = (tell: (watch: ExchangeWatch, request: ProviderRequest) => void): Provider => ({
  name: "test",
  listModels: async () => [],
  async complete(request, _signal, watch) {
    tell(watch!, request);
    return { status: 200, kind: "json", body: { usage: { total_tokens: 1 } } };
  },
  async close() {},
});

const ask = (journal: KeptJournal, provider: Provider, content: string) =>
  journal.ask(
    "answer",
    provider,
    { model: "m", messages: [{ role: "user", content }], stream: false },
    new AbortController().signal,
  );

const read = (journal: KeptJournal) => JSON.parse(journal.text()) as AnswerJournal;

describe("a journal", () => {
  test("of a provider without a wire has what was asked and what came", async () => {
    const journal = createJournal(65_536);
    await ask(
      journal,
      providerThat(() => {}),
      "Hi",
    );
    const [exchange] = read(journal).exchanges;
    expect(exchange).toMatchObject({
      request: { method: null, url: null, headers: {} },
      response: { status: 200, body: '{"usage":{"total_tokens":1}}', events: null },
      usage: { total_tokens: 1 },
    });
  });

  test("of a long stream has its ends", async () => {
    const event = (number: number): ProviderEvent => ({ data: `data ${number}`, chunk: null });
    const journal = createJournal(65_536);
    const provider = providerThat((watch) => {
      for (let number = 0; number < 1_000; number += 1) watch.heard([event(number)]);
    });
    await ask(journal, provider, "Hi");
    expect(read(journal).exchanges[0]!.response!.events).toEqual({
      count: 1_000,
      chars: 7_890,
      head: ["data 0", "data 1", "data 2"],
      tail: ["data 997", "data 998", "data 999"],
    });
  });

  test.each([0, 1, 3, 4, 5, 7])("of a stream of %i events has each once at most", async (count) => {
    const events = Array.from({ length: count }, (_, number) => ({ data: String(number), chunk: null }));
    const journal = createJournal(65_536);
    await ask(
      journal,
      providerThat((watch) => watch.heard(events)),
      "Hi",
    );
    const { head, tail } = read(journal).exchanges[0]!.response!.events!;
    const all = events.map(({ data }) => data);
    expect([...head, ...tail]).toEqual(count <= 6 ? all : [...all.slice(0, 3), ...all.slice(-3)]);
  });

  test("stays within its bytes, and keeps its steps whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2_000, max: 20_000 }),
        fc.nat(60_000),
        fc.constantFrom("x", '"', "\\", "ö", "🙂", "\n"),
        async (maxBytes, chars, letter) => {
          const content = letter.repeat(chars);
          const journal = createJournal(maxBytes, { content });
          await ask(
            journal,
            providerThat((watch) => watch.read(content)),
            content,
          );
          expect(Buffer.byteLength(journal.text())).toBeLessThanOrEqual(maxBytes);
          expect(read(journal).steps.map(({ step }) => step)).toEqual([
            "completion_received",
            "provider_asked",
          ]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("grows by a quarter of its size at most after the answer's end, however often a client says it is completed", async () => {
    const texts: string[] = [];
    const store = {
      putJournal: async (_tx: unknown, { journal_json }: JournalTable) => void texts.push(journal_json),
      appendToJournal: async (_tx: unknown, _key: JournalKey, { json }: { json: string }) =>
        void texts.push(json),
    };
    const maxBytes = 4_096;
    const journal = createJournal(maxBytes, { content: "x".repeat(10_000) }, [], store);
    await journal.keep({} as never);
    journal.stored();
    await ask(
      journal,
      providerThat((watch) => watch.read("y".repeat(10_000))),
      "z".repeat(10_000),
    );
    journal.settled();
    await journal.takeAddition()({} as never);
    const lengths = texts.map((text) => text.length);
    expect(lengths[0]! + lengths[1]!).toBeLessThanOrEqual(maxBytes * 1.25);
    for (let times = 0; times < 1_000; times += 1) journal.requested("completed", sender);
    await journal.takeAddition()({} as never);
    const [whole, ...additions] = texts.map((text) => JSON.parse(text) as AnswerJournal);
    const { steps, exchanges } = withAdditions(whole!, additions);
    expect(exchanges).toHaveLength(1);
    expect(steps.filter(({ step }) => step === "completed")).toHaveLength(32);
  });

  test("never has a secret of the configuration or of the provider in it", async () => {
    const secretText = fc.oneof(
      fc.string({ minLength: 12, maxLength: 40, unit: "grapheme" }),
      fc.base64String({ minLength: 12, maxLength: 80 }),
    );
    const around = fc.string({ maxLength: 300 });
    const anySecret = fc.tuple(secretText, secretText, around, around, fc.integer({ min: 400, max: 4_000 }));
    await fc.assert(
      fc.asyncProperty(anySecret, async ([own, provided, before, after, maxBytes]) => {
        const text = `${before}${own}${after}${provided}${before}`;
        const journal = createJournal(maxBytes, { content: text }, [own]);
        const provider = providerThat((watch, request) => {
          const headers = { authorization: `Bearer ${provided}`, "x-trace": text };
          const url = `https://h.example/v1?key=${encodeURIComponent(provided)}`;
          watch.sent({ method: "POST", url, headers, body: JSON.stringify(request), secrets: [provided] });
          watch.answered({ status: 200, headers: { "set-cookie": [text], via: text } });
          watch.heard([{ data: JSON.stringify({ text }), chunk: null }]);
          watch.read(JSON.stringify({ nested: JSON.stringify({ text }) }));
        });
        await ask(journal, provider, text);
        journal.searched({
          began_at_ms: 1,
          total_ms: 1,
          queries: [text],
          chunks: [],
          found: 0,
          error: text,
        });
        journal.ended(text);
        const kept = journal.text();
        for (const secret of [own, provided]) {
          const once = JSON.stringify(secret).slice(1, -1);
          for (const form of [secret, once, JSON.stringify(once).slice(1, -1)])
            expect(kept).not.toContain(form);
        }
      }),
      { numRuns: 200 },
    );
  });
});
