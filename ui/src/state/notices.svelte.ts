import { text } from "../text.ts";

/** A line that says what just happened, with a way to take it back or to try again. */
export interface Notice {
  id: number;
  text: string;
  /** Complaints stay until they are dismissed. */
  isComplaint: boolean;
  action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 8_000;

class Notices {
  list = $state<Notice[]>([]);
  #count = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Says a thing for a while, 8 s by default, or until it is dismissed. */
  say(line: string, action: Notice["action"] = null, shownMs = SHOWN_MS): void {
    this.#add(line, action, shownMs);
  }

  /** Says why something did not work, until it is dismissed. */
  complain(error: unknown, retry?: () => void): void {
    const line = error instanceof Error ? error.message : String(error);
    this.#add(line, retry ? { label: text.retry, run: retry } : null, null);
  }

  #add(line: string, action: Notice["action"], shownMs: number | null): void {
    const id = ++this.#count;
    const notice = { id, text: line, isComplaint: shownMs === null, action };
    this.list = [...this.list.filter((other) => other.text !== line), notice];
    if (shownMs !== null)
      this.#timers.set(
        id,
        setTimeout(() => this.dismiss(id), shownMs),
      );
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
