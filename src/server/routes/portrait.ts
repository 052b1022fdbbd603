import { createHash } from "node:crypto";

const SHAPES = {
  person:
    '<circle cx="32" cy="25" r="11" fill="#fff"/><path d="M11 58c2-14 11-19 21-19s19 5 21 19z" fill="#fff"/>',
  model: '<path d="M32 12l6 14 14 6-14 6-6 14-6-14-14-6 14-6z" fill="#fff"/>',
} as const;

/** A small SVG in a colour that belongs to a name for ever; nothing of the name stands in it. */
export function portrait(kind: keyof typeof SHAPES, name: string): string {
  const hue = createHash("sha256").update(name).digest().readUInt16BE(0) % 360;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">' +
    `<rect width="64" height="64" fill="hsl(${hue} 45% 45%)"/>${SHAPES[kind]}</svg>`
  );
}
