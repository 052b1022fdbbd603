/**
 * node-llama-cpp's own loop: four chats at once, with nothing of offstage between. Started as
 * `node bench/local-loop.ts MODEL_FILE`; each POST runs one round and answers a `LoopRound`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { modelThreads } from "../src/server/providers/local.ts";

export const READY_PREFIX = "local loop listening on ";

/** Long enough to measure by, short of where this model begins to repeat itself. */
export const MAX_TOKENS = 128;

export const LOCAL_QUESTIONS = [
  "Write a short story about a lighthouse keeper.",
  "Explain how bread is made, step by step.",
  "Describe a walk through a forest in autumn.",
  "Tell me about the history of bridges.",
] as const;

export interface LoopRound {
  tokens: number;
  ms: number;
}

/** With the options of the local provider (`src/server/providers/local-engine.ts`). */
async function createLoop(modelPath: string): Promise<() => Promise<LoopRound>> {
  const { getLlama, LlamaChat, LlamaLogLevel, resolveChatWrapper } = await import("node-llama-cpp");
  const llama = await getLlama({
    gpu: false,
    build: "never",
    maxThreads: modelThreads(),
    progressLogs: false,
    logLevel: LlamaLogLevel.disabled,
  });
  const model = await llama.loadModel({ modelPath });
  const sequences = LOCAL_QUESTIONS.length;
  const context = await model.createContext({ sequences, contextSize: 2048, flashAttention: true });
  const chatWrapper = resolveChatWrapper(model);
  const chats = LOCAL_QUESTIONS.map(
    () => new LlamaChat({ contextSequence: context.getSequence(), chatWrapper }),
  );

  return async () => {
    let tokens = 0;
    const startedAtMs = performance.now();
    await Promise.all(
      chats.map((chat, index) =>
        chat.generateResponse(
          [
            { type: "user", text: LOCAL_QUESTIONS[index]! },
            { type: "model", response: [] },
          ],
          {
            temperature: 0,
            maxTokens: MAX_TOKENS,
            repeatPenalty: {},
            onToken(made) {
              tokens += made.length;
            },
          },
        ),
      ),
    );
    return { tokens, ms: performance.now() - startedAtMs };
  };
}

if (import.meta.main) {
  const runRound = await createLoop(process.argv[2]!);
  const server = createServer(async (_request, response) => {
    const round = await runRound();
    response.end(JSON.stringify(round));
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${READY_PREFIX}http://127.0.0.1:${port}\n`);
  });
}
