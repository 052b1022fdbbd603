import { describe, expect, test } from "vitest";
import { evaluateRetriever } from "./evaluate.ts";
import { loadJudgedSet } from "./judged-set.ts";
import { renderReport } from "./report.ts";
import type { ConversationTurn, FoundPassage, RetrievalDocument, Retriever } from "./retriever.ts";
import { measureRetrieval, parseRetrievalOptions } from "./run.ts";

/** Finds the paragraphs that share the most words with the question. */
class WordOverlap implements Retriever {
  readonly name: string = "word overlap";
  closed = false;
  #paragraphs: { document: string; text: string; words: Set<string> }[] = [];

  async index(documents: readonly RetrievalDocument[]): Promise<void> {
    this.#paragraphs = documents.flatMap(({ name, bytes }) =>
      Buffer.from(bytes)
        .toString()
        .split(/\n\n+/)
        .map((text) => ({ document: name, text, words: new Set(wordsOf(text)) })),
    );
  }

  async search(
    question: string,
    _conversation: readonly ConversationTurn[],
    k: number,
  ): Promise<FoundPassage[]> {
    const asked = new Set(wordsOf(question));
    const scored = this.#paragraphs.map(({ document, text, words }) => {
      const shared = [...asked].filter((word) => words.has(word));
      const score = shared.join("").length / Math.log(words.size + 9);
      return { document, text, score };
    });
    return scored.sort((one, other) => other.score - one.score).slice(0, k);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Finds the words of the conversation, too. */
class WithConversation extends WordOverlap {
  override readonly name = "with conversation";

  override search(question: string, conversation: readonly ConversationTurn[], k: number) {
    const earlier = conversation.map(({ content }) => content);
    return super.search([...earlier, question].join(" "), [], k);
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

describe("the benchmark of retrieval", () => {
  test("tells retrievers apart, by kind and with paired differences", async () => {
    const retrievers = [new WordOverlap(), new WithConversation()];
    const report = await measureRetrieval(retrievers, { split: "tune", subject: "with conversation" });
    const [plain, conversing] = report.retrievers;
    expect(plain!.recall.mean).toBeGreaterThan(0.2);
    expect(plain!.recall.mean).toBeLessThan(0.9);
    const followUps = (of: typeof plain) => of!.kinds.find(({ kind }) => kind === "follow-up")!;
    expect(followUps(conversing).recall).toBeGreaterThan(followUps(plain).recall);
    expect(report.differences).toEqual([
      expect.objectContaining({ name: "with conversation − word overlap" }),
    ]);
    const { recall } = report.differences[0]!;
    expect(recall.mean).toBeCloseTo(conversing!.recall.mean - plain!.recall.mean, 10);
    expect(recall.low).toBeGreaterThanOrEqual(0);
    expect(retrievers.every(({ closed }) => closed)).toBe(true);

    const table = renderReport(report);
    expect(table).toMatch(/^\d+ questions \(the tune half\) on \d+ documents/);
    expect(table).toMatch(/^word overlap +0\.\d{3} \[0\.\d{3}, 0\.\d{3}\] +0\.\d{3} \[/m);
    expect(table).toMatch(/^with conversation − word overlap +\+0\.\d{3} \[/m);
    expect(table).toMatch(/^follow-up +\d+ +\d/m);
  });

  test("gives everything to a retriever that knows the answers", async () => {
    const { documents, questions } = await loadJudgedSet();
    const oracle: Retriever = {
      name: "oracle",
      index: async () => {},
      search: async (asked) =>
        questions
          .find(({ question }) => question === asked)!
          .relevant.map(({ document, quote }) => ({ document, text: quote })),
      close: async () => {},
    };
    const { results } = await evaluateRetriever(oracle, { documents, questions });
    expect(results.every((result) => result.reciprocalRank === 1 && result.misled !== true)).toBe(true);
    expect(results.filter(({ recall }) => recall < 1).map(({ id }) => id)).toEqual(["part-400-077"]);
  });

  test("says who was misled by a document that looks right", async () => {
    const { documents, questions } = await loadJudgedSet();
    const question = questions.find(({ id }) => id === "hotel-lisbon-2025")!;
    const [{ document, quote }] = question.relevant as [{ document: string; quote: string }];
    const retriever = (...found: FoundPassage[]): Retriever => ({
      name: "fixed",
      index: async () => {},
      search: async () => found,
      close: async () => {},
    });
    const right = { document, text: quote };
    const wrong = { document: "travel-policy-2024.md", text: quote };
    const misled = async (...found: FoundPassage[]) =>
      (await evaluateRetriever(retriever(...found), { documents, questions: [question] })).results[0]!.misled;
    expect(await misled(wrong, right)).toBe(true);
    expect(await misled(right, wrong)).toBe(false);
    expect(await misled()).toBe(false);
  });

  test("closes a retriever that fails, and passes on why", async () => {
    const broken = new WordOverlap();
    broken.index = () => Promise.reject(new Error("the embedder is down"));
    await expect(measureRetrieval([broken], { split: "tune", subject: "hybrid" })).rejects.toThrow(
      "the embedder is down",
    );
    expect(broken.closed).toBe(true);
  });
});

describe("the options", () => {
  test("are the report half, in words, about the hybrid", () => {
    expect(parseRetrievalOptions([])).toEqual({
      split: "report",
      json: false,
      subject: "hybrid",
      openWebUi: [],
    });
    expect(parseRetrievalOptions(["--split", "tune", "--json", "--subject", "bm25"])).toEqual({
      split: "tune",
      json: true,
      subject: "bm25",
      openWebUi: [],
    });
    const { openWebUi } = parseRetrievalOptions(["--open-webui", "0.6.15", "--open-webui", "0.12.4"]) as {
      openWebUi: string[];
    };
    expect(openWebUi).toEqual(["0.6.15", "0.12.4"]);
    expect(parseRetrievalOptions(["--help"])).toBe("help");
  });

  test("refuse a half that there is not", () => {
    expect(() => parseRetrievalOptions(["--split", "all"])).toThrow('--split: "all" is none of tune, report');
  });
});
