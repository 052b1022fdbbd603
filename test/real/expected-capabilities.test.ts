import { expect, it } from "vitest";
import { expectedAnswers } from "./expected-capabilities.ts";

it.each([
  ["0.6.15", { link_parent: false, text_location: "content", history_merge: false }],
  ["0.6.41", { link_parent: true, link_message: false, async_upload: true, knowledge_files_paged: false }],
  ["0.10.2", { text_location: "output", history_merge: true, grows: false }],
  ["0.12.4", { text_location: "content", duplicate_guard: true, server_turns: true }],
])("knows what %s answered", (version, answers) => {
  expect(expectedAnswers(version)).toMatchObject(answers);
});

it("expects nothing of a version that nobody has seen", () => {
  expect(expectedAnswers("0.12.5")).toEqual({});
});
