import type { ClientClock } from "../client/open-webui-client.ts";

/** A wait that anybody may end early; a wake-up before the wait is not lost. */
export class Waker {
  readonly #clock: ClientClock;
  /** Ends the wait that runs; null while none does. */
  #release: (() => void) | null = null;
  /** Whether somebody woke it since the last wait. */
  #woken = false;

  constructor(clock: ClientClock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#woken = true;
    this.#release?.();
  }

  /** Ends after `ms` or at the next wake-up, whichever is first; true where it was a wake-up. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#woken) {
      const over = new AbortController();
      const woken = new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      await Promise.race([this.#clock.sleep(ms, over.signal).catch(ignoreEndedSleep), woken]);
      over.abort();
      this.#release = null;
    }
    const woken = this.#woken;
    this.#woken = false;
    return woken;
  }
}

/** A sleep rejects only when the wait that it belongs to is over. */
function ignoreEndedSleep(): void {}
