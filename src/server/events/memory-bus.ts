import type { LiveEvent } from "../../contract/live-event.ts";
import type { Bus } from "./bus.ts";

/** A bus within this process. A listener that throws is reported and does not keep the others from hearing. */
export function createMemoryBus(options: {
  hasAudience: (userId: string) => boolean;
  onListenerError: (error: unknown) => void;
}): Bus {
  const listeners = new Set<(userId: string, event: LiveEvent) => void>();
  return {
    publish(userId, event) {
      for (const listener of listeners) {
        try {
          listener(userId, event);
        } catch (error) {
          options.onListenerError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hasAudience: options.hasAudience,
  };
}
