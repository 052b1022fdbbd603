/** One thing that was tried: its name, and why it does not hold; null where it does. */
export interface Proof {
  name: string;
  problem: string | null;
}

/** Prints the line of a proof in the table of its version, and answers the proof. */
export function tellProof(proof: Proof, ms: number, notes: string): Proof {
  const { name, problem } = proof;
  const outcome = problem === null ? "ok    " : "FAILED";
  const row = [outcome, `${Math.round(ms)} ms`.padStart(8), name.padEnd(66), notes];
  console.log(row.join("  ").trimEnd());
  return proof;
}
