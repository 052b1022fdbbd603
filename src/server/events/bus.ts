import type { LiveEvent } from "../../contract/live-event.ts";

/** Brings live events from use-cases to whoever shows them. Publishing never throws and never waits. */
export interface Bus {
  /** Durable events are published only after their commit. */
  publish(userId: string, event: LiveEvent): void;
  /** Called for each event in the order of publishing; the answer ends the subscription. */
  subscribe(listener: (userId: string, event: LiveEvent) => void): () => void;
  /** Whether anybody would be shown an event of this user now; text deltas are not made where nobody is. */
  hasAudience(userId: string): boolean;
}
