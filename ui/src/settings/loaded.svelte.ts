/** Something that is read from the server: shown once it is there, with the reason where it is not. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  complaint = $state("");
  readonly #read: () => Promise<T>;

  constructor(read: () => Promise<T>) {
    this.#read = read;
    void this.load();
  }

  /** Reads it, or reads it again; what was there stays until then. */
  async load(): Promise<void> {
    try {
      this.value = await this.#read();
      this.complaint = "";
    } catch (error) {
      this.complaint = error instanceof Error ? error.message : String(error);
    }
  }
}
