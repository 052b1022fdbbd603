"""`owui-client`: a method for each endpoint of Open WebUI 0.11.0, with pydantic models for what they answer."""

import uuid

from owui_client import OpenWebUI
from owui_client.models.auths import AddUserForm, SigninForm, UpdateTimezoneForm
from owui_client.models.chats import (
    ChatFolderIdForm,
    ChatForm,
    ChatImportForm,
    ChatsImportForm,
    CloneForm,
    MessageForm,
    TagFilterForm,
    TagForm,
)
from owui_client.models.folders import (
    FolderForm,
    FolderIsExpandedForm,
    FolderParentIdForm,
    FolderUpdateForm,
)
from owui_client.models.groups import GroupForm, UserIdsForm
from owui_client.models.knowledge import KnowledgeForm
from owui_client.models.memories import AddMemoryForm, MemoryUpdateModel, QueryMemoryForm
from owui_client.models.models import ModelForm, ModelMeta, ModelParams
from owui_client.models.notes import NoteForm
from owui_client.models.prompts import PromptForm
from owui_client.models.users import UserSettings, UserUpdateForm

from areas import API_KEY, BASE_URL, EMAIL, MODEL, PASSWORD, TOKEN, area, equal

client = OpenWebUI(api_url=BASE_URL, api_key=TOKEN)
QUESTION = {"role": "user", "content": "What is the capital of France?"}
ANSWER = "The capital of France is Paris."
made = {}


def text_of(completion):
    return completion["choices"][0]["message"]["content"]


def dictionary(answer):
    return answer if isinstance(answer, dict) else answer.model_dump()


def new_chat(title):
    user, assistant = str(uuid.uuid4()), str(uuid.uuid4())
    messages = {
        user: {"id": user, "parentId": None, "childrenIds": [assistant], **QUESTION},
        assistant: {
            "id": assistant,
            "parentId": user,
            "childrenIds": [],
            "role": "assistant",
            "content": ANSWER,
            "model": MODEL,
            "done": True,
        },
    }
    history = {"messages": messages, "currentId": assistant}
    return {"title": title, "models": [MODEL], "history": history, "messages": list(messages.values())}


@area("root.get_version")
async def _():
    assert (await client.root.get_version())["version"]


@area("root.health")
async def _():
    await client.root.health()


@area("root.get_config")
async def _():
    assert (await client.root.get_config())["features"]["auth"]


@area("root.get_changelog")
async def _():
    assert isinstance(await client.root.get_changelog(), dict)


@area("root.get_models")
async def _():
    assert MODEL in [model["id"] for model in (await client.root.get_models())["data"]]


@area("root.chat_completions")
async def _():
    equal(text_of(await client.root.chat_completions({"model": MODEL, "messages": [QUESTION]})), ANSWER)


@area("root.embeddings")
async def _():
    answer = await client.root.embeddings({"model": MODEL, "input": "red apple"})
    assert len(answer["data"][0]["embedding"]) > 10


@area("openai.get_models")
async def _():
    assert MODEL in str(await client.openai.get_models())


@area("openai.chat_completions")
async def _():
    equal(text_of(await client.openai.chat_completions({"model": MODEL, "messages": [QUESTION]})), ANSWER)


@area("openai.embeddings")
async def _():
    answer = await client.openai.embeddings({"model": MODEL, "input": "red apple"})
    assert len(answer["data"][0]["embedding"]) > 10


@area("openai.get_config")
async def _():
    assert (await client.openai.get_config())["ENABLE_OPENAI_API"]


@area("auths.get_session_user")
async def _():
    user = await client.auths.get_session_user()
    equal(user.email, EMAIL)
    made["user"] = user.id


@area("auths.signin")
async def _():
    session = await OpenWebUI(api_url=BASE_URL).auths.signin(SigninForm(email=EMAIL, password=PASSWORD))
    assert session.token


@area("auths.get_api_key")
async def _():
    assert (await client.auths.get_api_key()).api_key


@area("an API key for a token")
async def _():
    equal((await OpenWebUI(api_url=BASE_URL, api_key=API_KEY).auths.get_session_user()).email, EMAIL)


@area("auths.add_user")
async def _():
    form = AddUserForm(name="Ben", email="ben@example.org", password="correct horse battery", role="user")
    made["ben"] = (await client.auths.add_user(form)).id


@area("auths.get_admin_details")
async def _():
    equal((await client.auths.get_admin_details()).email, EMAIL)


@area("auths.get_admin_config")
async def _():
    await client.auths.get_admin_config()


@area("auths.update_timezone")
async def _():
    await client.auths.update_timezone(UpdateTimezoneForm(timezone="Europe/Paris"))


@area("users.get_users")
async def _():
    assert EMAIL in [user.email for user in (await client.users.get_users()).users]


@area("users.get_all_users")
async def _():
    assert made["user"] in [user.id for user in (await client.users.get_all_users()).users]


@area("users.search_users")
async def _():
    assert "Ada" in [user.name for user in (await client.users.search_users("ada")).users]


@area("users.get_user_by_id")
async def _():
    equal((await client.users.get_user_by_id(made["user"])).name, "Ada")


@area("users.update_user_by_id")
async def _():
    form = UserUpdateForm(role="user", name="Benjamin", email="ben@example.org", profile_image_url="/user.png")
    equal((await client.users.update_user_by_id(made["ben"], form)).name, "Benjamin")


@area("users.settings")
async def _():
    await client.users.update_user_settings(UserSettings(ui={"theme": "dark"}))
    equal((await client.users.get_user_settings()).ui["theme"], "dark")


@area("users.info")
async def _():
    await client.users.update_user_info({"location": "Paris"})
    equal((await client.users.get_user_info())["location"], "Paris")


@area("users.get_user_permissions")
async def _():
    assert "chat" in await client.users.get_user_permissions()


@area("users.get_user_groups")
async def _():
    assert isinstance(await client.users.get_user_groups(), list)


@area("users.delete_user_by_id")
async def _():
    assert await client.users.delete_user_by_id(made["ben"])


@area("chats.create_new")
async def _():
    made["chat"] = (await client.chats.create_new(ChatForm(chat=new_chat("Capitals")))).id


@area("chats.get")
async def _():
    chat = await client.chats.get(made["chat"])
    equal(chat.title, "Capitals")
    equal(len(chat.chat["history"]["messages"]), 2)


@area("chats.get_list")
async def _():
    assert made["chat"] in [chat.id for chat in await client.chats.get_list(page=1)]


@area("chats.update")
async def _():
    equal((await client.chats.update(made["chat"], ChatForm(chat={"title": "Cities"}))).title, "Cities")


@area("chats.update_message")
async def _():
    chat = await client.chats.get(made["chat"])
    current = chat.chat["history"]["currentId"]
    changed = await client.chats.update_message(made["chat"], current, MessageForm(content="Paris."))
    equal(changed.chat["history"]["messages"][current]["content"], "Paris.")


@area("chats.search")
async def _():
    assert made["chat"] in [chat.id for chat in await client.chats.search("Cities")]


@area("chats.tags")
async def _():
    await client.chats.add_tag(made["chat"], TagForm(name="sea"))
    equal([tag.name for tag in await client.chats.get_tags(made["chat"])], ["sea"])
    assert "sea" in [tag.name for tag in await client.chats.get_all_tags()]
    equal([chat.id for chat in await client.chats.get_by_tags(TagFilterForm(name="sea"))], [made["chat"]])
    await client.chats.delete_tag(made["chat"], TagForm(name="sea"))
    equal(await client.chats.get_tags(made["chat"]), [])


@area("chats.pin")
async def _():
    await client.chats.pin(made["chat"])
    assert await client.chats.get_pinned_status(made["chat"])
    equal([chat.id for chat in await client.chats.get_pinned()], [made["chat"]])
    await client.chats.pin(made["chat"])


@area("chats.clone")
async def _():
    cloned = await client.chats.clone(made["chat"], CloneForm(title="Twin"))
    equal(cloned.title, "Twin")
    made["twin"] = cloned.id


@area("chats.share")
async def _():
    share_id = (await client.chats.share(made["chat"])).share_id
    equal((await client.chats.get_shared(share_id)).title, "Cities")
    assert await client.chats.delete_shared(made["chat"])


@area("chats.archive")
async def _():
    assert (await client.chats.archive(made["twin"])).archived
    assert made["twin"] in [chat.id for chat in await client.chats.get_archived_list(page=1)]
    assert made["twin"] in [chat.id for chat in await client.chats.get_all_archived()]


@area("chats.import_chats")
async def _():
    form = ChatsImportForm(chats=[ChatImportForm(chat=new_chat("Imported"))])
    equal([chat.title for chat in await client.chats.import_chats(form)], ["Imported"])


@area("chats.get_all")
async def _():
    assert made["chat"] in [chat.id for chat in await client.chats.get_all()]


@area("chats.chat_completion")
async def _():
    equal(text_of(dictionary(await client.chats.chat_completion({"model": MODEL, "messages": [QUESTION]}))), ANSWER)


@area("chats.chat_completed")
async def _():
    form = {"model": MODEL, "messages": [], "chat_id": made["chat"], "session_id": "none", "id": "none"}
    await client.chats.chat_completed(form)


@area("folders: create, read, rename, nest")
async def _():
    folder = await client.folders.create_folder(FolderForm(name="Voyages"))
    made["folder"] = folder.id
    assert folder.id in [folder.id for folder in await client.folders.get_folders()]
    equal((await client.folders.get_folder_by_id(folder.id)).name, "Voyages")
    await client.folders.update_folder_name_by_id(folder.id, FolderUpdateForm(name="Journeys"))
    inner = await client.folders.create_folder(FolderForm(name="Inner"))
    await client.folders.update_folder_parent_id_by_id(inner.id, FolderParentIdForm(parent_id=folder.id))
    await client.folders.update_folder_is_expanded_by_id(folder.id, FolderIsExpandedForm(is_expanded=True))
    equal((await client.folders.get_folder_by_id(folder.id)).name, "Journeys")


@area("folders: chats in them")
async def _():
    await client.chats.update_folder(made["chat"], ChatFolderIdForm(folder_id=made["folder"]))
    equal([chat.id for chat in await client.chats.get_by_folder_id(made["folder"])], [made["chat"]])


@area("chats.delete")
async def _():
    assert await client.chats.delete(made["chat"])


@area("folders.delete_folder_by_id")
async def _():
    assert await client.folders.delete_folder_by_id(made["folder"])


@area("files.upload_file")
async def _():
    note = ("note.txt", b"The launch code of the Aurora project is 7421.", "text/plain")
    made["file"] = (await client.files.upload_file(note, process_in_background=False)).id


@area("files.get_file_by_id")
async def _():
    equal((await client.files.get_file_by_id(made["file"])).filename, "note.txt")


@area("files.get_file_content_by_id")
async def _():
    assert b"7421" in await client.files.get_file_content_by_id(made["file"])


@area("files.get_file_data_content_by_id")
async def _():
    assert "7421" in (await client.files.get_file_data_content_by_id(made["file"]))["content"]


@area("files.list_files")
async def _():
    assert made["file"] in str(await client.files.list_files())


@area("files.search_files")
async def _():
    equal([file.id for file in await client.files.search_files("note*")], [made["file"]])


@area("files.get_file_process_status")
async def _():
    equal((await client.files.get_file_process_status(made["file"]))["status"], "completed")


@area("knowledge.create_new_knowledge")
async def _():
    form = KnowledgeForm(name="Projects", description="Codes")
    made["knowledge"] = (await client.knowledge.create_new_knowledge(form)).id


@area("knowledge.add_file_to_knowledge")
async def _():
    answer = await client.knowledge.add_file_to_knowledge(made["knowledge"], made["file"])
    assert made["file"] in [file.id for file in answer.files]


@area("knowledge.get_knowledge_by_id")
async def _():
    equal((await client.knowledge.get_knowledge_by_id(made["knowledge"])).name, "Projects")


@area("knowledge.get_knowledge")
async def _():
    assert made["knowledge"] in str(await client.knowledge.get_knowledge())


@area("knowledge.update_knowledge_by_id")
async def _():
    form = KnowledgeForm(name="Plans", description="Codes")
    equal((await client.knowledge.update_knowledge_by_id(made["knowledge"], form)).name, "Plans")


@area("knowledge.remove_file_from_knowledge")
async def _():
    await client.knowledge.remove_file_from_knowledge(made["knowledge"], made["file"], delete_file=False)


@area("knowledge.delete_knowledge_by_id")
async def _():
    assert await client.knowledge.delete_knowledge_by_id(made["knowledge"])


@area("files.delete_file_by_id")
async def _():
    await client.files.delete_file_by_id(made["file"])


def guide(description):
    meta = ModelMeta(description=description)
    return ModelForm(id="scout", base_model_id=MODEL, name="Scout", meta=meta, params=ModelParams(system="Look."))


@area("models.create_new_model")
async def _():
    equal((await client.models.create_new_model(guide("Looks"))).id, "scout")


@area("models.get_model_by_id")
async def _():
    equal((await client.models.get_model_by_id("scout")).name, "Scout")


@area("models.update_model_by_id")
async def _():
    equal((await client.models.update_model_by_id(guide("Sees"))).meta.description, "Sees")


@area("models.get_models")
async def _():
    assert "scout" in str(await client.models.get_models())


@area("models.get_base_models")
async def _():
    assert isinstance(await client.models.get_base_models(), list)


@area("models.toggle_model_by_id")
async def _():
    equal((await client.models.toggle_model_by_id("scout")).is_active, False)


@area("models.delete_model_by_id")
async def _():
    assert await client.models.delete_model_by_id("scout")


@area("tasks.generate_title")
async def _():
    answer = await client.tasks.generate_title({"model": MODEL, "messages": [QUESTION]})
    assert "Capital of France" in text_of(answer)


@area("tasks.generate_tags")
async def _():
    assert "Geography" in text_of(await client.tasks.generate_tags({"model": MODEL, "messages": [QUESTION]}))


@area("tasks.generate_follow_ups")
async def _():
    answer = await client.tasks.generate_follow_ups({"model": MODEL, "messages": [QUESTION]})
    assert "bridge" in text_of(answer)


@area("tasks.list_tasks")
async def _():
    assert isinstance((await client.tasks.list_tasks())["tasks"], list)


@area("tasks.list_tasks_by_chat")
async def _():
    equal((await client.tasks.list_tasks_by_chat(made["twin"]))["task_ids"], [])


@area("tasks.get_config")
async def _():
    assert isinstance(await client.tasks.get_config(), dict)


@area("configs.get_banners")
async def _():
    assert isinstance(await client.configs.get_banners(), list)


@area("configs.get_models_config")
async def _():
    await client.configs.get_models_config()


@area("memories: add, read, query, update, delete")
async def _():
    memory = await client.memories.add_memory(AddMemoryForm(content="Likes red apples"))
    assert memory.id in [memory.id for memory in await client.memories.get_memories()]
    assert "apples" in str(await client.memories.query_memory(QueryMemoryForm(content="red apples")))
    await client.memories.update_memory_by_id(memory.id, MemoryUpdateModel(content="Likes pears"))
    assert await client.memories.delete_memory_by_id(memory.id)


@area("prompts: create, read, update, delete")
async def _():
    prompt = await client.prompts.create_new_prompt(PromptForm(command="hello", name="Hello", content="Hi"))
    assert "hello" in str(await client.prompts.get_prompts())
    changed = PromptForm(command="hello", name="Hello", content="Good day")
    await client.prompts.update_prompt_by_id(prompt.id, changed)
    equal((await client.prompts.get_prompt_by_id(prompt.id)).content, "Good day")
    assert await client.prompts.delete_prompt_by_id(prompt.id)


@area("groups: create, members, delete")
async def _():
    group = await client.groups.create_new_group(GroupForm(name="Crew", description="All"))
    assert group.id in [group.id for group in await client.groups.get_groups()]
    await client.groups.add_user_to_group(group.id, UserIdsForm(user_ids=[made["user"]]))
    assert await client.groups.delete_group_by_id(group.id)


@area("tools.get_tools")
async def _():
    assert isinstance(await client.tools.get_tools(), list)


@area("functions.get_functions")
async def _():
    assert isinstance(await client.functions.get_functions(), list)


@area("notes: create, read, delete")
async def _():
    note = await client.notes.create_note(NoteForm(title="Ideas"))
    equal((await client.notes.get_note_by_id(note.id)).title, "Ideas")
    assert await client.notes.delete_note_by_id(note.id)


@area("channels.list")
async def _():
    assert isinstance(await client.channels.list(), list)


@area("evaluations.get_config")
async def _():
    assert isinstance(await client.evaluations.get_config(), dict)


@area("retrieval.get_status")
async def _():
    assert (await client.retrieval.get_status())["status"]


@area("utils.get_html_from_markdown")
async def _():
    from owui_client.models.utils import MarkdownForm

    assert "<h1>" in str(await client.utils.get_html_from_markdown(MarkdownForm(md="# Title")))
