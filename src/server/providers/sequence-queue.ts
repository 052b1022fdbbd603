import { OffstageError } from "../../errors.ts";

/** A fixed number of things, each lent to one holder at a time; who comes first is served first. */
export interface SequenceQueue<T> {
  /**
   * Waits for its turn; of several idle ones gets the one that `score` likes best, of equals the one that was idle longest.
   * Everything lent must be given back.
   * @throws OffstageError `rate_limited` if too many wait already, `cancelled` if aborted while waiting
   */
  acquire(signal: AbortSignal, score?: (item: T) => number): Promise<T>;
  release(item: T): void;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Queue that lends `items`; at most `maxWaiting` may wait. */
export function createSequenceQueue<T>(items: readonly T[], maxWaiting: number): SequenceQueue<T> {
  /** Never non-empty while anyone waits; the longest idle first. */
  const idle = [...items];
  /** In the order of their coming; an aborted one leaves at once. */
  const waiting = new Set<(item: T) => void>();

  return {
    async acquire(signal, score = () => 0) {
      if (signal.aborted) throw cancelled();
      if (idle.length > 0) {
        const scores = idle.map(score);
        return idle.splice(scores.indexOf(Math.max(...scores)), 1)[0]!;
      }
      if (waiting.size >= maxWaiting) {
        const message = `The local model is busy: ${items.length} answers run and ${waiting.size} requests wait. Try again later, or use a provider made for load.`;
        throw new OffstageError("rate_limited", message);
      }
      return new Promise<T>((resolve, reject) => {
        const take = (free: T) => {
          signal.removeEventListener("abort", leave);
          resolve(free);
        };
        const leave = () => {
          waiting.delete(take);
          reject(cancelled());
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.add(take);
      });
    },
    release(item) {
      const [next] = waiting;
      if (next === undefined) {
        idle.push(item);
      } else {
        waiting.delete(next);
        next(item);
      }
    },
    get idleCount() {
      return idle.length;
    },
    get waitingCount() {
      return waiting.size;
    },
  };
}

function cancelled(): OffstageError {
  return new OffstageError("cancelled", "The request was cancelled while it waited for the local model.");
}
