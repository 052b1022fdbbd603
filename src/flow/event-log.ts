import type { OffstageError } from "../errors.ts";
import type { TurnEvent } from "./turn-event.ts";

type DeltaEvent = Extract<TurnEvent, { delta: string }>;

interface Reader {
  /** What it has not taken yet; deltas of one answer in a row are one. */
  pending: TurnEvent[];
  /** Ends the wait for the next event; null while it does not wait. */
  release: (() => void) | null;
}

/** A turn's events for any number of readers, each from the first one on; nobody has to read, and nobody is waited for. */
export class EventLog {
  /** Everything told so far, deltas of one answer in a row joined: bounded by the number of steps. */
  readonly #told: TurnEvent[] = [];
  readonly #readers = new Set<Reader>();
  #end: { error: OffstageError | null } | null = null;

  tell(event: TurnEvent): void {
    append(this.#told, event);
    for (const reader of this.#readers) {
      append(reader.pending, event);
      reader.release?.();
    }
  }

  /** After this, readers that have read everything end, or throw `error`. */
  end(error: OffstageError | null): void {
    this.#end ??= { error };
    for (const reader of this.#readers) reader.release?.();
  }

  async *read(): AsyncGenerator<TurnEvent, void, void> {
    const reader: Reader = { pending: [...this.#told], release: null };
    this.#readers.add(reader);
    try {
      for (;;) {
        const event = reader.pending.shift();
        if (event !== undefined) yield event;
        else if (this.#end !== null) break;
        else {
          await new Promise<void>((resolve) => {
            reader.release = resolve;
          });
          reader.release = null;
        }
      }
    } finally {
      this.#readers.delete(reader);
    }
    if (this.#end.error !== null) throw this.#end.error;
  }
}

function append(events: TurnEvent[], event: TurnEvent): void {
  const last = events.at(-1);
  if (isDelta(event) && last?.type === event.type && last.messageId === event.messageId) {
    const replaced = event.delta === "" || last.delta === "";
    events[events.length - 1] = { ...event, delta: replaced ? "" : last.delta + event.delta };
  } else {
    events.push(event);
  }
}

function isDelta(event: TurnEvent): event is DeltaEvent {
  return event.type === "answer-delta" || event.type === "reasoning-delta";
}
