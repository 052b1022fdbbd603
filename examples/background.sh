#!/usr/bin/env bash
# One call makes the chat and starts the answer; the call returns at once, and the chat is read when its work is over.
# Needs curl and jq, and OFFSTAGE_URL, OFFSTAGE_TOKEN and MODEL.
set -euo pipefail

api() { curl --silent --show-error --fail-with-body -H "Authorization: Bearer $OFFSTAGE_TOKEN" "$@"; }

chat=$(api "$OFFSTAGE_URL/api/chat/completions" \
  -H "Content-Type: application/json" -H "Accept: application/json" \
  -d '{
    "model": "'"$MODEL"'", "stream": true, "session_id": "a-backend", "id": "answer-1", "parent_id": null,
    "user_message": {"id": "question-1", "content": "Hi, what is the capital of France?"},
    "background_tasks": {"title_generation": true}
  }' | jq -r .chat_id)

until [ "$(api "$OFFSTAGE_URL/api/tasks/chat/$chat" | jq '.task_ids | length')" = 0 ]; do
  sleep "${POLL_SECONDS:-1}"
done

api "$OFFSTAGE_URL/api/v1/chats/$chat" |
  jq -r '.title, (.chat.history.messages["answer-1"] | .error.content // .content)'
