import { afterEach, expect, it } from "vitest";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import {
  ANSWER,
  askInput,
  closeStages,
  openStage,
  QUESTION,
  shownBranch,
} from "../../test/support/flow-stage.ts";
import type { WireMessage } from "../contract/message.ts";

const NEXT = "and of Italy?";

afterEach(closeStages);

it.each(VERSIONS.filter(({ historyMerge }) => historyMerge))(
  "a text that comes between the read of a chat and the write of the next turn stays in $version (offstage: $offstage)",
  async (behaviour) => {
    const { server, offstage } = openStage(behaviour);
    const { chatId, messageId } = await offstage.ask(askInput()).answer();
    const stored = (): WireMessage => server.chats.get(chatId)?.chat.history.messages[messageId] ?? {};
    const whole = structuredClone(stored());
    Object.assign(stored(), { content: "", output: [], done: true });
    server.before = ({ method, body }) => {
      if (method === "POST" && body?.chat?.history !== undefined) Object.assign(stored(), whole);
    };
    await offstage.ask(askInput({ chatId, content: NEXT })).answer();
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER, NEXT, `You asked: ${NEXT}`]);
  },
);
