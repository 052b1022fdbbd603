// The `openai` package of npm, as its README uses it, with the base URL that BASE_URL names.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import OpenAI, { toFile } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { area, lastAsked, PIXEL, refusalOf } from "./area.mjs";

const { BASE_URL, TOKEN, API_KEY, MODEL } = process.env;
const client = new OpenAI({ baseURL: BASE_URL, apiKey: TOKEN, maxRetries: 0 });
const question = (content) => [{ role: "user", content }];
const ask = (content, more = {}) =>
  client.chat.completions.create({ model: MODEL, messages: question(content), ...more });
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Today's weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

async function read(stream) {
  let text = "";
  let usage = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  return { text, usage };
}

await area("models.list", async () => {
  const ids = [];
  for await (const { id } of client.models.list()) ids.push(id);
  ok(ids.includes(MODEL), `models are ${ids}`);
});
await area("models.retrieve", async () => {
  const model = await client.models.retrieve(MODEL);
  equal(model.id, MODEL);
  equal(model.object, "model");
});
await area("chat", async () => {
  const completion = await ask("What is the capital of France?");
  equal(completion.object, "chat.completion");
  equal(completion.choices[0].message.content, "The capital of France is Paris.");
  ok(completion.usage.total_tokens > 0);
});
await area("chat with an API key", async () => {
  const withKey = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, maxRetries: 0 });
  const { choices } = await withKey.chat.completions.create({ model: MODEL, messages: question("Hi") });
  match(choices[0].message.content, /^You said: Hi/);
});
await area("chat.stream", async () => {
  const { text } = await read(await ask("[[tokens=5]]", { stream: true }));
  equal(text, "tok0 tok1 tok2 tok3 tok4 ");
});
await area("chat.stream with usage", async () => {
  const { usage } = await read(await ask("Hi", { stream: true, stream_options: { include_usage: true } }));
  ok(usage?.total_tokens > 0, `usage is ${JSON.stringify(usage)}`);
});
await area("chat.stream by the helper", async () => {
  const stream = client.chat.completions.stream({ model: MODEL, messages: question("[[tokens=3]]") });
  equal(await stream.finalContent(), "tok0 tok1 tok2 ");
});
await area("sampling parameters", async () => {
  const asked = { temperature: 0.2, top_p: 0.9, seed: 7, stop: ["END"], max_completion_tokens: 50 };
  await ask("Hi", asked);
  const { body } = await lastAsked();
  for (const [name, value] of Object.entries(asked)) deepEqual(body[name], value, name);
});
await area("tools", async () => {
  const { choices } = await ask("[[tool]]", { tools: [weather], tool_choice: "auto" });
  equal(choices[0].finish_reason, "tool_calls");
  const [call] = choices[0].message.tool_calls;
  equal(call.function.name, "get_weather");
  deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });
  deepEqual((await lastAsked()).body.tools, [weather]);
});
await area("tools, streamed", async () => {
  let called = "";
  for await (const chunk of await ask("[[tool]]", { tools: [weather], stream: true }))
    called += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
  deepEqual(JSON.parse(called), { city: "Paris" });
});
await area("tools, run by the helper", async () => {
  const results = [];
  const runner = client.chat.completions.runTools(
    {
      model: MODEL,
      messages: question("[[tool]]"),
      tools: [
        {
          type: "function",
          function: {
            ...weather.function,
            parse: JSON.parse,
            function: ({ city }) => {
              results.push(city);
              return `Sunny in ${city}`;
            },
          },
        },
      ],
    },
    { maxChatCompletions: 1 },
  );
  await runner.done();
  deepEqual(results, ["Paris"]);
});
await area("tool results", async () => {
  const { choices } = await ask("[[tool]]", { tools: [weather] });
  const call = choices[0].message;
  const result = { role: "tool", tool_call_id: call.tool_calls[0].id, content: "Sunny" };
  const messages = [...question("Weather?"), call, result, ...question("So?")];
  const answer = await client.chat.completions.create({ model: MODEL, messages, tools: [weather] });
  match(answer.choices[0].message.content, /^You said: So\? .*4 messages/);
  const sent = (await lastAsked()).body.messages;
  deepEqual(sent[1].tool_calls, call.tool_calls);
  deepEqual(sent[2], result);
});
await area("response_format json_schema", async () => {
  const Event = z.object({ name: z.string(), day: z.string() });
  const completion = await client.chat.completions.parse({
    model: MODEL,
    messages: question('When? [[json={"name":"Fair","day":"Friday"}]]'),
    response_format: zodResponseFormat(Event, "event"),
  });
  deepEqual(completion.choices[0].message.parsed, { name: "Fair", day: "Friday" });
  const { body } = await lastAsked();
  equal(body.response_format.type, "json_schema");
  equal(body.response_format.json_schema.name, "event");
});
await area("images", async () => {
  const content = [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url: PIXEL } },
  ];
  const { choices } = await ask(content);
  match(choices[0].message.content, /^You said: What is this\?/);
  deepEqual((await lastAsked()).body.messages[0].content, content);
});
await area("reasoning", async () => {
  let thoughts = "";
  for await (const chunk of await ask("[[reason=2]] Hi", { stream: true }))
    thoughts += chunk.choices[0]?.delta.reasoning_content ?? "";
  equal(thoughts, "thought0 thought1 ");
});
await area("abort", async () => {
  const stream = await ask("[[tokens=500]] [[delay=20]]", { stream: true });
  for await (const _ of stream) break;
  stream.controller.abort();
  const endsAtMs = performance.now() + 5_000;
  while (!(await lastAsked()).clientClosed) ok(performance.now() < endsAtMs, "the provider still answers");
});
await area("error: wrong key", async () => {
  const stranger = new OpenAI({ baseURL: BASE_URL, apiKey: "sk-wrong", maxRetries: 0 });
  const error = await refusalOf(() =>
    stranger.chat.completions.create({ model: MODEL, messages: question("Hi") }),
  );
  ok(error instanceof OpenAI.AuthenticationError, `${error}`);
});
await area("error: unknown model", async () => {
  const error = await refusalOf(() => ask("Hi", { model: "no-such-model" }));
  ok(error instanceof OpenAI.BadRequestError || error instanceof OpenAI.NotFoundError, `${error}`);
});
await area("error: its message tells why", async () => {
  const error = await refusalOf(() => ask("Hi", { model: "no-such-model" }));
  match(error.message, /model/i);
});
await area("error: 429 of the provider", async () => {
  const error = await refusalOf(() => ask("[[status=429]]"));
  ok(error instanceof OpenAI.RateLimitError, `${error}`);
});
await area("error: 429 is tried again", async () => {
  const patient = new OpenAI({ baseURL: BASE_URL, apiKey: TOKEN, maxRetries: 1 });
  const error = await refusalOf(() =>
    patient.chat.completions.create({ model: MODEL, messages: question("[[status=429]]") }),
  );
  equal(error.headers.get("retry-after"), "1");
});
await area("error: 500 of the provider", async () => {
  const error = await refusalOf(() => ask("[[status=500]]"));
  ok(error instanceof OpenAI.InternalServerError, `${error}`);
});
await area("error: 500 of the provider, streamed", async () => {
  const error = await refusalOf(async () => read(await ask("[[status=500]]", { stream: true })));
  ok(error instanceof OpenAI.InternalServerError, `${error}`);
});
await area("error: in the middle of a stream", async () => {
  const error = await refusalOf(async () => read(await ask("[[tokens=9]] [[sseerror=3]]", { stream: true })));
  ok(error instanceof OpenAI.APIError && error.status === undefined, `${error}`);
});
await area("embeddings", async () => {
  const { data } = await client.embeddings.create({ model: MODEL, input: ["red apple", "green pear"] });
  equal(data.length, 2);
  ok(data[0].embedding.length > 10 && data[1].index === 1);
});
await area("embeddings of one text, as floats", async () => {
  const { data } = await client.embeddings.create({
    model: MODEL,
    input: "red apple",
    encoding_format: "float",
  });
  ok(data[0].embedding.every(Number.isFinite));
});
await area("files.create", async () => {
  const file = await toFile(Buffer.from("The launch code is 7421."), "note.txt", { type: "text/plain" });
  const { id } = await client.files.create({ file, purpose: "user_data" });
  ok(id);
});
await area("responses", async () => {
  const response = await client.responses.create({ model: MODEL, input: "Hi" });
  match(response.output_text, /^You said: Hi/);
});
await area("completions (legacy)", async () => {
  const { choices } = await client.completions.create({ model: MODEL, prompt: "Hi" });
  ok(choices[0].text);
});
