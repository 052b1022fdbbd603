import { answerReasoning, answerText, decodeError } from "../../../src/contract/answer-decoding.ts";
import type { WireFile, WireMessage, WireOrigin, WireSource } from "../api/shapes.ts";

/** A line about what is being done for an answer. */
export interface StatusLine {
  description: string;
  isDone: boolean;
}

/** One message of an open chat. Each field changes alone, so that a growing text moves nothing but its own lines. */
export class Message {
  readonly id: string;
  role = $state("");
  parentId = $state<string | null>(null);
  childrenIds = $state<string[]>([]);
  text = $state("");
  reasoning = $state("");
  /** False while it is being answered. */
  isDone = $state(true);
  error = $state<string | null>(null);
  model = $state("");
  modelIdx = $state(0);
  /** Of a question: whom it was put to. */
  models = $state.raw<string[]>([]);
  /** Seconds. */
  timestamp = $state(0);
  sources = $state.raw<WireSource[]>([]);
  statuses = $state.raw<StatusLine[]>([]);
  followUps = $state.raw<string[]>([]);
  usage = $state.raw<Record<string, unknown> | null>(null);
  files = $state.raw<WireFile[]>([]);
  origin = $state.raw<WireOrigin | null>(null);

  constructor(id: string) {
    this.id = id;
  }

  /** Takes over what the server says of it; what the wire leaves out stays. */
  read(wire: Partial<WireMessage>): void {
    if (wire.role !== undefined) this.role = wire.role;
    if (wire.parentId !== undefined) this.parentId = wire.parentId;
    if (wire.childrenIds) this.childrenIds = wire.childrenIds;
    if (wire.content !== undefined || wire.output !== undefined) this.#readText(wire);
    if (wire.role === "assistant" || wire.done !== undefined) this.isDone = wire.done !== false;
    if ("error" in wire) this.error = decodeError(wire.error)?.content ?? null;
    if (wire.model !== undefined) this.model = wire.model;
    if (wire.modelIdx !== undefined) this.modelIdx = wire.modelIdx;
    if (wire.models) this.models = wire.models;
    if (wire.timestamp) this.timestamp = wire.timestamp > 1e11 ? wire.timestamp / 1000 : wire.timestamp;
    if (wire.sources) this.sources = wire.sources;
    if (wire.statusHistory) this.statuses = wire.statusHistory.flatMap(statusLine);
    if (wire.followUps) this.followUps = wire.followUps;
    if (wire.usage !== undefined) this.usage = wire.usage;
    if (wire.files) this.files = wire.files;
    if (wire.origin !== undefined) this.origin = wire.origin;
  }

  addStatus(status: Record<string, unknown>): void {
    this.statuses = [...this.statuses.filter(({ isDone }) => isDone), ...statusLine(status)];
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
