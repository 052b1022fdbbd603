import type { PoolClient, QueryResult } from "pg";

/**
 * One connection on which many reads are under way at once: all that one turn of the event loop asks for goes out
 * together, for sending costs more than asking. It is taken from the pool by the first read, and anew after a loss.
 */
export class SharedConnection {
  readonly #connect: () => Promise<PoolClient>;
  #client: Promise<PoolClient> | undefined;
  /** Whether what is asked for waits for the end of the turn. */
  #isCorked = false;
  #underWay = 0;

  constructor(connect: () => Promise<PoolClient>) {
    this.#connect = connect;
  }

  /** Reads that have not been answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** @throws what `connect` and pg throw */
  async read(query: (client: PoolClient) => Promise<QueryResult<never>>): Promise<QueryResult<never>> {
    this.#underWay += 1;
    try {
      this.#client ??= this.#take();
      const client = await this.#client;
      this.#cork(client);
      return await query(client);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Gives the connection back. Call it when no read is under way. */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    client?.release();
  }

  async #take(): Promise<PoolClient> {
    try {
      const client = await this.#connect();
      client.once("end", () => {
        if (this.#client === undefined) return;
        this.#client = undefined;
        client.release(true);
      });
      return client;
    } catch (thrown) {
      this.#client = undefined;
      throw thrown;
    }
  }

  #cork(client: PoolClient): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = client.connection;
    stream.cork();
    setImmediate(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }
}
