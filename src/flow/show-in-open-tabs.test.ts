import { afterEach, describe, expect, it } from "vitest";
import type { FakeRequest } from "../../test/support/fake-open-webui.ts";
import {
  askInput,
  closeStages,
  NEWEST,
  OLDEST,
  OURS,
  openStage,
  versionOf,
} from "../../test/support/flow-stage.ts";

afterEach(closeStages);

const isEvent = ({ path }: FakeRequest) => path.endsWith("/event");

describe("tabs that show a chat already", () => {
  it.each([versionOf("0.10.2"), NEWEST])("are told of its next turn ($version)", async (behaviour) => {
    const { offstage, server } = openStage(behaviour);
    const { chatId, messageId } = await offstage.ask(askInput()).answer();
    expect(server.requests.filter(isEvent)).toEqual([]);
    await offstage.ask(askInput({ chatId })).answer();
    await offstage.ask({ chatId, regenerate: messageId }).answer();
    const told = server.requests.filter(isEvent);
    const path = `/api/v1/chats/${chatId}/messages/${messageId}/event`;
    expect(told.map((request) => request.path)).toEqual([path, path]);
    expect(told[0]?.body).toEqual({ type: "chat:reload", data: {} });
  });

  it.each([OLDEST, versionOf("0.7.2"), OURS])(
    "are not told where none understands it or needs it ($version, offstage: $offstage)",
    async (behaviour) => {
      const { offstage, server } = openStage(behaviour);
      const { chatId } = await offstage.ask(askInput()).answer();
      await offstage.ask(askInput({ chatId })).answer();
      expect(server.requests.filter(isEvent)).toEqual([]);
    },
  );

  it("hold nobody up, whatever becomes of it", async () => {
    const { offstage, server } = openStage(NEWEST);
    const { chatId } = await offstage.ask(askInput()).answer();
    server.faultAt = (_index, request) => (isEvent(request) ? "500" : undefined);
    const turn = offstage.ask(askInput({ chatId }));
    const warnings = [];
    for await (const event of turn) if (event.type === "warning") warnings.push(event.error.code);
    expect(warnings).toEqual(["server_failed"]);
    expect(turn.state).toBe("succeeded");
  });
});
