import { createHash, randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import type { Channel, ChannelListener } from "./channel.ts";
import { FrameReader, framesOf } from "./channel-frames.ts";
import { postgresError } from "./postgres-error.ts";
import { importPg } from "./postgres-import.ts";

export interface PostgresChannelOptions {
  url: string;
  /** Milliseconds that a connection, or one statement on it, may take; default 10 s. */
  timeoutMs?: number;
}

/** The name that is listened to; databases of one server do not hear each other. */
const NAME = "offstage";
/** Where names are claimed, so that they meet no other advisory lock. */
const CLAIMS = 0x6f66666e;
/** Texts that wait while there is no connection; more are dropped, and told as a gap. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

const NOTIFY = `select pg_notify('${NAME}', frame) from unnest($1::text[]) as frame`;

/**
 * Opens the channel of a PostgreSQL database: one connection that listens and tells, made anew whenever it is lost. What is
 * sent while a telling is under way goes out together in the next one.
 * @throws OffstageError `unavailable`
 */
export async function openPostgresChannel(
  { url, timeoutMs = 10_000 }: PostgresChannelOptions,
  listener: ChannelListener,
): Promise<Channel> {
  const pg = await importPg();
  const id = randomBytes(6).toString("base64url");
  const claimed = new Set<number>();
  let client: Client | null = null;
  const reader = new FrameReader(id);
  let isClosed = false;
  let waiting: string[] = [];
  let waitingChars = 0;
  /** The frames that are under way, or that a lost connection has to send again. */
  let frames: string[] | null = null;
  let nextNumber = 0;
  let telling: Promise<void> | null = null;
  let isTellingSoon = false;
  let connecting: Promise<void> | null = null;

  async function connect(): Promise<void> {
    const made = new pg.Client({
      connectionString: url,
      keepAlive: true,
      application_name: "offstage events",
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      // Events are no data: nothing that is told waits for the disk.
      options: "-c synchronous_commit=off -c idle_session_timeout=0",
    });
    made.on("error", (error) => lose(made, error));
    made.on("end", () => lose(made, new Error("the connection was ended")));
    made.on("notification", ({ payload }) => hear(payload ?? ""));
    try {
      await made.connect();
      await made.query(`listen ${NAME}`);
      for (const key of claimed) await made.query("select pg_try_advisory_lock($1, $2)", [CLAIMS, key]);
    } catch (thrown) {
      made.end().catch(() => {});
      throw thrown;
    }
    client = made;
  }

  function hear(frame: string): void {
    const heard = reader.read(frame);
    if (heard?.isGap) listener.onGap();
    if (heard?.text == null) return;
    for (const text of heard.text.split("\n")) listener.onText(heard.senderId, text);
  }

  function lose(lost: Client, error: unknown): void {
    if (client !== lost) return;
    client = null;
    lost.end().catch(() => {});
    if (isClosed) return;
    listener.onLost(error);
    connecting ??= reconnect().finally(() => {
      connecting = null;
    });
  }

  async function reconnect(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !isClosed; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await connect();
        break;
      } catch {
        // It was told as lost; who waits for it is told when it is back.
        await pause(pauseMs, undefined, { ref: false });
      }
    }
    if (isClosed) return;
    listener.onGap();
    tell();
  }

  function tell(): void {
    isTellingSoon = false;
    if (client === null || telling !== null) return;
    if (frames === null) {
      if (waiting.length === 0) return;
      frames = framesOf(id, nextNumber, waiting.join("\n"));
      nextNumber += frames.length;
      waiting = [];
      waitingChars = 0;
    }
    telling = tellBy(client, frames).finally(() => {
      telling = null;
      tell();
    });
  }

  async function tellBy(teller: Client, told: string[]): Promise<void> {
    try {
      await teller.query({ name: "offstage_tell", text: NOTIFY, values: [told] });
      frames = null;
    } catch (thrown) {
      // The next connection tells them again; who has heard them already knows by their numbers.
      lose(teller, thrown);
    }
  }

  try {
    await connect();
  } catch (thrown) {
    throw postgresError(thrown);
  }
  return {
    id,
    get isConnected() {
      return client !== null;
    },
    send(text) {
      if (isClosed) return;
      waiting.push(text);
      waitingChars += text.length;
      if (waitingChars > MAX_WAITING_CHARS) {
        waiting = [];
        waitingChars = 0;
        // A number that nobody gets: whoever listens knows that something is missing.
        nextNumber += 1;
      }
      if (isTellingSoon || telling !== null) return;
      isTellingSoon = true;
      setImmediate(tell);
    },
    async claim(name) {
      const key = createHash("sha256").update(name).digest().readInt32BE();
      if (client === null) return false;
      const { rows } = await client.query("select pg_try_advisory_lock($1, $2) as is_ours", [CLAIMS, key]);
      if (!rows[0].is_ours) return false;
      claimed.add(key);
      return true;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      tell();
      while (telling !== null) await telling;
      const last = client;
      client = null;
      await last?.end().catch(() => {});
      await connecting;
    },
  };
}
