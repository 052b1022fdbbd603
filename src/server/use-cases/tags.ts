import { createHash } from "node:crypto";

export interface StoredTag {
  id: string;
  name: string;
  color: string;
}

/** A colour that belongs to a tag's name for ever: the same on every server and after every restart. */
function tagColor(id: string): string {
  const hue = createHash("sha256").update(id).digest().readUInt16BE(0) % 360;
  // HSL with 55 % saturation and 45 % lightness, readable on white and on black.
  const channel = (offset: number) => {
    const k = (offset + hue / 30) % 12;
    const value = 0.45 - 0.55 * 0.45 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`.toUpperCase();
}

/** A tag by its name, or as posted. Ids are the name in lower case with underscores, as Open WebUI makes them. */
export function storedTag(tag: string | { id?: string; name: string; color?: string }): StoredTag {
  const posted = typeof tag === "string" ? { name: tag } : tag;
  const name = posted.name.trim();
  const id = name.toLowerCase().replaceAll(" ", "_");
  return { id, name, color: "color" in posted && posted.color ? posted.color : tagColor(id) };
}

/** Tags once each, in order, without empty names. */
export function storedTags(
  tags: readonly (string | { id?: string; name: string; color?: string })[],
): StoredTag[] {
  const byId = new Map<string, StoredTag>();
  for (const tag of tags.map(storedTag)) {
    if (tag.id !== "" && !byId.has(tag.id)) byId.set(tag.id, tag);
  }
  return [...byId.values()];
}
