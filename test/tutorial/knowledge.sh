#!/usr/bin/env bash
# The tutorial's step 4.1 and 'Fetch Knowledge Collection' by curl and jq, with what they need made by curl before.
# Needs HOST, TOKEN, OUT, DOCUMENTS (a folder) and MODEL; QUESTION and EDITION (first or newer) are the chat's.
set -euo pipefail

api() { curl --silent --show-error --fail-with-body --max-time 300 -H "Authorization: Bearer $TOKEN" "$@"; }
post() { api -X POST "$HOST$1" -H "Content-Type: application/json" -d "$2"; }

# A collection, with every document in it once that is processed.
knowledge=$(post /api/v1/knowledge/create '{"name": "Geography Knowledge Base", "description": "World geography"}' | jq -r .id)
for document in "$DOCUMENTS"/*; do
  file=$(api -F "file=@$document" "$HOST/api/v1/files/?process_in_background=true" | jq -r .id)
  api "$HOST/api/v1/files/$file/process/status?stream=true" >>"$OUT/progress.txt"
  post "/api/v1/knowledge/$knowledge/file/add" '{"file_id": "'"$file"'"}' >/dev/null
done

# A chat of its own.
if [ "$EDITION" = first ]; then
  answer=assistant-msg-id session=session-id
else
  answer=$(cat /proc/sys/kernel/random/uuid) session=$(cat /proc/sys/kernel/random/uuid)
fi
user='{"id": "user-msg-id", "role": "user", "content": "'"$QUESTION"'", "childrenIds": ["'"$answer"'"],
  "timestamp": 1720000000, "models": ["'"$MODEL"'"]}'
assistant='{"id": "'"$answer"'", "role": "assistant", "content": "", "parentId": "user-msg-id",
  "modelName": "'"$MODEL"'", "modelIdx": 0, "timestamp": 1720000001}'
chat=$(post /api/v1/chats/new '{"chat": {"title": "New Chat", "models": ["'"$MODEL"'"], "messages": ['"$user, $assistant"'],
  "history": {"current_id": "'"$answer"'", "messages": {"user-msg-id": '"$user"', "'"$answer"'": '"$assistant"'}}}}' |
  jq -r .id)

# Step 4.1.
curl --silent --show-error --max-time 300 -X POST "$HOST"/api/chat/completions \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{
    "chat_id": "'"$chat"'",
    "id": "'"$answer"'",
    "messages": [
      {
        "role": "user",
        "content": "'"$QUESTION"'"
      }
    ],
    "model": "'"$MODEL"'",
    "stream": true,
    "files": [
      {
        "id": "'"$knowledge"'",
        "type": "collection",
        "status": "processed"
      }
    ],
    "background_tasks": {
      "title_generation": true,
      "tags_generation": false,
      "follow_up_generation": false
    },
    "features": {
      "code_interpreter": false,
      "web_search": false,
      "image_generation": false,
      "memory": false
    },
    "variables": {
      "{{USER_NAME}}": "",
      "{{USER_LANGUAGE}}": "en-US",
      "{{CURRENT_DATETIME}}": "2025-07-14T12:00:00Z",
      "{{CURRENT_TIMEZONE}}": "Europe"
    },
    "session_id": "'"$session"'"
  }' >"$OUT/4.1-completion.txt"

# Step 5, option B, and 7.
while true; do
  api -X GET "$HOST/api/v1/chats/$chat" >"$OUT/final.json"
  content=$(jq -r --arg id "$answer" '.chat.messages[] | select(.id==$id) | .content' "$OUT/final.json")
  [ -n "$content" ] && break
  sleep 1
done

# Fetch Knowledge Collection.
curl --silent --show-error -X GET "$HOST"/api/v1/knowledge/"$knowledge" \
  -H "Authorization: Bearer $TOKEN" >"$OUT/knowledge.json"
