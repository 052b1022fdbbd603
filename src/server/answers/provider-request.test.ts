import { describe, expect, it } from "vitest";
import type { CompletionRequest } from "../../contract/completion.ts";
import { buildProviderRequest, substituteVariables } from "./provider-request.ts";

const messages = [{ role: "user", content: "Hi" }];

function build(
  request: Partial<CompletionRequest>,
  more: Partial<Parameters<typeof buildProviderRequest>[0]> = {},
) {
  return buildProviderRequest({
    request: { model: "m", ...request },
    model: "m",
    messages,
    modelParams: {},
    chatParams: {},
    variables: {},
    wantsUsage: false,
    ...more,
  });
}

describe("a request to a provider", () => {
  it("holds OpenAI's fields and nothing of ours", () => {
    const request = build({
      stream: true,
      temperature: 0.2,
      tools: [{ type: "function" }],
      chat_id: "c",
      id: "a",
      session_id: "s",
      features: { web_search: true },
      filter_ids: ["f"],
      user_message: { id: "u" },
      parent_id: "u",
      message_ids: { m: "a" },
      tool_servers: [],
      model_item: {},
      foo: 1,
    });
    expect(request).toEqual({
      model: "m",
      messages,
      stream: true,
      temperature: 0.2,
      tools: [{ type: "function" }],
    });
  });

  it.each([
    [
      "params win over top-level fields",
      { temperature: 0.5, params: { temperature: 0.3 } },
      {},
      { temperature: 0.3 },
    ],
    ["the chat's params stand where the request names none", {}, { temperature: 0.7 }, { temperature: 0.7 }],
    [
      "the request wins over the chat's params",
      { temperature: 0.5 },
      { temperature: 0.7 },
      { temperature: 0.5 },
    ],
    ["custom_params are merged in", { params: { custom_params: { top_k: 4 } } }, {}, { top_k: 4 }],
    ["nulls are left out", { params: { seed: null }, stop: null }, {}, {}],
    [
      "what steers Open WebUI stays",
      { params: { function_calling: "legacy", stream_response: true } },
      {},
      {},
    ],
  ])("%s", (_rule, request, chatParams, fields) => {
    expect(build(request, { chatParams })).toEqual({ model: "m", messages, stream: false, ...fields });
  });

  it.each([
    ["asked for where the caller did not say", {}, true, { include_usage: true }],
    ["left as the caller said", { stream_options: { include_usage: false } }, true, { include_usage: false }],
    ["not asked for without a chat", {}, false, undefined],
  ])("usage is %s", (_rule, request, wantsUsage, options) => {
    expect(build({ stream: true, ...request }, { wantsUsage }).stream_options).toEqual(options);
  });

  it("puts the system prompt in front, with its variables filled in", () => {
    const variables = { "{{USER_NAME}}": "", "{{CURRENT_TIMEZONE}}": "Europe" };
    const params = { system: "For {{USER_NAME}} in {{CURRENT_TIMEZONE}}, {{UNKNOWN}}." };
    expect(build({ params }, { variables }).messages[0]).toEqual({
      role: "system",
      content: "For  in Europe, {{UNKNOWN}}.",
    });
  });

  it("says a system prompt once that leads the messages too, as it stands or filled in", () => {
    for (const content of ["For {{USER_NAME}}.", "For Ann."]) {
      const request = build(
        { params: { system: "For {{USER_NAME}}." } },
        { messages: [{ role: "system", content }, ...messages], variables: { "{{USER_NAME}}": "Ann" } },
      );
      expect(request.messages).toEqual([{ role: "system", content: "For Ann." }, ...messages]);
    }
  });

  it("puts the folder's prompt before the chat's", () => {
    const request = build({ params: { system: "Be brief." } }, { folderPrompt: "Be kind." });
    expect(request.messages).toEqual([{ role: "system", content: "Be kind.\nBe brief." }, ...messages]);
  });

  it("keeps a system message that is there behind the system prompt", () => {
    const own = [{ role: "system", content: "Be kind." }, ...messages];
    const request = build({ params: { system: "Be brief." } }, { messages: own });
    expect(request.messages).toEqual([{ role: "system", content: "Be brief.\nBe kind." }, ...messages]);
  });
});

describe("variables", () => {
  it.each([
    ["{{A}} {{A}}", { "{{A}}": "x" }, "x x"],
    ["{{A}}", { "{{A}}": "$& {{A}}" }, "$& {{A}}"],
    ["{{A}}", { "{{A}}": null }, "{{A}}"],
    ["{{N}}", { "{{N}}": 7 }, "7"],
  ])("%s", (text, variables, result) => {
    expect(substituteVariables(text, variables)).toBe(result);
  });
});
