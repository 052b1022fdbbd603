/** Something that is read from the server: shown once it is there, with the reason where it is not. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  complaint = $state("");
  readonly #read: () => Promise<T>;
  /** Grows with each reading: an answer that comes after a later one's question is out of date. */
  #count = 0;

  constructor(read: () => Promise<T>) {
    this.#read = read;
    void this.load();
  }

  /** Reads it, or reads it again; what was there stays until then. */
  async load(): Promise<void> {
    const count = ++this.#count;
    try {
      const value = await this.#read();
      if (count === this.#count) this.take(value);
    } catch (error) {
      if (count === this.#count) this.complaint = error instanceof Error ? error.message : String(error);
    }
  }

  /** Takes over what the server has answered to a change. */
  take(value: T): void {
    this.value = value;
    this.complaint = "";
  }
}
