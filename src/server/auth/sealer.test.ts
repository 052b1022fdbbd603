import { expect, test } from "vitest";
import { createSealer, isMask } from "./sealer.ts";

const sealer = createSealer({ secret: "the folder's", purpose: "test" });

test.each(["", "sk-key", "ключ 🔑", "x".repeat(100_000)])("what is sealed is opened again: %s", (secret) => {
  const sealed = sealer.seal(secret);
  expect(sealer.open(sealed)).toBe(secret);
  expect(sealer.seal(secret)).not.toBe(sealed);
  if (secret !== "") expect(sealed).not.toContain(secret);
});

test("another secret or purpose opens nothing, nor does anything that was changed", () => {
  const sealed = sealer.seal("sk-key");
  expect(createSealer({ secret: "another", purpose: "test" }).open(sealed)).toBeNull();
  expect(createSealer({ secret: "the folder's", purpose: "other" }).open(sealed)).toBeNull();
  for (let at = 0; at < sealed.length; at += 1) {
    for (const other of "ABCDEFGH-_=") {
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      if (changed !== sealed) expect(sealer.open(changed), changed).toBeNull();
    }
  }
  for (const odd of ["", "v1.", "v1.AAAA", "v2.AAAA", sealed.slice(0, -1)])
    expect(sealer.open(odd)).toBeNull();
});

test("a mask is the same for the same secret, says nothing of it, and is known as one", () => {
  expect(sealer.mask("sk-key")).toBe(sealer.mask("sk-key"));
  expect(sealer.mask("sk-key")).not.toBe(sealer.mask("sk-kez"));
  expect(createSealer({ secret: "another", purpose: "test" }).mask("sk-key")).not.toBe(sealer.mask("sk-key"));
  expect(isMask(sealer.mask("sk-key"))).toBe(true);
  expect(isMask("sk-key")).toBe(false);
});
