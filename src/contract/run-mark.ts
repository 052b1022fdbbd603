/** By which a program names the run that a request belongs to: an id that `RUN_ID` fits. */
export const RUN_HEADER = "x-offstage-run";
/** Which attempt of its effect the request is, from 1. */
export const ATTEMPT_HEADER = "x-offstage-attempt";

/** 1 to 128 letters, digits, `_`, `.`, `:`, `-`. */
export const RUN_ID = /^[\w.:-]{1,128}$/;

/** What a call of a client belongs to. */
export interface RunMark {
  /** `RUN_ID` fits it. */
  id: string;
  /** Which attempt of its effect the call is, from 1, the default; each time that the client retries it counts on. */
  attempt?: number;
}
