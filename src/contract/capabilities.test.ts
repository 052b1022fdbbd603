import { describe, expect, it } from "vitest";
import { CAPABILITIES, type CapabilityKey, capabilityName, deriveCapabilities } from "./capabilities.ts";

const NONE = { linkParent: false, linkMessage: false, serverTurns: false, historyMerge: false };
const LINKED = { ...NONE, linkParent: true, linkMessage: true };
const TURNS = { ...LINKED, serverTurns: true };
const MERGING = { ...TURNS, historyMerge: true };

describe("the table of capabilities", () => {
  const rows = Object.entries(CAPABILITIES);

  it("names what others follow from", () => {
    const names = rows.map(([key]) => capabilityName(key as CapabilityKey));
    const sources = rows.flatMap(([, row]) => ("from" in row ? [row.from] : []));
    expect(sources.filter((from) => !names.includes(from) && !from.includes(" "))).toEqual([]);
    expect(names).toContain("chat_access_checked");
  });

  it.each(rows)("tells of %s in sentences that fit a terminal", (_key, { meaning, why }) => {
    for (const sentence of [meaning, why]) expect(sentence.length).toBeLessThanOrEqual(98);
  });

  it("has a value for what is probed or follows, and for nothing else", () => {
    const valued = rows.filter(([, { found }]) => found === "probed" || found === "follows");
    expect(valued.map(([key]) => key).sort()).toEqual(Object.keys(deriveCapabilities(NONE, false)).sort());
  });
});

it.each([
  ["0.6.15", NONE, false, { stopScope: "task", syncSave: false, parallelSafe: true, deleteMessage: false }],
  ["0.7.2", LINKED, false, { stopScope: "task", knowledgeFilesPaged: true, parallelSafe: true }],
  ["0.9.6", TURNS, false, { stopScope: "chat", syncSave: true, parallelSafe: false, deleteMessage: false }],
  ["0.12.4", MERGING, false, { deleteMessage: true, parallelSafe: false, completedSettles: false }],
  ["offstage", MERGING, true, { parallelSafe: true, completedSettles: true }],
])("what follows from the looks at %s", (_name, probed, isOffstage, expected) => {
  expect(deriveCapabilities(probed, isOffstage)).toMatchObject({ ...probed, ...expected });
});
