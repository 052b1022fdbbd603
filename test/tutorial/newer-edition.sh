#!/usr/bin/env bash
# The tutorial's newer edition by curl and jq: four steps, then a next turn that names only what changes.
# Needs HOST, TOKEN, OUT, the caller-made ids U1 A1 U2 A2 SESSION and NOW (Unix seconds); POLL_SECONDS and STEP4 as in the first edition.
set -euo pipefail

api() { curl --silent --show-error --max-time 60 -H "Authorization: Bearer $TOKEN" "$@"; }
post() { api -X POST "$HOST$1" -H "Content-Type: application/json" -d "$2"; }

question="Hi, what is the capital of France?"
user='{"id": "'"$U1"'", "role": "user", "content": "'"$question"'", "childrenIds": ["'"$A1"'"],
  "timestamp": '"$NOW"', "models": ["gpt-4o"]}'
assistant='{"id": "'"$A1"'", "role": "assistant", "content": "", "parentId": "'"$U1"'", "childrenIds": [],
  "model": "gpt-4o", "modelName": "gpt-4o", "modelIdx": 0, "done": false, "timestamp": '"$((NOW + 1))"'}'

# $1: the answer's id; $2: the conversation.
completion() {
  echo '{
    "chat_id": "'"$chat"'", "id": "'"$1"'", "messages": '"$2"', "model": "gpt-4o", "stream": true,
    "background_tasks": {"title_generation": true, "tags_generation": false, "follow_up_generation": false},
    "features": {"code_interpreter": false, "web_search": false, "image_generation": false, "memory": false},
    "variables": {"{{USER_NAME}}": "", "{{USER_LANGUAGE}}": "en-US",
      "{{CURRENT_DATETIME}}": "2025-07-14T12:00:00Z", "{{CURRENT_TIMEZONE}}": "Europe"},
    "session_id": "'"$SESSION"'"
  }'
}

# $1: the answer's id; $2: where its text goes.
poll() {
  while true; do
    content=$(api "$HOST/api/v1/chats/$chat" | jq -r ".chat.history.messages[\"$1\"].content // empty")
    [ -n "$content" ] && break
    echo waiting >>"$OUT/waits.txt"
    sleep "${POLL_SECONDS:-2}"
  done
  echo "$content" >"$OUT/$2"
}

# Step 1: the chat with both messages.
post /api/v1/chats/new '{"chat": {
  "title": "New Chat", "models": ["gpt-4o"], "messages": ['"$user, $assistant"'],
  "history": {"currentId": "'"$A1"'", "messages": {"'"$U1"'": '"$user"', "'"$A1"'": '"$assistant"'}}
}}' >"$OUT/1-create.json"
chat=$(jq -r .id "$OUT/1-create.json")

# Step 2: the answer.
first="[{\"role\": \"user\", \"content\": \"$question\"}]"
if [ "${STEP4:-}" = background ]; then
  post /api/chat/completions "$(completion "$A1" "$first")" >"$OUT/2-completion.txt" &
else
  post /api/chat/completions "$(completion "$A1" "$first")" >"$OUT/2-completion.txt"
fi

# Step 3, option B.
poll "$A1" 3-answer.txt
wait

# Step 4: the final chat.
api "$HOST/api/v1/chats/$chat" >"$OUT/4-final.json"

# The next turn: only what changes.
post "/api/v1/chats/$chat" '{"chat": {"history": {"currentId": "'"$A2"'", "messages": {
  "'"$A1"'": {"childrenIds": ["'"$U2"'"]},
  "'"$U2"'": {"id": "'"$U2"'", "role": "user", "content": "And of Italy?", "parentId": "'"$A1"'", "childrenIds": ["'"$A2"'"],
    "timestamp": '"$((NOW + 2))"', "models": ["gpt-4o"]},
  "'"$A2"'": {"id": "'"$A2"'", "role": "assistant", "content": "", "parentId": "'"$U2"'", "childrenIds": [],
    "model": "gpt-4o", "modelName": "gpt-4o", "modelIdx": 0, "done": false, "timestamp": '"$((NOW + 3))"'}
}}}}' >"$OUT/5-next.json"
conversation=$(jq -n --arg first "$question" --arg answer "$(cat "$OUT/3-answer.txt")" '[
  {role: "user", content: $first}, {role: "assistant", content: $answer}, {role: "user", content: "And of Italy?"}]')
post /api/chat/completions "$(completion "$A2" "$conversation")" >"$OUT/6-completion.txt"
poll "$A2" 7-answer.txt
api "$HOST/api/v1/chats/$chat" >"$OUT/8-final.json"
