import type { Origin } from "../../contract/origin.ts";

/** Which request it was, and who or what sent it. */
export interface Sender {
  origin: Origin;
  /** As its answer's `x-request-id` says. */
  requestId: string;
  receivedAtMs: number;
  path: string;
}
