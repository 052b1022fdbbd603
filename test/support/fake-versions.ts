/** How a version differs from the others, as far as the flow can meet it. */
export interface FakeBehaviour {
  version: string;
  /** Set on offstage's own server only. */
  offstage?: string;
  linkParent: boolean;
  linkMessage: boolean;
  serverTurns: boolean;
  historyMerge: boolean;
  textIn: "content" | "output";
  marksDone: boolean;
  grows: boolean;
  refusesSameId: boolean;
  streams: boolean;
}

const OLDEST: FakeBehaviour = {
  version: "0.6.15",
  linkParent: false,
  linkMessage: false,
  serverTurns: false,
  historyMerge: false,
  textIn: "content",
  marksDone: false,
  grows: false,
  refusesSameId: false,
  streams: false,
};
const LINKED: FakeBehaviour = { ...OLDEST, version: "0.7.2", linkParent: true, linkMessage: true };
const TURNS: FakeBehaviour = { ...LINKED, version: "0.9.6", serverTurns: true, marksDone: true };
const MERGING: FakeBehaviour = { ...TURNS, version: "0.11.4", historyMerge: true, grows: true };
const NEWEST: FakeBehaviour = { ...MERGING, version: "0.12.4", refusesSameId: true };

/** One for each border that the flow must cross. */
export const VERSIONS: readonly FakeBehaviour[] = [
  OLDEST,
  { ...OLDEST, version: "0.6.41", linkParent: true },
  LINKED,
  { ...LINKED, version: "0.8.12", marksDone: true },
  TURNS,
  { ...TURNS, version: "0.10.2", historyMerge: true, textIn: "output" },
  MERGING,
  NEWEST,
  { ...NEWEST, version: "0.6.15", offstage: "0.1.0", streams: true },
];
