interface KnownDifference {
  /** All versions, where absent. */
  version?: string;
  pattern: RegExp;
  /** As docs/contract.md has it. */
  why: string;
}

const KNOWN: readonly KnownDifference[] = [];

/** Why a difference of exchanges is as it should be; undefined where nobody has said. */
export function whyKnown(version: string, difference: string): string | undefined {
  return KNOWN.find((known) => (known.version ?? version) === version && known.pattern.test(difference))?.why;
}
