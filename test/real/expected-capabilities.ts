type Answer = boolean | string;

/** The versions whose answers were seen; of any other nothing is expected. */
const SEEN_VERSIONS: readonly string[] = [
  "0.6.15",
  "0.6.40",
  "0.6.41",
  "0.6.42",
  "0.6.43",
  "0.7.2",
  "0.8.12",
  "0.9.0",
  "0.9.5",
  "0.9.6",
  "0.10.0",
  "0.10.2",
  "0.11.0",
  "0.11.4",
  "0.12.0",
  "0.12.4",
];

/** What a conformance case answers, by the first version that answers so; in between, as the one before. */
const ANSWERS_SINCE: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  link_parent: { "0.6.15": false, "0.6.41": true },
  link_message: { "0.6.15": false, "0.6.42": true },
  server_turns: { "0.6.15": false, "0.9.0": true },
  // 0.6.42 and 0.6.43 refuse the question for its missing parent_message.
  unknown_chat_refused: { "0.6.15": false, "0.6.42": true, "0.7.2": false, "0.12.0": true },
  stateless_ok: { "0.6.15": true, "0.9.5": false, "0.9.6": true },
  api_keys: { "0.6.15": true, "0.6.40": false },
  history_merge: { "0.6.15": false, "0.10.0": true },
  omission_deletes: { "0.6.15": true, "0.10.0": false },
  delete_message: { "0.6.15": false, "0.10.0": true },
  edit_guard: { "0.6.15": false, "0.12.0": true },
  linked_chain: { "0.6.15": true },
  text_location: { "0.6.15": "content", "0.10.0": "output", "0.11.0": "content" },
  server_done: { "0.6.15": false, "0.8.12": true },
  grows: { "0.6.15": false, "0.11.4": true },
  event_name: { "0.6.15": "chat-events", "0.6.40": "events" },
  event_payload: { "0.6.15": "cumulative content", "0.10.0": "cumulative output", "0.11.4": "deltas" },
  tutorial_new_chat: { "0.6.15": false },
  tutorial_poll_ends: { "0.6.15": false },
  tutorial_chain: { "0.6.15": true, "0.6.41": false },
  tutorial_completed: { "0.6.15": true },
  sync_save: { "0.6.15": false, "0.9.0": true },
  duplicate_guard: { "0.6.15": false, "0.12.0": true },
  stop_per_chat: { "0.6.15": false, "0.9.0": true },
  stop_per_task: { "0.6.15": true },
  refusal_stored: { "0.6.15": true },
  broken_stream_stored: { "0.6.15": false, "0.6.40": true },
  error_chunk_stored: { "0.6.15": false, "0.9.0": true },
  early_end_stored: { "0.6.15": false },
  error_marks_done: { "0.6.15": false, "0.11.4": true },
  error_shape: { "0.6.15": "string", "0.6.40": "object", "0.9.0": "string" },
  empty_answer_done: { "0.6.15": false, "0.8.12": true },
  async_upload: { "0.6.15": false, "0.6.40": true },
  knowledge_files_paged: { "0.6.15": false, "0.6.42": true },
  sources_stored: { "0.6.15": true },
  unknown_material_refused: { "0.6.15": false },
};

/** What is expected of a version, by the names of the cases; empty for one that nobody has seen. */
export function expectedAnswers(version: string): Record<string, Answer> {
  const place = SEEN_VERSIONS.indexOf(version);
  const upTo = SEEN_VERSIONS.slice(0, place + 1);
  return Object.fromEntries(
    Object.entries(ANSWERS_SINCE).flatMap(([name, answers]) => {
      const since = upTo.findLast((each) => each in answers);
      return since === undefined ? [] : [[name, answers[since]!]];
    }),
  );
}
