import { type Api, connectApi, type Target } from "./api.ts";
import { completionBody, newTurnIds, tutorialChats } from "./inputs.ts";
import type { LiveAnswer } from "./live-answer.ts";
import { connectLiveSocket, type LiveSocket } from "./live-socket.ts";
import { median } from "./statistics.ts";

/** How often each stream is run: some to warm up, the rest counted. */
export interface StreamPlan {
  warmUps: number;
  runs: number;
}

/** A stream shown live; medians over the runs. */
export interface ShownStream {
  tokens: number;
  sockets: number;
  textBytes: number;
  /** From the POST to the done event at the last socket; without sockets, to the end of the chat's task. */
  doneMs: number;
  /** Of the socket that got the most; NaN without sockets. */
  bytesPerSocket: number;
}

/** A stream of 5 ms a token, at one socket; medians over the runs. */
export interface PacedStream {
  /** From the POST to the first text at the socket, minus from a POST to the provider to its first token. */
  firstDeltaAfterProviderMs: number;
  largestGapMs: number;
}

/** Server-sent events through the server and straight from the provider; medians over the runs, in ms. */
export interface PassedStream {
  directMs: number;
  throughMs: number;
  minusMs: number;
}

const STREAM_TIMEOUT_MS = 60_000;

/** Streams `tokens` tokens without delay to 0 or more sockets. @throws Error if what was shown is not the whole text */
export async function measureShownStream(
  target: Target,
  stream: { tokens: number; sockets: number },
  plan: StreamPlan,
): Promise<ShownStream> {
  const api = connectApi(target, 2);
  const sockets: LiveSocket[] = [];
  try {
    while (sockets.length < stream.sockets) sockets.push(await connectLiveSocket(target));
    const question = `[[tokens=${stream.tokens}]]`;
    const times: number[] = [];
    const sizes: number[] = [];
    for (let run = -plan.warmUps; run < plan.runs; run += 1) {
      const before = sockets.map((socket) => socket.receivedBytes);
      const { startedAtMs, doneAtMs, answers } = await runTurn(api, target, question, sockets);
      for (const answer of answers) assertWhole(answer.text, stream.tokens);
      if (run < 0) continue;
      times.push(doneAtMs - startedAtMs);
      sizes.push(Math.max(...sockets.map((socket, index) => socket.receivedBytes - before[index]!)));
    }
    return {
      ...stream,
      textBytes: expectedText(stream.tokens).length,
      doneMs: median(times),
      bytesPerSocket: stream.sockets === 0 ? Number.NaN : median(sizes),
    };
  } finally {
    for (const socket of sockets) socket.close();
    await api.close();
  }
}

/** Streams `tokens` tokens at 5 ms each to one socket. */
export async function measurePacedStream(
  target: Target,
  provider: { url: string },
  plan: StreamPlan & { tokens: number },
): Promise<PacedStream> {
  const api = connectApi(target, 2);
  const direct = connectApi({ baseUrl: provider.url, token: "" }, 1);
  const socket = await connectLiveSocket(target);
  try {
    const providerFirsts: number[] = [];
    const firsts: number[] = [];
    const gaps: number[] = [];
    for (let run = -plan.warmUps; run < plan.runs; run += 1) {
      const tokens = run < 0 ? 50 : plan.tokens;
      const { startedAtMs, answers } = await runTurn(api, target, `[[tokens=${tokens}]] [[delay=5]]`, [
        socket,
      ]);
      assertWhole(answers[0]!.text, tokens);
      if (run < 0) continue;
      firsts.push(answers[0]!.firstTextAtMs - startedAtMs);
      gaps.push(answers[0]!.largestGapMs);
    }
    while (providerFirsts.length < 5) {
      const startedAtMs = performance.now();
      const { firstPartAtMs } = await direct.drain("POST", "/chat/completions", providerBody(target, 2, 5));
      providerFirsts.push(firstPartAtMs + 5 - startedAtMs);
    }
    return {
      firstDeltaAfterProviderMs: median(firsts) - median(providerFirsts),
      largestGapMs: median(gaps),
    };
  } finally {
    socket.close();
    await direct.close();
    await api.close();
  }
}

/** Reads `tokens` tokens as server-sent events, by turns through the server and straight from the provider. */
export async function measurePassedStream(
  target: Target,
  provider: { url: string },
  plan: StreamPlan & { tokens: number },
): Promise<PassedStream> {
  const through = connectApi(target, 1);
  const direct = connectApi({ baseUrl: provider.url, token: "" }, 1);
  const body = providerBody(target, plan.tokens, 0);
  const time = async (api: Api, path: string) => {
    const startedAtMs = performance.now();
    const { tail } = await api.drain("POST", path, body, "text/event-stream");
    if (!tail.trimEnd().endsWith("data: [DONE]")) throw new Error(`${path} ended with: ${tail}`);
    return performance.now() - startedAtMs;
  };
  try {
    const directs: number[] = [];
    const throughs: number[] = [];
    for (let run = -plan.warmUps; run < plan.runs; run += 1) {
      const directMs = await time(direct, "/chat/completions");
      const throughMs = await time(through, "/api/chat/completions");
      if (run < 0) continue;
      directs.push(directMs);
      throughs.push(throughMs);
    }
    const directMs = median(directs);
    const throughMs = median(throughs);
    return { directMs, throughMs, minusMs: throughMs - directMs };
  } finally {
    await through.close();
    await direct.close();
  }
}

function providerBody(target: Target, tokens: number, delayMs: number) {
  const content = `[[tokens=${tokens}]] [[delay=${delayMs}]]`;
  return { model: target.model, stream: true, messages: [{ role: "user", content }] };
}

/** One question in a chat of its own: steps 1 and 3, then, timed, the completion to its end. */
async function runTurn(
  api: Api,
  target: Target,
  question: string,
  sockets: readonly LiveSocket[],
): Promise<{ startedAtMs: number; doneAtMs: number; answers: LiveAnswer[] }> {
  const { model } = target;
  const made = newTurnIds();
  const ids = { ...made, sessionId: sockets[0]?.id ?? made.sessionId };
  const { enriched } = tutorialChats(ids, { model, question, nowMs: Date.now() });
  const { id: chatId } = (await api.call("POST", "/api/v1/chats/new", { chat: enriched })) as { id: string };
  const following = sockets.map((socket) => socket.follow(ids.answerId, STREAM_TIMEOUT_MS));
  const startedAtMs = performance.now();
  const asked = api.call(
    "POST",
    "/api/chat/completions",
    completionBody(ids, { chatId, model, question, titleGeneration: false }),
  );
  const [answers] = await Promise.all([Promise.all(following), asked]);
  if (sockets.length === 0) await untilIdle(api, chatId);
  const doneAtMs =
    sockets.length === 0 ? performance.now() : Math.max(...answers.map((answer) => answer.doneAtMs!));
  await untilIdle(api, chatId);
  return { startedAtMs, doneAtMs, answers };
}

/** Asks every turn of the loop, so that the end is seen within a request's time. */
async function untilIdle(api: Api, chatId: string): Promise<void> {
  const deadlineMs = performance.now() + STREAM_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const { task_ids } = (await api.call("GET", `/api/tasks/chat/${chatId}`)) as { task_ids: string[] };
    if (task_ids.length === 0) return;
  }
  throw new Error(`chat ${chatId} still has a task after ${STREAM_TIMEOUT_MS} ms`);
}

function expectedText(tokens: number): string {
  return Array.from({ length: tokens }, (_, index) => `tok${index} `).join("");
}

/** The real server cuts white space off the end. */
function assertWhole(text: string, tokens: number): void {
  const expected = expectedText(tokens);
  if (text.trimEnd() === expected.trimEnd()) return;
  throw new Error(
    `the text shown live is not the whole answer: ${text.length} of ${expected.length} characters, ending "${text.slice(-30)}"`,
  );
}
