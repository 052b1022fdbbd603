import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { addMessages, type Forest, validateForest } from "../chat-tree/index.ts";
import {
  isOnBranch,
  isPlaced,
  lostMessages,
  type PlacedTurn,
  placeTurn,
  storedForest,
  wireHistory,
} from "./place-turn.ts";

const turn: PlacedTurn = {
  question: { id: "U", role: "user", content: "?" },
  questionId: "U",
  parentId: undefined,
  answers: [
    { id: "A", role: "assistant", content: "", modelIdx: 0 },
    { id: "B", role: "assistant", content: "", modelIdx: 1 },
  ],
  abandonedIds: [],
};
const EMPTY: Forest = { messages: new Map(), currentId: null };

function stored({ messages, currentId }: Forest) {
  const history = wireHistory(messages.values(), currentId);
  return { messages: [], history: { messages: history.messages ?? {}, currentId } };
}

/** A forest of as many messages as there are numbers, each under the one that its number picks. */
function grown(picks: number[]): Forest {
  const additions = picks.map((pick, index) => ({
    id: `m${index}`,
    role: index % 2 === 0 ? "user" : "assistant",
    content: `text ${index}`,
    parentId: pick % (index + 1) === 0 ? null : `m${(pick % (index + 1)) - 1}`,
  }));
  return addMessages(EMPTY, additions, additions.at(-1)?.id);
}

describe("placing a turn", () => {
  it("puts it into any chat, once, and changes no other message but its parent's list", () => {
    assert(
      property(array(integer({ min: 0, max: 1_000 }), { maxLength: 30 }), (picks) => {
        const before = grown(picks);
        const placed = placeTurn(before, turn);
        expect(validateForest(placed)).toEqual([]);
        expect(isPlaced(stored(placed), turn)).toBe(true);
        expect(isOnBranch(stored(placed), turn)).toBe(true);
        expect(placed.currentId).toBe("A");
        expect(placeTurn(placed, turn)).toEqual(placed);
        expect(lostMessages(before, stored(placed))).toEqual([]);
        const changed = [...before.messages.values()].filter(
          ({ id }) => placed.messages.get(id) !== before.messages.get(id),
        );
        expect(changed.map(({ id }) => id)).toEqual(before.currentId === null ? [] : [before.currentId]);
      }),
    );
  });

  it("mends a link that the server cut", () => {
    const placed = placeTurn(grown([0, 1]), turn);
    const messages = new Map(placed.messages);
    for (const id of ["A", "B"]) messages.set(id, { ...messages.get(id)!, parentId: null });
    const cut = { ...placed, messages };
    expect(isOnBranch(stored(cut), turn)).toBe(false);
    expect(isOnBranch(stored(placeTurn(cut, turn)), turn)).toBe(true);
    expect(validateForest(placeTurn(cut, turn))).toEqual([]);
  });

  it("shows its answer again after one that it gave up, but leaves a person on another branch", () => {
    const placed = placeTurn(grown([0, 1]), turn);
    const late = addMessages(placed, [{ id: "late", role: "assistant", parentId: "U" }], "late");
    const retried = { ...turn, abandonedIds: ["late"] };
    expect(isOnBranch(stored(late), retried)).toBe(false);
    expect(placeTurn(late, retried).currentId).toBe("A");
    expect(isOnBranch(stored({ ...placed, currentId: "m1" }), retried)).toBe(true);
  });

  it("mends a list of children that lost an answer, or the question", () => {
    const placed = placeTurn(grown([0, 1]), turn);
    for (const parentId of ["U", "m1"]) {
      const messages = new Map(placed.messages);
      messages.set(parentId, { ...messages.get(parentId)!, childrenIds: [] });
      const cut = stored({ ...placed, messages });
      expect(isOnBranch(cut, turn)).toBe(false);
      expect(isOnBranch(stored(placeTurn(storedForest(cut), turn)), turn)).toBe(true);
    }
  });

  it("puts what is left of an answer that was overwritten beside the next one", () => {
    const damaged = stored(grown([0, 1]));
    damaged.history.messages.late = { model: "gpt-4o", error: { content: "'role'" } };
    const placed = placeTurn(storedForest(damaged), { ...turn, abandonedIds: ["late"] });
    expect(placed.messages.get("U")?.childrenIds).toEqual(["A", "B", "late"]);
    expect(validateForest(placed)).toEqual([]);
  });

  it("names what a write lost", () => {
    const before = grown([0, 1, 2]);
    const after = stored(before);
    delete after.history.messages.m0;
    after.history.messages.m1 = { ...after.history.messages.m1, content: "" };
    expect(lostMessages(before, after)).toEqual(["m0", "m1"]);
  });

  it("refuses a question that is not there any more", () => {
    expect(() => placeTurn(EMPTY, { ...turn, question: null })).toThrow("no longer holds");
  });
});
