import { afterEach, describe, expect, it } from "vitest";
import { askInput, closeStages, NEWEST, openStage, shownBranch } from "../../test/support/flow-stage.ts";

const MODELS = ["a", "b"];

afterEach(closeStages);

/** A server on which each completion leaves its own model as the chat's, or one that somebody else chose. */
function openOverwriting(chosen?: string) {
  const stage = openStage(NEWEST);
  const { server } = stage;
  server.before = ({ method, path, body }) => {
    const record = server.chats.get(body?.chat_id ?? "");
    if (record !== undefined && `${method} ${path}` === "POST /api/chat/completions")
      record.chat.models = [chosen ?? body.model];
  };
  const models = () => [...server.chats.values()][0]?.chat.models;
  const writes = () => server.requests.filter(({ body }) => body?.chat?.models !== undefined);
  return { ...stage, models, writes };
}

describe("the models of a chat", () => {
  it("are all of the turn's again after its last answer, and its messages stay", async () => {
    const { offstage, server, models, writes } = openOverwriting();
    const { answers } = await offstage.ask(askInput({ model: undefined, models: MODELS })).answer();
    expect(answers.map(({ error }) => error)).toEqual([null, null]);
    expect(models()).toEqual(MODELS);
    expect(writes().at(-1)?.body.chat).toEqual({ models: MODELS });
    expect(shownBranch(server)).toHaveLength(2);
  });

  it("are left as somebody else chose them", async () => {
    const { offstage, models } = openOverwriting("c");
    await offstage.ask(askInput({ model: undefined, models: MODELS })).answer();
    expect(models()).toEqual(["c"]);
  });

  it("are not looked at after a turn of one", async () => {
    const { offstage, writes } = openOverwriting();
    await offstage.ask(askInput()).answer();
    expect(writes()).toHaveLength(1);
  });

  it("take no answer away where they cannot be written", async () => {
    const { offstage, server } = openOverwriting();
    server.faultAt = (_index, { method, body }) =>
      method === "POST" && body?.chat?.models !== undefined && body.chat.history === undefined
        ? "500"
        : undefined;
    const turn = offstage.ask(askInput({ model: undefined, models: MODELS }));
    const warnings = [];
    for await (const event of turn) if (event.type === "warning") warnings.push(event.error.code);
    expect((await turn.answer()).answers).toHaveLength(2);
    expect(warnings).toEqual(["server_failed"]);
  });
});
