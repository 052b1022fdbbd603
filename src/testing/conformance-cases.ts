import { completionCases } from "./completion-cases.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { documentCases } from "./document-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { knowledgeCases } from "./knowledge-cases.ts";
import { serverCases } from "./server-cases.ts";
import { turnCases } from "./turn-cases.ts";
import { tutorialCases } from "./tutorial-cases.ts";
import { untoldCases } from "./untold-cases.ts";

/** All cases, in the order in which they run. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...serverCases,
  ...documentCases,
  ...turnCases,
  ...tutorialCases,
  ...completionCases,
  ...faultCases,
  ...knowledgeCases,
  ...untoldCases,
];
