/** The tables of how answers were made. */
export interface JournalTables {
  answer_journal: JournalTable;
  answer_journal_line: JournalLineTable;
}

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

/** What was seen after a journal was written: more of its steps, exchanges and searches. */
export interface JournalLineTable {
  chat_id: string;
  message_id: string;
  task_id: string;
  at_ms: number;
  line_json: string;
}
