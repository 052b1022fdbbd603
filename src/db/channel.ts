/** Carries texts between the processes that work on one database; each reaches every other process that listens. */
export interface Channel {
  /** Names this process in what the others hear; another at each start. */
  readonly id: string;
  /** Whether what others send is heard now. */
  readonly isConnected: boolean;
  /** Texts without line breaks arrive once each and in the order of sending; what cannot be sent in time is lost, and told as a gap. */
  send(text: string): void;
  /** Takes a name that no other process on the database has, for as long as this one lives; false where another has it. */
  claim(name: string): Promise<boolean>;
  /** Sends what waits, and lets go of the connection. */
  close(): Promise<void>;
}

/** Who listens to a channel. None of these may throw. */
export interface ChannelListener {
  onText(senderId: string, text: string): void;
  /** From now on nothing is heard, until `onGap`. */
  onLost(error: unknown): void;
  /** It is heard (again), and something may have been missed. */
  onGap(): void;
}
