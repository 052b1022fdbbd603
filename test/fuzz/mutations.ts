import fc from "fast-check";
import type { Json } from "../support/http.ts";

/** Values that programs forget about. */
const ODD_VALUES: Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  "",
  " ",
  "\u0000",
  "a\nb",
  "\ud800",
  "\ud83c\uddeb\ud83c\uddf7",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "'; drop table message; --",
  "%",
  "{{USER_NAME}}",
  "x".repeat(257),
  "x".repeat(5_000),
  [],
  [null],
  [[[[]]]],
  {},
  { id: "a", parentId: "a" },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { "": "" },
  { $ref: "#" },
  { type: "text" },
  [{ role: "user" }],
  [{ role: "no such role", content: {} }],
];

const ODD_KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "\u0000",
  "id",
  "parentId",
  "chat",
  "stream",
  "x".repeat(300),
];

type Mutation = (body: Json, pick: (count: number) => number) => string;

/** Text of a body that was a valid one, changed in one to four ways. */
export function mutated(bodies: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  const picks = fc.infiniteStream(fc.nat(1_000_000));
  return fc
    .tuple(bodies, picks, fc.integer({ min: 1, max: 4 }), fc.nat(9))
    .map(([body, stream, changes, kind]) => {
      const pick = (count: number) => (stream.next().value as number) % Math.max(1, count);
      const copy = structuredClone(body);
      for (let change = 0; change < changes; change += 1) changeSomewhere(copy, pick);
      return kind === 0 ? mangleText(copy, pick) : JSON.stringify(copy);
    });
}

/** Replaces, removes, renames, adds or repeats one thing anywhere in a body. */
function changeSomewhere(body: Json, pick: (count: number) => number): void {
  const places: { holder: Json; key: string }[] = [];
  const collect = (holder: Json) => {
    if (holder === null || typeof holder !== "object") return;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      collect(holder[key]);
    }
  };
  collect(body);
  if (places.length === 0) return;
  const { holder, key } = places[pick(places.length)]!;
  const odd = structuredClone(ODD_VALUES[pick(ODD_VALUES.length)]);
  switch (pick(5)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      Object.defineProperty(holder, ODD_KEYS[pick(ODD_KEYS.length)]!, {
        value: holder[key],
        enumerable: true,
        configurable: true,
        writable: true,
      });
      break;
    case 2:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[pick(holder.length)]));
      else holder[`${key}x`] = odd;
      break;
    default:
      holder[key] = odd;
  }
}

/** Breaks a body's text: cut short, a character changed, doubled, or with a repeated key. */
const mangleText: Mutation = (body, pick) => {
  const text = JSON.stringify(body);
  const at = pick(text.length);
  switch (pick(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(pick(256)) + text.slice(at + 1);
    case 2:
      return text + text;
    default:
      return text.replace("{", '{"chat":{},"id":1,');
  }
};
