/** What was seen of one making of an answer. */
export interface JournalTable {
  chat_id: string;
  message_id: string;
  /** The task that made it: an answer may be made again, or continued. */
  task_id: string;
  began_at_ms: number;
  /** Steps, exchanges and searches, bounded and without secrets. */
  journal_json: string;
}
