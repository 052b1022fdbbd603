/** PostgreSQL takes payloads below 8,000 bytes; this leaves room for what stands before the text. */
const PIECE_BYTES = 7_900;
/** A last byte that goes on a character of UTF-8 has these two bits. */
const CONTINUES = 0b1000_0000;
const CONTINUES_MASK = 0b1100_0000;

/**
 * A text as payloads that fit a notification: `SENDER NUMBER MARK TEXT`. Numbers go up by one, so that a listener knows what
 * it has heard and what it has missed; the marks `b`, `m`, `e` and `w` say where in the text a piece stands: its beginning,
 * middle, end, or all of it.
 */
export function framesOf(senderId: string, firstNumber: number, text: string): string[] {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length || pieces.length === 0; ) {
    let end = Math.min(start + PIECE_BYTES, bytes.length);
    while (end < bytes.length && (bytes[end]! & CONTINUES_MASK) === CONTINUES) end -= 1;
    pieces.push(bytes.toString("utf8", start, end));
    start = end;
    if (bytes.length === 0) break;
  }
  const last = pieces.length - 1;
  const markOf = (index: number) => {
    if (last === 0) return "w";
    if (index === 0) return "b";
    return index === last ? "e" : "m";
  };
  return pieces.map((piece, index) => `${senderId} ${firstNumber + index} ${markOf(index)} ${piece}`);
}

/** What a frame does to a listener: a whole text, nothing yet, or that something before it was missed. */
export interface Heard {
  senderId: string;
  text: string | null;
  isGap: boolean;
}

const FRAME = /^(\S+) (\d+) ([bmew]) (.*)$/s;
/** Senders that are remembered; each process start is one. */
const MAX_SENDERS = 1_000;

/** Puts frames together again: each text once, in the order of sending, and says where some are missing. */
export class FrameReader {
  readonly #ownId: string;
  readonly #senders = new Map<string, { next: number; parts: string[] | null }>();

  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  /** Null for our own frames, for those that were heard before, and for what is no frame. */
  read(frame: string): Heard | null {
    const [, senderId, numberText, mark, piece] = FRAME.exec(frame) ?? [];
    if (senderId === undefined || senderId === this.#ownId) return null;
    const number = Number(numberText);
    const isBeginning = mark === "b" || mark === "w";
    const known = this.#senders.get(senderId);
    if (known && number < known.next) return null;
    const isGap = known !== undefined && number > known.next;
    const sender = known ?? { next: number, parts: null };
    if (!known) this.#remember(senderId, sender);
    sender.next = number + 1;
    if (isBeginning) sender.parts = [];
    else if (isGap) sender.parts = null;
    sender.parts?.push(piece!);
    if (mark === "b" || mark === "m" || sender.parts === null) return { senderId, text: null, isGap };
    const text = sender.parts.join("");
    sender.parts = null;
    return { senderId, text, isGap };
  }

  #remember(senderId: string, sender: { next: number; parts: string[] | null }): void {
    this.#senders.set(senderId, sender);
    if (this.#senders.size > MAX_SENDERS) this.#senders.delete(this.#senders.keys().next().value!);
  }
}
