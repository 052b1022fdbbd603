#!/usr/bin/env bash
# The tutorial's seven steps, first edition, by curl and jq. Needs HOST, TOKEN and OUT (a folder for what came back).
# POLL_SECONDS (2, as in the tutorial) is the pause of the poll; STEP4=background polls while the answer is being made.
set -euo pipefail

api() { curl --silent --show-error --max-time 60 -H "Authorization: Bearer $TOKEN" "$@"; }
post() { api -X POST "$HOST$1" -H "Content-Type: application/json" -d "$2" "${@:3}"; }
status() { api --output "$OUT/$1.json" --write-out '%{http_code}\n' "${@:2}" >"$OUT/$1.status"; }

user='{
  "id": "user-msg-id", "role": "user", "content": "Hi, what is the capital of France?",
  "timestamp": 1720000000000, "models": ["gpt-4o"]
}'
assistant='{
  "id": "assistant-msg-id", "role": "assistant", "content": "", "parentId": "user-msg-id",
  "modelName": "gpt-4o", "modelIdx": 0, "timestamp": 1720000001000
}'

create_chat() {
  post /api/v1/chats/new '{"chat": {
    "title": "New Chat", "models": ["gpt-4o"], "messages": ['"$user"'],
    "history": {"current_id": "user-msg-id", "messages": {"user-msg-id": '"$user"'}}
  }}'
}

add_placeholder() {
  post "/api/v1/chats/$1" '{"chat": {
    "id": "'"$1"'", "title": "New Chat", "models": ["gpt-4o"], "messages": ['"$user, $assistant"'],
    "history": {"current_id": "assistant-msg-id",
      "messages": {"user-msg-id": '"$user"', "assistant-msg-id": '"$assistant"'}}
  }}'
}

# $1: the chat; $2: more fields of the request.
completion() {
  echo '{
    "chat_id": "'"$1"'", "id": "assistant-msg-id",
    "messages": [{"role": "user", "content": "Hi, what is the capital of France?"}],
    "model": "gpt-4o", "stream": true, '"${2:-}"'
    "background_tasks": {"title_generation": true, "tags_generation": false, "follow_up_generation": false},
    "features": {"code_interpreter": false, "web_search": false, "image_generation": false, "memory": false},
    "variables": {"{{USER_NAME}}": "", "{{USER_LANGUAGE}}": "en-US",
      "{{CURRENT_DATETIME}}": "2025-07-14T12:00:00Z", "{{CURRENT_TIMEZONE}}": "Europe"},
    "session_id": "session-id"
  }'
}

# Step 1: the chat with the question.
create_chat >"$OUT/1-create.json"
chat=$(jq -r .chat.id "$OUT/1-create.json")

# Steps 2 and 3: the same chat with the empty answer in it.
add_placeholder "$chat" >"$OUT/3-update.json"

# Step 4: the answer.
if [ "${STEP4:-}" = background ]; then
  post /api/chat/completions "$(completion "$chat")" >"$OUT/4-completion.txt" &
else
  post /api/chat/completions "$(completion "$chat")" >"$OUT/4-completion.txt"
fi

# Step 5, option B: until chat.messages[] has the answer.
while true; do
  response=$(api -X GET "$HOST/api/v1/chats/$chat")
  if echo "$response" |
    jq '.chat.messages[] | select(.role=="assistant" and .id=="assistant-msg-id") | .content' |
    grep -v '""' >/dev/null; then
    break
  fi
  echo waiting >>"$OUT/5-waits.txt"
  sleep "${POLL_SECONDS:-2}"
done
echo "$response" >"$OUT/5-poll.json"
wait

# Step 6: completed.
status 6-completed -X POST "$HOST/api/chat/completed" -H "Content-Type: application/json" -d '{
  "chat_id": "'"$chat"'", "id": "assistant-msg-id", "session_id": "session-id", "model": "gpt-4o"
}'

# Step 7: the final chat.
api -X GET "$HOST/api/v1/chats/$chat" >"$OUT/7-final.json"

# Step 4.1 stands instead of step 4, so in a chat of its own.
rag_chat=$(create_chat | jq -r .chat.id)
add_placeholder "$rag_chat" >/dev/null
status 4.1-knowledge -X POST "$HOST/api/chat/completions" -H "Content-Type: application/json" -d "$(completion "$rag_chat" \
  '"files": [{"id": "knowledge-collection-id", "type": "collection", "status": "processed"}],')"
api -X GET "$HOST/api/v1/chats/$rag_chat" >"$OUT/4.1-chat.json"

# Further endpoints.
status knowledge -X GET "$HOST/api/v1/knowledge/knowledge-collection-id"
status model -X GET "$HOST/api/v1/models/model?id=gpt-4o"

# A further message, named alone.
more='{
  "id": "new-user-msg-id", "role": "user", "content": "Can you tell me more about this?",
  "timestamp": 1720000002000, "models": ["gpt-4o"]
}'
post "/api/v1/chats/$chat" '{"chat": {
  "id": "'"$chat"'", "messages": ['"$more"'],
  "history": {"current_id": "new-user-msg-id", "messages": {"new-user-msg-id": '"$more"'}}
}}' >"$OUT/8-more.json"

# Its answer: an id that the chat does not have yet.
post /api/chat/completions '{
  "chat_id": "'"$chat"'", "id": "new-assistant-msg-id", "model": "gpt-4o", "stream": true, "session_id": "session-id",
  "messages": [
    {"role": "user", "content": "Hi, what is the capital of France?"},
    {"role": "assistant", "content": "The capital of France is Paris."},
    {"role": "user", "content": "Can you tell me more about this?"}
  ]
}' >"$OUT/9-completion.txt"
api -X GET "$HOST/api/v1/chats/$chat" >"$OUT/9-chat.json"

# An answer in a code block, cleaned.
raw_response='```json
{
  "result": "The capital of France is Paris.",
  "confidence": 0.99
}
```'
cleaned_response=$(echo "$raw_response" | sed 's/^```json//' | sed 's/```$//' | sed 's/^[[:space:]]*//' | sed 's/[[:space:]]*$//')
echo "$cleaned_response" | jq . >"$OUT/cleaned.json"
