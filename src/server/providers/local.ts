import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { OffstageError } from "../../errors.ts";
import { untilAborted } from "./abort.ts";
import { type Generate, streamAnswer, wholeAnswer } from "./local-answer.ts";
import { type LocalEngine, loadLocalEngine } from "./local-engine.ts";
import { parseLocalRequest } from "./local-request.ts";
import { DEMO_MODEL, locateModelFile, type ModelFileOptions } from "./model-file.ts";
import type { Provider, ProviderModel, ProviderRequest, ProviderResponse } from "./provider.ts";

export interface LocalProviderOptions extends Omit<ModelFileOptions, "signal"> {
  /** Answers generated at once. */
  sequences?: number;
  /** Requests that may wait for a sequence; the next one gets a 429. */
  maxWaiting?: number;
  /** Tokens of prompt and answer together; longer conversations lose their oldest turns. */
  contextSize?: number;
  /**
   * `modelThreads()` by default. The threads of one step wait for each other without sleeping: on cores that others keep
   * busy, one is many times faster than two.
   */
  threads?: number | undefined;
}

/** As many as there are cores, and no more than so small a model can use. */
export function modelThreads(): number {
  return Math.min(4, availableParallelism());
}

/** The local provider, with what can be seen of its work. */
export interface LocalProvider extends Provider {
  /** Null until the model is loaded. */
  readonly load: { idleSequences: number; waiting: number } | null;
}

/**
 * A model in this process, loaded at the first completion: by default SmolLM2-135M-Instruct, a demo model that comes
 * with offstage. It answers as an OpenAI endpoint would, chunk by chunk; requests that it cannot
 * serve get a 4xx as `json` (400 what it cannot do, 404 another model, 429 too many waiting).
 *
 * Temperature is 0 unless asked for. System messages are put into the first user turn, since this model derails on any
 * system prompt. `response_format` is enforced by a grammar.
 * @throws OffstageError from `complete`: `model_unavailable` (says what to install or download), `cancelled`
 */
export function createLocalProvider(options: LocalProviderOptions): LocalProvider {
  const { sequences = 4, maxWaiting = 64, contextSize = 2048, onProgress } = options;
  const threads = options.threads ?? modelThreads();
  const model = describeModel(options.modelPath, contextSize);
  const closing = new AbortController();
  /** Generations under way; the engine is disposed only when there are none. */
  const running = new Set<Promise<unknown>>();
  let engine: LocalEngine | null = null;
  /** The loading under way or done; null before the first use and after a failure, which may be tried again. */
  let loading: Promise<LocalEngine> | null = null;

  async function loadEngine(): Promise<LocalEngine> {
    const modelPath = await locateModelFile({ ...options, signal: closing.signal });
    onProgress?.({ phase: "load" });
    engine = await loadLocalEngine({ modelPath, sequences, maxWaiting, contextSize, threads });
    onProgress?.({ phase: "ready" });
    return engine;
  }

  function useEngine(): Promise<LocalEngine> {
    loading ??= loadEngine().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  }

  async function answer(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse> {
    if (request.model !== model.id) {
      const message = `The local provider has the model '${model.id}', not '${request.model}'.`;
      throw new OffstageError("not_found", message);
    }
    const asked = parseLocalRequest(request);
    const loaded = await untilAborted(useEngine(), signal);
    const slot = await loaded.reserve(asked, signal);
    const left = new AbortController();
    const stop = AbortSignal.any([signal, left.signal]);
    const generate: Generate = (onText) => track(slot.generate(onText, stop));
    return request.stream
      ? { status: 200, kind: "events", events: streamAnswer(generate, model.id, asked.includeUsage, left) }
      : { status: 200, kind: "json", body: await wholeAnswer(generate, model.id) };
  }

  function track<T>(work: Promise<T>): Promise<T> {
    const ended: Promise<boolean> = work.then(
      () => running.delete(ended),
      () => running.delete(ended),
    );
    running.add(ended);
    return work;
  }

  return {
    name: "local",
    async listModels() {
      return [model];
    },
    async complete(request, signal) {
      const stop = AbortSignal.any([signal, closing.signal]);
      try {
        return await answer(request, stop);
      } catch (thrown) {
        const status = thrown instanceof OffstageError ? REFUSALS[thrown.code] : undefined;
        if (stop.aborted) {
          throw new OffstageError("cancelled", "The request to the local model was cancelled.", {
            cause: thrown,
          });
        }
        if (status === undefined) throw thrown;
        const { message, code } = thrown as OffstageError;
        return { status, kind: "json", body: { error: { message, type: "invalid_request_error", code } } };
      }
    },
    get load() {
      return engine === null ? null : { idleSequences: engine.idleSequences, waiting: engine.waiting };
    },
    async close() {
      closing.abort();
      await loading?.catch(() => {});
      await Promise.all(running);
      await engine?.dispose();
      engine = null;
      loading = null;
    },
  };
}

/** What is answered as a status, as a remote provider would. */
const REFUSALS: Record<string, number | undefined> = { bad_input: 400, not_found: 404, rate_limited: 429 };

/** A file of one's own is listed under its own name, and not as the demo model. */
function describeModel(modelPath: string | undefined, contextLength: number): ProviderModel {
  const shared = { ownedBy: "local", createdAtSec: 0, contextLength, capabilities: ["chat"] };
  if (!modelPath || basename(modelPath) === DEMO_MODEL.fileName) {
    const description = "Runs inside offstage, for trying things out. Too small for answers that matter.";
    return { ...shared, id: DEMO_MODEL.id, name: DEMO_MODEL.name, description, demo: true };
  }
  const name = basename(modelPath).replace(/\.gguf$/i, "");
  return { ...shared, id: name.toLowerCase(), name };
}
