// The `ai` package of npm with @ai-sdk/openai-compatible and @ai-sdk/openai, with the base URL that BASE_URL names.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { area, lastAsked, PIXEL, refusalOf } from "./area.mjs";

const { BASE_URL, TOKEN, MODEL } = process.env;
const settings = { name: "offstage", baseURL: BASE_URL, includeUsage: true, supportsStructuredOutputs: true };
const provider = createOpenAICompatible({ ...settings, apiKey: TOKEN });
const openai = createOpenAI({ baseURL: BASE_URL, apiKey: TOKEN });
const model = provider(MODEL);
const once = { maxRetries: 0 };
const weather = (onCall) =>
  tool({ description: "Today's weather", inputSchema: z.object({ city: z.string() }), execute: onCall });

await area("generateText", async () => {
  const { text, usage, finishReason } = await generateText({ model, prompt: "capital of France?", ...once });
  equal(text, "The capital of France is Paris.");
  equal(finishReason, "stop");
  ok(usage.totalTokens > 0);
});
await area("generateText with a system prompt and a conversation", async () => {
  const messages = [
    { role: "user", content: "One" },
    { role: "assistant", content: "Two" },
    { role: "user", content: "Three" },
  ];
  const { text } = await generateText({ model, instructions: "Be brief.", messages, ...once });
  match(text, /^You said: Three .*4 messages/);
  equal((await lastAsked()).body.messages[0].content, "Be brief.");
});
await area("streamText", async () => {
  const { textStream, usage } = streamText({ model, prompt: "[[tokens=4]]", ...once });
  let text = "";
  for await (const part of textStream) text += part;
  equal(text, "tok0 tok1 tok2 tok3 ");
  ok((await usage).totalTokens > 0);
});
await area("generateObject", async () => {
  const { object } = await generateObject({
    model,
    schema: z.object({ name: z.string() }),
    prompt: 'Who? [[json={"name":"Ada"}]]',
    ...once,
  });
  deepEqual(object, { name: "Ada" });
  equal((await lastAsked()).body.response_format.type, "json_schema");
});
await area("tools", async () => {
  const cities = [];
  const { toolCalls } = await generateText({
    model,
    prompt: "[[tool]]",
    tools: { get_weather: weather(async ({ city }) => void cities.push(city) ?? "Sunny") },
    stopWhen: stepCountIs(1),
    ...once,
  });
  equal(toolCalls[0].toolName, "get_weather");
  deepEqual(cities, ["Paris"]);
});
await area("tools, streamed, with a second step", async () => {
  const { steps } = streamText({
    model,
    prompt: "[[tool]]",
    tools: { get_weather: weather(async () => "Sunny") },
    stopWhen: stepCountIs(2),
    ...once,
  });
  equal((await steps).length, 2);
  const { messages } = (await lastAsked()).body;
  equal(messages.at(-1).role, "tool");
});
await area("images", async () => {
  const content = [
    { type: "text", text: "What is this?" },
    { type: "file", mediaType: "image/png", data: PIXEL.split(",")[1] },
  ];
  await generateText({ model, messages: [{ role: "user", content }], ...once });
  equal((await lastAsked()).body.messages[0].content[1].image_url.url, PIXEL);
});
await area("reasoning", async () => {
  const { reasoningText } = streamText({ model, prompt: "[[reason=2]] Hi", ...once });
  equal(await reasoningText, "thought0 thought1 ");
});
await area("abort", async () => {
  const over = new AbortController();
  const prompt = "[[tokens=500]] [[delay=20]]";
  const { textStream } = streamText({ model, prompt, abortSignal: over.signal, onError() {}, ...once });
  for await (const _ of textStream) break;
  over.abort();
  const endsAtMs = performance.now() + 5_000;
  while (!(await lastAsked()).clientClosed) ok(performance.now() < endsAtMs, "the provider still answers");
});
await area("error: wrong key", async () => {
  const stranger = createOpenAICompatible({ ...settings, apiKey: "sk-wrong" });
  const error = await refusalOf(() => generateText({ model: stranger(MODEL), prompt: "Hi", ...once }));
  equal(error.statusCode, 401);
});
await area("error: unknown model", async () => {
  const error = await refusalOf(() =>
    generateText({ model: provider("no-such-model"), prompt: "Hi", ...once }),
  );
  ok(APICallError.isInstance(error) && [400, 404].includes(error.statusCode), `${error}`);
  equal(error.isRetryable, false);
});
await area("error: its message tells why", async () => {
  const error = await refusalOf(() =>
    generateText({ model: provider("no-such-model"), prompt: "Hi", ...once }),
  );
  match(error.message, /model/i);
});
await area("error: 429 of the provider", async () => {
  const error = await refusalOf(() => generateText({ model, prompt: "[[status=429]]", ...once }));
  equal(error.statusCode, 429);
  equal(error.isRetryable, true);
});
await area("error: 500 of the provider", async () => {
  const error = await refusalOf(() => generateText({ model, prompt: "[[status=500]]", ...once }));
  equal(error.statusCode, 500);
});
await area("embedMany", async () => {
  const { embeddings } = await embedMany({
    model: provider.embeddingModel(MODEL),
    values: ["red apple", "green pear"],
    ...once,
  });
  equal(embeddings.length, 2);
});
await area("@ai-sdk/openai, chat", async () => {
  const { text } = await generateText({ model: openai.chat(MODEL), prompt: "Hi", ...once });
  match(text, /^You said: Hi/);
});
await area("@ai-sdk/openai, chat, streamed", async () => {
  const { text } = streamText({ model: openai.chat(MODEL), prompt: "[[tokens=2]]", ...once });
  equal(await text, "tok0 tok1 ");
});
await area("@ai-sdk/openai, responses", async () => {
  const { text } = await generateText({ model: openai(MODEL), prompt: "Hi", ...once });
  match(text, /^You said: Hi/);
});
