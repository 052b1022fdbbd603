import { answerReasoning, answerText, decodeError } from "../../../src/contract/answer-decoding.ts";
import type { WireFile, WireMessage, WireOrigin, WireSource } from "../api/shapes.ts";

/** A line about what is being done for an answer. */
export interface StatusLine {
  description: string;
  isDone: boolean;
}

/** What is known of a message beside its text. */
interface Facts {
  role: string;
  parentId: string | null;
  childrenIds: string[];
  error: string | null;
  model: string;
  modelIdx: number;
  /** Of a question: whom it was put to. */
  models: string[];
  /** Seconds. */
  timestamp: number;
  sources: WireSource[];
  statuses: StatusLine[];
  followUps: string[];
  usage: Record<string, unknown> | null;
  files: WireFile[];
  origin: WireOrigin | null;
}

const NO_FACTS: Facts = {
  role: "",
  parentId: null,
  childrenIds: [],
  error: null,
  model: "",
  modelIdx: 0,
  models: [],
  timestamp: 0,
  sources: [],
  statuses: [],
  followUps: [],
  usage: null,
  files: [],
  origin: null,
};

/** One message of an open chat. Its text changes apart from all else, so that growing moves nothing but its own lines. */
export class Message {
  readonly id: string;
  text = $state("");
  reasoning = $state("");
  /** False while it is being answered. */
  isDone = $state(true);
  /** One for all: a long chat has thousands of messages. */
  facts = $state.raw<Facts>(NO_FACTS);

  constructor(id: string) {
    this.id = id;
  }

  get role() {
    return this.facts.role;
  }
  get parentId() {
    return this.facts.parentId;
  }
  get childrenIds() {
    return this.facts.childrenIds;
  }
  get error() {
    return this.facts.error;
  }
  get model() {
    return this.facts.model;
  }
  get modelIdx() {
    return this.facts.modelIdx;
  }
  get models() {
    return this.facts.models;
  }
  get timestamp() {
    return this.facts.timestamp;
  }
  get sources() {
    return this.facts.sources;
  }
  get statuses() {
    return this.facts.statuses;
  }
  get followUps() {
    return this.facts.followUps;
  }
  get usage() {
    return this.facts.usage;
  }
  get files() {
    return this.facts.files;
  }
  get origin() {
    return this.facts.origin;
  }

  change(facts: Partial<Facts>): void {
    this.facts = { ...this.facts, ...facts };
  }

  /** Takes over what the server says of it; what the wire leaves out stays. */
  read(wire: Partial<WireMessage>): void {
    if (wire.content !== undefined || wire.output !== undefined) this.#readText(wire);
    if (wire.role === "assistant" || wire.done !== undefined) this.isDone = wire.done !== false;
    const { timestamp, error, statusHistory } = wire;
    this.change({
      ...given(wire, [
        "role",
        "parentId",
        "childrenIds",
        "model",
        "modelIdx",
        "models",
        "sources",
        "followUps",
      ]),
      ...given(wire, ["usage", "files", "origin"]),
      ...("error" in wire ? { error: decodeError(error)?.content ?? null } : {}),
      ...(timestamp ? { timestamp: timestamp > 1e11 ? timestamp / 1000 : timestamp } : {}),
      ...(statusHistory ? { statuses: statusHistory.flatMap(statusLine) } : {}),
    });
  }

  addStatus(status: Record<string, unknown>): void {
    this.change({ statuses: [...this.statuses.filter(({ isDone }) => isDone), ...statusLine(status)] });
  }

  /** A growing answer of which the record says nothing yet keeps what was heard live. */
  #readText(wire: Partial<WireMessage>): void {
    const text = answerText(wire);
    const isGrowing = wire.role === "assistant" && wire.done === false;
    if (isGrowing && text === "" && !this.isDone) return;
    this.text = text;
    this.reasoning = answerReasoning(wire);
  }
}

function statusLine(status: { description?: unknown; done?: unknown; hidden?: unknown }): StatusLine[] {
  if (typeof status.description !== "string" || status.hidden === true) return [];
  return [{ description: status.description, isDone: status.done !== false }];
}

/** Those of the keys that stand in the object with a value. */
function given<Keys extends keyof WireMessage & keyof Facts>(
  wire: Partial<WireMessage>,
  keys: readonly Keys[],
) {
  const entries = keys.flatMap((key) => (wire[key] === undefined ? [] : [[key, wire[key]]]));
  return Object.fromEntries(entries) as Partial<Pick<Facts, Keys>>;
}
