import { request } from "undici";
import { connectApi, type Target } from "./api.ts";
import { startChild } from "./child-process.ts";
import { LOCAL_QUESTIONS, type LoopRound, MAX_TOKENS, READY_PREFIX } from "./local-loop.ts";
import { median } from "./statistics.ts";

/** Tokens a second of four chats together; medians over the rounds. */
export interface LocalFigures {
  throughServer: number;
  ownLoop: number;
  /** The first over the second, in percent. */
  percent: number;
}

/** Asks the same four questions, by turns, through the server and in node-llama-cpp's own loop. */
export async function measureLocalModel(
  target: Target,
  place: { root: string; modelPath: string; rounds: number },
): Promise<LocalFigures> {
  const loop = await startChild(["bench/local-loop.ts", place.modelPath], READY_PREFIX, {
    cwd: place.root,
    timeoutMs: 120_000,
  });
  const throughs: number[] = [];
  const owns: number[] = [];
  try {
    for (let round = -1; round < place.rounds; round += 1) {
      const through = await askServer(target);
      const own = await askLoop(loop.url);
      if (round < 0) continue;
      throughs.push(through);
      owns.push(own);
    }
  } finally {
    await loop.stop();
  }
  const throughServer = median(throughs);
  const ownLoop = median(owns);
  return { throughServer, ownLoop, percent: (100 * throughServer) / ownLoop };
}

async function askLoop(url: string): Promise<number> {
  const { body } = await request(url, { method: "POST", headersTimeout: 120_000 });
  const { tokens, ms } = (await body.json()) as LoopRound;
  return (tokens * 1000) / ms;
}

async function askServer(target: Target): Promise<number> {
  const api = connectApi(target, LOCAL_QUESTIONS.length);
  try {
    const startedAtMs = performance.now();
    const counts = await Promise.all(
      LOCAL_QUESTIONS.map(async (content) => {
        const { tail } = await api.drain(
          "POST",
          "/api/chat/completions",
          {
            model: target.model,
            stream: true,
            stream_options: { include_usage: true },
            temperature: 0,
            max_tokens: MAX_TOKENS,
            messages: [{ role: "user", content }],
          },
          "text/event-stream",
        );
        const tokens = /"completion_tokens":\s*(\d+)/.exec(tail)?.[1];
        if (tokens === undefined)
          throw new Error(`the local model's answer ended without its usage: ${tail}`);
        return Number(tokens);
      }),
    );
    const ms = performance.now() - startedAtMs;
    return (counts.reduce((sum, count) => sum + count, 0) * 1000) / ms;
  } finally {
    await api.close();
  }
}
