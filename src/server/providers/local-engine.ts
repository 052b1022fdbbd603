import { LRUCache } from "lru-cache";
import type { ChatHistoryItem, Llama, LlamaContextSequence, LlamaGrammar } from "node-llama-cpp";
import { OffstageError } from "../../errors.ts";
import { toGrammarSchema } from "./grammar-schema.ts";
import { importLlama } from "./llama-import.ts";
import { fitPrompt, TURN_OVERHEAD } from "./local-prompt.ts";
import type { LocalRequest, LocalTurn } from "./local-request.ts";
import { createSequenceQueue } from "./sequence-queue.ts";

export interface EngineOptions {
  modelPath: string;
  /** Answers generated at once; they share each step of the model. */
  sequences: number;
  /** Requests that may wait for one of them. */
  maxWaiting: number;
  /** Tokens of prompt and answer together. */
  contextSize: number;
  threads: number;
}

/** What one generation came to. */
export interface Generation {
  /** `length`: it was cut at the token limit, asked for or the context's. */
  finishReason: "stop" | "length";
  promptTokens: number;
  completionTokens: number;
}

/** A generation that has its sequence and may start. */
export interface Slot {
  /**
   * Generates once, then gives the sequence back, however it ends.
   * @throws OffstageError `cancelled` on abort, `model_failed`
   */
  generate(onText: (text: string) => void, signal: AbortSignal): Promise<Generation>;
}

/** A loaded model. */
export interface LocalEngine {
  /**
   * Waits for a sequence to answer `request` with; the slot must be used.
   * @throws OffstageError `bad_input` (a schema no grammar can be made of), `rate_limited`, `cancelled`
   */
  reserve(request: LocalRequest, signal: AbortSignal): Promise<Slot>;
  readonly idleSequences: number;
  readonly waiting: number;
  /** Frees the model's memory. Only when nothing runs. */
  dispose(): Promise<void>;
}

type GrammarSchema = Parameters<Llama["createGrammarForJsonSchema"]>[0];

const GRAMMAR_CACHE_SIZE = 32;

/**
 * Loads a GGUF file with node-llama-cpp on the CPU, without building anything.
 * @throws OffstageError `model_unavailable`
 */
export async function loadLocalEngine(options: EngineOptions): Promise<LocalEngine> {
  const { sequences, contextSize } = options;
  const { getLlama, LlamaChat, LlamaLogLevel, resolveChatWrapper } = await importLlama();
  const { llama, model, context } = await load().catch((cause: unknown) => {
    const message = `The model file ${options.modelPath} could not be loaded (${(cause as Error).message}). Check that it is a GGUF file and that node-llama-cpp supports this machine.`;
    throw new OffstageError("model_unavailable", message, { cause });
  });
  const chatWrapper = resolveChatWrapper(model);
  const lent = Array.from({ length: sequences }, () => context.getSequence());
  const queue = createSequenceQueue<LlamaContextSequence>(lent, options.maxWaiting);
  const grammars = new LRUCache<string, LlamaGrammar>({ max: GRAMMAR_CACHE_SIZE });
  const counter = {
    tokenize: (text: string) => model.tokenize(text),
    detokenize: (tokens: ReturnType<typeof model.tokenize>) => model.detokenize(tokens),
  };

  async function load() {
    const llama = await getLlama({
      gpu: false,
      build: "never",
      maxThreads: options.threads,
      progressLogs: false,
      logLevel: LlamaLogLevel.disabled,
    });
    try {
      const model = await llama.loadModel({ modelPath: options.modelPath });
      const context = await model.createContext({ sequences, contextSize, flashAttention: true });
      return { llama, model, context };
    } catch (error) {
      await llama.dispose();
      throw error;
    }
  }

  async function grammarOf(json: LocalRequest["json"]): Promise<LlamaGrammar | undefined> {
    if (json === null) return undefined;
    const key = JSON.stringify(json);
    const known = grammars.get(key);
    if (known !== undefined) return known;
    try {
      const grammar =
        json === "any"
          ? await llama.getGrammarFor("json")
          : await llama.createGrammarForJsonSchema(toGrammarSchema(json) as GrammarSchema);
      grammars.set(key, grammar);
      return grammar;
    } catch (cause) {
      const message = `The local model cannot follow this JSON schema (${(cause as Error).message}). Simplify it.`;
      throw new OffstageError("bad_input", message, { cause });
    }
  }

  function prepare(request: LocalRequest) {
    // Room for the answer, so that the context never overflows: shifting it would let an answer go on for ever.
    const room = Math.min(request.maxTokens ?? contextSize, Math.floor(contextSize / 4));
    const fitted = fitPrompt(request.system, request.turns, contextSize - room - TURN_OVERHEAD, counter);
    const history = toHistory(fitted);
    const { contextText } = chatWrapper.generateContextState({ chatHistory: history });
    return { history, tokens: contextText.tokenize(model.tokenizer) };
  }

  async function generate(
    sequence: LlamaContextSequence,
    request: LocalRequest,
    { history, tokens }: ReturnType<typeof prepare>,
    grammar: LlamaGrammar | undefined,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Generation> {
    const promptTokens = tokens.length;
    const free = Math.max(1, contextSize - promptTokens - TURN_OVERHEAD);
    let completionTokens = 0;
    const chat = new LlamaChat({ contextSequence: sequence, chatWrapper });
    try {
      const { frequencyPenalty, presencePenalty } = request;
      const { metadata } = await chat.generateResponse(history, {
        temperature: request.temperature,
        maxTokens: Math.min(request.maxTokens ?? free, free),
        signal,
        onTextChunk: onText,
        onToken(tokens) {
          completionTokens += tokens.length;
        },
        repeatPenalty: {
          ...(frequencyPenalty === null ? {} : { frequencyPenalty }),
          ...(presencePenalty === null ? {} : { presencePenalty }),
        },
        customStopTriggers: request.stop,
        ...(request.topP === null ? {} : { topP: request.topP }),
        ...(request.seed === null ? {} : { seed: request.seed }),
        ...(grammar === undefined ? {} : { grammar }),
      });
      const finishReason = metadata.stopReason === "maxTokens" ? "length" : "stop";
      return { finishReason, promptTokens, completionTokens };
    } finally {
      chat.dispose({ disposeSequence: false });
    }
  }

  return {
    async reserve(request, signal) {
      const grammar = await grammarOf(request.json);
      const prompt = prepare(request);
      // A sequence that has seen this chat's beginning need not read it again.
      const sequence = await queue.acquire(
        signal,
        (idle) => idle.compareContextTokens(prompt.tokens).firstDifferentIndex,
      );
      return {
        async generate(onText, stop) {
          try {
            return await generate(sequence, request, prompt, grammar, onText, stop);
          } catch (cause) {
            if (stop.aborted)
              throw new OffstageError("cancelled", "The local model's answer was stopped.", { cause });
            const message = `The local model failed: ${(cause as Error).message}`;
            throw new OffstageError("model_failed", message, { cause });
          } finally {
            queue.release(sequence);
          }
        },
      };
    },
    get idleSequences() {
      return queue.idleCount;
    },
    get waiting() {
      return queue.waitingCount;
    },
    dispose: () => llama.dispose(),
  };
}

function toHistory(turns: LocalTurn[]): ChatHistoryItem[] {
  const history = turns.map(
    ({ role, text }): ChatHistoryItem =>
      role === "user" ? { type: "user", text } : { type: "model", response: [text] },
  );
  if (history.at(-1)!.type === "user") history.push({ type: "model", response: [] });
  return history;
}
