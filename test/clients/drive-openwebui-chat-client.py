"""`openwebui-chat-client`: chats that show up in the web UI, and the things around them."""

import base64
import logging
import os

from openwebui_chat_client import AsyncOpenWebUIClient, OpenWebUIClient

from areas import MODEL, OTHER_MODEL, SERVER_URL, TOKEN, WORK_FOLDER, PIXEL, area, equal, file_with, last_asked

logging.disable(logging.CRITICAL)
PARIS = "What is the capital of France?"
ANSWER = "The capital of France is Paris."
client = OpenWebUIClient(base_url=SERVER_URL, token=TOKEN, default_model_id=MODEL)
client._auto_cleanup_enabled = False
made = {}


def stored(chat_id):
    """The chat as the server has it."""
    return client._chat_manager._get_chat_details(chat_id)


@area("list_models")
def _():
    assert MODEL in [model["id"] for model in client.list_models()]


@area("list_base_models")
def _():
    assert MODEL in [model["id"] for model in client.list_base_models()]


@area("list_custom_models")
def _():
    assert isinstance(client.list_custom_models(), list)


@area("get_model")
def _():
    equal(client.get_model(MODEL)["id"], MODEL)


@area("chat")
def _():
    result = client.chat(question=PARIS, chat_title="Capitals")
    equal(result["response"], ANSWER)
    made["chat"] = result["chat_id"]
    chat = stored(result["chat_id"])["chat"]
    equal(chat["history"]["messages"][result["message_id"]]["content"], ANSWER)


@area("chat goes on under its title")
def _():
    result = client.chat(question="And its river?", chat_title="Capitals")
    equal(result["chat_id"], made["chat"])
    assert "3 messages" in result["response"], result["response"]


@area("chat with another model in the same chat")
def _():
    result = client.chat(question="Who are you?", chat_title="Capitals", model_id=OTHER_MODEL)
    equal(result["chat_id"], made["chat"])
    assert OTHER_MODEL in result["response"], result["response"]


@area("chat with a folder and tags")
def _():
    result = client.chat(question="Hi", chat_title="Sorted", folder_name="Trips", tags=["sea"])
    record = stored(result["chat_id"])
    equal(record["folder_id"], client.get_folder_id_by_name("Trips"))
    assert "sea" in str(record["meta"]["tags"]), record["meta"]


@area("get_chats_by_folder")
def _():
    chats = client.get_chats_by_folder(client.get_folder_id_by_name("Trips"))
    equal([chat["title"] for chat in chats], ["Sorted"])


@area("chat with an image")
def _():
    path = os.path.join(WORK_FOLDER, "pixel.png")
    with open(path, "wb") as file:
        file.write(base64.b64decode(PIXEL))
    result = client.chat(question="What is this?", chat_title="Picture", image_paths=[path])
    assert result["response"].startswith("You said: What is this?")
    assert "image_url" in str(last_asked()["body"]["messages"])


@area("chat with a file")
def _():
    path = file_with("aurora.txt", "The launch code of the Aurora project is 7421.")
    question = "What is the launch code of the Aurora project?"
    result = client.chat(question=question, chat_title="Aurora", rag_files=[path])
    assert result["response"]
    equal([file["filename"] for file in stored(result["chat_id"])["chat"]["files"]], ["aurora.txt"])


@area("chat with a follow-up")
def _():
    result = client.chat(question=PARIS, chat_title="Followed", enable_follow_up=True)
    equal(len(result["follow_ups"]), 3)


@area("chat with a title")
def _():
    result = client.chat(question=PARIS, chat_title="Auto", enable_auto_titling=True)
    assert "Capital of France" in result["suggested_title"], result


@area("chat with suggested tags")
def _():
    result = client.chat(question=PARIS, chat_title="Tagged", enable_auto_tagging=True)
    assert "Geography" in result["suggested_tags"], result


@area("stream_chat")
def _():
    parts = list(client.stream_chat(question=PARIS, chat_title="Streamed"))
    equal("".join(part for part in parts if isinstance(part, str)), ANSWER)


@area("parallel_chat")
def _():
    result = client.parallel_chat(question="Hi", chat_title="Both", model_ids=[MODEL, OTHER_MODEL])
    answers = result["responses"]
    equal(sorted(answers), sorted([MODEL, OTHER_MODEL]))
    messages = stored(result["chat_id"])["chat"]["history"]["messages"].values()
    equal(len([message for message in messages if message["role"] == "assistant"]), 2)


@area("continuous_chat")
def _():
    result = client.continuous_chat(initial_question=PARIS, num_questions=2, chat_title="Talk")
    equal(len(result["conversation_history"]), 2)


@area("deep_research")
def _():
    topic = 'Bridges [[json={"next_question":"Why?","chosen_model_type":"General"}]]'
    result = client.deep_research(topic=topic, num_steps=1, general_models=[MODEL])
    assert result["final_report"], result


@area("rename_chat")
def _():
    assert client.rename_chat(made["chat"], "Renamed")
    equal(stored(made["chat"])["title"], "Renamed")
    assert len(stored(made["chat"])["chat"]["history"]["messages"]) == 6


@area("set_chat_tags")
def _():
    client.set_chat_tags(made["chat"], ["north", "south"])
    equal(sorted(stored(made["chat"])["meta"]["tags"]), ["north", "south"])


@area("update_chat_metadata")
def _():
    updated = client.update_chat_metadata(made["chat"], regenerate_tags=True, regenerate_title=True)
    assert updated, updated
    assert "Capital of France" in stored(made["chat"])["title"]


@area("switch_chat_model")
def _():
    assert client.switch_chat_model(made["chat"], OTHER_MODEL)
    equal(stored(made["chat"])["chat"]["models"], [OTHER_MODEL])


@area("list_chats")
def _():
    assert made["chat"] in [chat["id"] for chat in client.list_chats()]


@area("archive_chat")
def _():
    assert client.archive_chat(made["chat"])
    assert stored(made["chat"])["archived"]


@area("archive_chats_by_age")
def _():
    result = client.archive_chats_by_age(days_since_update=0, dry_run=True)
    assert result["total_checked"] > 0, result
    equal(result["total_failed"], 0)


@area("knowledge bases")
def _():
    base = client.create_knowledge_base("Notes", "What we know")
    path = file_with("borealis.txt", "The launch code of the Borealis project is 1958.")
    assert client.add_file_to_knowledge_base(path, "Notes")
    equal(client.get_knowledge_base_by_name("Notes")["id"], base["id"])


@area("chat with a knowledge base")
def _():
    question = "What is the launch code of the Borealis project?"
    result = client.chat(question=question, chat_title="Borealis", rag_collections=["Notes"])
    assert result["response"]
    assert "1958" in str(last_asked()["body"]["messages"])


@area("delete_knowledge_base")
def _():
    assert client.delete_knowledge_base(client.get_knowledge_base_by_name("Notes")["id"])
    assert client.get_knowledge_base_by_name("Notes") is None


@area("models: create, update, delete")
def _():
    created = client.create_model("poet", "Poet", base_model_id=MODEL, description="Rhymes")
    equal(created["id"], "poet")
    equal(client.get_model("poet")["meta"]["description"], "Rhymes")
    equal(client.update_model("poet", description="Sings")["meta"]["description"], "Sings")
    assert client.delete_model("poet")


@area("batch_update_model_permissions")
def _():
    result = client.batch_update_model_permissions(model_identifiers=[MODEL], permission_type="public")
    equal(len(result["success"]), 1)


@area("list_groups")
def _():
    assert isinstance(client.list_groups(), list)


@area("get_users")
def _():
    users = client.get_users()
    equal(users[0]["role"], "admin")
    made["user"] = users[0]["id"]


@area("get_user_by_id")
def _():
    equal(client.get_user_by_id(made["user"])["name"], "Ada")


@area("prompts: create, read, update, delete")
def _():
    assert client.create_prompt("/greet", "Greet", "Say hello to {{name}}")
    equal(client.get_prompt_by_command("/greet")["content"], "Say hello to {{name}}")
    assert "greet" in str(client.get_prompts())
    assert client.update_prompt_by_command("/greet", content="Greet {{name}}")
    assert client.delete_prompt_by_command("/greet")


@area("notes: create, read, update, delete")
def _():
    note = client.create_note("Ideas", data={"content": {"md": "One"}})
    equal(client.get_note_by_id(note["id"])["title"], "Ideas")
    assert client.update_note_by_id(note["id"], title="Plans")
    assert client.delete_note_by_id(note["id"])


@area("process_task")
def _():
    answer = '[[json={"thought":"done","action":{"final_answer":"Forty-two"}}]]'
    result = client.process_task(question=f"What? {answer}", model_id=MODEL, tool_server_ids=[], max_iterations=1)
    assert result["solution"], result


@area("delete_all_chats")
def _():
    assert client.delete_all_chats()
    equal(client.list_chats(), [])


@area("async: models, chat, stream, users")
async def _():
    async_client = AsyncOpenWebUIClient(SERVER_URL, TOKEN, MODEL)
    try:
        assert MODEL in [model["id"] for model in await async_client.list_models()]
        result = await async_client.chat(question=PARIS, chat_title="Async")
        equal(result["response"], ANSWER)
        parts = [part async for part in async_client.stream_chat(question=PARIS, chat_title="Async stream")]
        equal("".join(part for part in parts if isinstance(part, str)), ANSWER)
        assert await async_client.get_users()
        assert len(await async_client.list_chats()) >= 2
    finally:
        await async_client.close()


@area("async: files")
async def _():
    async_client = AsyncOpenWebUIClient(SERVER_URL, TOKEN, MODEL)
    try:
        assert await async_client.upload_file(file_with("async.txt", "Some words."))
    finally:
        await async_client.close()
