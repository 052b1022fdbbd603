import { OffstageError } from "../errors.ts";
import { noAnswer } from "./api-errors.ts";

/** What ends one attempt of a call: its time-out, its call's deadline, or its caller. */
export interface AttemptLimit {
  readonly signal: AbortSignal;
  /** Starts the time-out anew, because something came. */
  refresh(): void;
  /** Frees the timers; to be called when the attempt has ended. */
  end(): void;
  /** Why `thrown` was thrown while this attempt ran: `cancelled`, `timed_out`, `unreachable`, `tls_failed`, or what it is already. */
  explain(thrown: unknown): OffstageError;
}

/** Timers beyond this fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Starts the clock of one attempt. `call` is its method and path; either time may be Infinity. */
export function startAttemptLimit(
  call: string,
  limits: { timeoutMs: number; deadlineInMs: number; signal?: AbortSignal },
): AttemptLimit {
  const { timeoutMs, deadlineInMs, signal } = limits;
  const controller = new AbortController();
  const expire = (what: string) => () =>
    controller.abort(
      new OffstageError("timed_out", `${call} did not end ${what}. Try again, or allow it more time.`),
    );
  if (deadlineInMs <= 0) expire("before the deadline of the call")();
  const timer = setTimeout(expire(`within ${timeoutMs} ms`), Math.min(timeoutMs, LONGEST_TIMER_MS));
  const deadline =
    deadlineInMs < LONGEST_TIMER_MS
      ? setTimeout(expire("before the deadline of the call"), deadlineInMs)
      : undefined;
  return {
    signal: signal ? AbortSignal.any([controller.signal, signal]) : controller.signal,
    refresh: () => void timer.refresh(),
    end: () => {
      clearTimeout(timer);
      clearTimeout(deadline);
    },
    explain: (thrown) => {
      if (thrown instanceof OffstageError) return thrown;
      if (controller.signal.aborted) return controller.signal.reason;
      if (signal?.aborted) return cancelled(call, signal);
      return noAnswer(call, thrown);
    },
  };
}

/** The error of a call that its caller ended. */
export function cancelled(call: string, signal: AbortSignal): OffstageError {
  return new OffstageError("cancelled", `${call} was cancelled by its caller.`, { cause: signal.reason });
}

/** Waits for what others wait for too. @throws the signal's reason as soon as it is aborted */
export async function unlessAborted<Value>(shared: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([shared, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
