import fc from "fast-check";
import { afterEach, describe, expect, it, test } from "vitest";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import { askInput, closeStages, openStage } from "../../test/support/flow-stage.ts";
import { recordedExchange } from "../../test/support/recordings.ts";
import type { JsonObject } from "../contract/json-shape.ts";
import { examineChat } from "./examine-chat.ts";
import { SEVERITIES } from "./finding.ts";

const IDLE = { runningTaskIds: [] };

type Row = Record<string, unknown>;

const user = (changes: Row = {}): Row => ({
  id: "U",
  role: "user",
  content: "Hi",
  parentId: null,
  childrenIds: ["A"],
  timestamp: 1_795_230_000,
  ...changes,
});
const assistant = (changes: Row = {}): Row => ({
  id: "A",
  role: "assistant",
  content: "Hello",
  parentId: "U",
  childrenIds: [],
  model: "gpt-4o",
  timestamp: 1_795_230_001,
  ...changes,
});

/** A record with these messages, mirrored in `messages[]`. */
function chatOf(messages: Record<string, unknown>, history: Row = {}, chat: Row = {}): JsonObject {
  return {
    id: "c",
    chat: {
      models: ["gpt-4o"],
      messages: Object.values(messages),
      history: { currentId: "A", messages, ...history },
      ...chat,
    },
  };
}

const turn = (question: Row = {}, answer: Row = {}) => ({ U: user(question), A: assistant(answer) });

/** What was found, as `severity code messageId`. */
const found = (record: JsonObject, runningTaskIds: string[] = []) =>
  examineChat(record, { runningTaskIds }).map(
    ({ severity, code, messageId }) => `${severity} ${code} ${messageId}`,
  );

const BROKEN: [what: string, record: JsonObject, expected: string[]][] = [
  [
    "a chat that has current_id only",
    chatOf(turn(), { currentId: undefined, current_id: "A" }),
    ["breaks current_id_only null"],
  ],
  [
    "a chat that has its current message beside history only",
    chatOf(turn(), { currentId: null }, { currentId: "A" }),
    ["breaks current_id_only null"],
  ],
  [
    "a chat without any current message",
    chatOf(turn(), { currentId: undefined }),
    ["breaks missing_current null"],
  ],
  [
    "a current message that is not there",
    chatOf(turn(), { currentId: "X" }),
    ["breaks unknown_current null"],
  ],
  [
    "an orphan",
    chatOf({ ...turn(), B: assistant({ id: "B", parentId: "gone" }) }),
    ["breaks unknown_parent B"],
  ],
  ["a cycle", chatOf(turn({ parentId: "A" }, { childrenIds: ["U"] })), ["breaks cycle U"]],
  [
    "a message that is its own parent",
    chatOf({ ...turn(), B: assistant({ id: "B", parentId: "B", childrenIds: ["B"] }) }),
    ["breaks self_parent B"],
  ],
  [
    "a message without childrenIds",
    chatOf(turn({}, { childrenIds: undefined })),
    ["breaks missing_children_ids A"],
  ],
  ["a child that is not there", chatOf(turn({ childrenIds: ["A", "gone"] })), ["breaks unknown_child U"]],
  ["a child that its parent does not list", chatOf(turn({ childrenIds: [] })), ["misleads unlisted_child A"]],
  ["a child that is listed twice", chatOf(turn({ childrenIds: ["A", "A"] })), ["misleads duplicate_child U"]],
  [
    "a child that is another message's",
    chatOf({ ...turn(), V: user({ id: "V", childrenIds: ["A"] }) }),
    ["misleads foreign_child V"],
  ],
  ["a row without a role", chatOf(turn({}, { role: undefined })), ["breaks missing_role A"]],
  [
    "a row without an id",
    chatOf(turn({}, { id: undefined }), {}, { messages: [user(), assistant()] }),
    ["breaks missing_id A", "note messages_behind null"],
  ],
  ["a row under another key", chatOf({ U: user(), A: assistant({ id: "B" }) }), ["breaks key_mismatch A"]],
  ["a first message without parentId", chatOf(turn({ parentId: undefined })), ["breaks missing_parent_id U"]],
  [
    "a row that is no message",
    chatOf({ ...turn(), B: null }, {}, { messages: [user(), assistant()] }),
    [
      "breaks missing_children_ids B",
      "breaks missing_id B",
      "breaks missing_role B",
      "breaks missing_parent_id B",
    ],
  ],
  [
    "an answer that lost its parent, claimed by its question",
    chatOf(turn({}, { parentId: null })),
    ["misleads lost_parent A", "misleads foreign_child U"],
  ],
  [
    "an answer that lost its parent, after a question that does not know it",
    chatOf(turn({ childrenIds: [] }, { parentId: undefined })),
    ["misleads lost_parent A"],
  ],
  ["a question whose answer is hidden", chatOf(turn(), { currentId: "U" }), ["misleads hidden_answer A"]],
  [
    "the error of a page that missed the model",
    chatOf(turn({}, { error: { content: "'model'" }, model: undefined })),
    ["misleads model_error A", "misleads missing_model A"],
  ],
  ["an answer that runs for ever", chatOf(turn({}, { content: "" })), ["misleads never_ended A"]],
  [
    "an answer that runs for ever, and says so",
    chatOf(turn({}, { content: "", done: false })),
    ["misleads never_ended A"],
  ],
  ["an answer without a model", chatOf(turn({}, { model: "" })), ["misleads missing_model A"]],
  ["milliseconds", chatOf(turn({ timestamp: 1_720_000_000_000 })), ["misleads millisecond_timestamp U"]],
  [
    "messages[] without the answer's text",
    chatOf(turn(), {}, { messages: [user(), assistant({ content: "" })] }),
    ["note messages_behind null"],
  ],
  ["no messages[]", chatOf(turn(), {}, { messages: undefined }), ["note messages_behind null"]],
  [
    "messages in messages[] only",
    { id: "c", chat: { messages: [user(), assistant()] } },
    ["breaks history_empty null"],
  ],
];

const HEALTHY: [what: string, record: JsonObject, runningTaskIds?: string[]][] = [
  ["a turn", chatOf(turn())],
  ["an empty chat", chatOf({}, { currentId: null })],
  ["a record without a chat", { id: "c" }],
  ["an answer that runs", chatOf(turn({}, { content: "", done: false })), ["task"]],
  ["an empty answer that is done", chatOf(turn({}, { content: "", done: true }))],
  ["an answer that failed", chatOf(turn({}, { content: "", error: { content: "no" } }))],
  [
    "an answer that stands in output[] only",
    chatOf(turn({}, { content: "", output: [{ type: "message" }] })),
  ],
  ["an answer of files", chatOf(turn({}, { content: "", files: [{ type: "image" }] }))],
  ["a greeting before the first question", chatOf({ A: assistant({ parentId: null }) })],
  ["a question that was edited", chatOf({ ...turn(), V: user({ id: "V", childrenIds: [] }) })],
];

describe("examineChat", () => {
  it.each(BROKEN)("finds %s", (_what, record, expected) => {
    expect(found(record)).toEqual(expected);
  });

  it.each(HEALTHY)("finds nothing in %s", (_what, record, runningTaskIds) => {
    expect(found(record, runningTaskIds)).toEqual([]);
  });

  it("tells the worst first, each with a sentence and what would mend it", () => {
    const findings = BROKEN.flatMap(([, record]) => examineChat(record, IDLE));
    for (const { sentence, mend } of findings) {
      expect(sentence).toMatch(/\.$/);
      expect(mend).toMatch(/\.$/);
    }
    const many = examineChat(chatOf(turn({ timestamp: 1_720_000_000_000 }, { role: undefined })), IDLE);
    const ranks = many.map(({ severity }) => SEVERITIES.indexOf(severity));
    expect(ranks).toEqual([...ranks].sort());
    expect(new Set(ranks).size).toBeGreaterThan(1);
  });

  it("takes any record", () => {
    const loose = fc.record(
      {
        id: fc.constantFrom("a", "b", 7, null),
        role: fc.constantFrom("user", "assistant", null),
        parentId: fc.constantFrom("a", "b", "x", null, undefined, 7),
        childrenIds: fc.oneof(fc.array(fc.constantFrom("a", "b", "x", null, 7)), fc.jsonValue()),
        content: fc.jsonValue(),
        output: fc.jsonValue(),
        error: fc.jsonValue(),
        timestamp: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const rows = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(loose, fc.jsonValue()));
    const history = fc.oneof(
      fc.record({ messages: rows, currentId: fc.constantFrom("a", "b", "x", null, 7, undefined) }),
      fc.jsonValue(),
    );
    const chat = fc.oneof(
      fc.record({ history, messages: fc.jsonValue(), models: fc.jsonValue() }),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.record({ chat }), (record) => {
        for (const { sentence, mend } of examineChat(record, IDLE)) expect(sentence && mend).not.toBe("");
      }),
    );
  });

  it("changes nothing", () => {
    for (const [, record] of BROKEN) {
      const before = structuredClone(record);
      examineChat(record, IDLE);
      expect(record).toEqual(before);
    }
  });

  it("goes through a chain of 50,000 messages and a cycle as long", () => {
    const messages: Record<string, Row> = {};
    for (let n = 0; n < 50_000; n++) {
      messages[`m${n}`] = user({ id: `m${n}`, parentId: `m${n - 1}`, childrenIds: [`m${n + 1}`] });
    }
    messages.m0!.parentId = "m49999";
    messages.m49999!.childrenIds = ["m0"];
    expect(found(chatOf(messages, { currentId: "m49999" }))).toEqual([
      expect.stringMatching(/^breaks cycle m\d+$/),
    ]);
  });
});

describe("what real servers kept", () => {
  test.each<[name: string, step: string | undefined, codes: string[]]>([
    [
      "0.12.4/14-no-session-stream",
      "7 final",
      [
        "breaks missing_parent_id user-msg-id",
        "misleads lost_parent assistant-msg-id",
        "misleads foreign_child user-msg-id",
        "misleads millisecond_timestamp user-msg-id",
        "note messages_behind null",
      ],
    ],
    [
      "0.6.15/10_step1_new",
      undefined,
      [
        "breaks missing_children_ids user-msg-id",
        "breaks missing_parent_id user-msg-id",
        "breaks current_id_only null",
        "misleads millisecond_timestamp user-msg-id",
      ],
    ],
    [
      "0.6.15/16_step7_final",
      undefined,
      [
        "breaks missing_children_ids user-msg-id",
        "breaks missing_children_ids assistant-msg-id",
        "breaks missing_parent_id user-msg-id",
        "misleads unlisted_child assistant-msg-id",
        "misleads millisecond_timestamp user-msg-id",
        "misleads millisecond_timestamp assistant-msg-id",
        "note messages_behind null",
      ],
    ],
    ["0.12.4/70-one-call-session", "get", ["note messages_behind null"]],
  ])("of the tutorial in %s (%s)", (name, step, codes) => {
    expect(found(recordedExchange(name, step).response.body as JsonObject)).toEqual(codes);
  });
});

describe.each(VERSIONS)("a chat made by the flow on $version (offstage: $offstage)", (behaviour) => {
  afterEach(closeStages);

  it("has nothing that the web UI would stumble over", async () => {
    const { server, offstage } = openStage(behaviour);
    const first = await offstage.ask(askInput()).answer();
    await offstage.ask(askInput({ chatId: first.chatId, content: "and of Italy?" })).answer();
    await offstage.ask({ chatId: first.chatId, regenerate: first.messageId }).answer();
    const record = await offstage.client.getChatRecord(first.chatId);
    const visible = examineChat(record, IDLE).filter(({ severity }) => severity !== "note");
    expect(visible).toEqual([]);
    expect(server.chats.size).toBe(1);
  });
});
