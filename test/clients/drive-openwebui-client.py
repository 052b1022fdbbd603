"""`openwebui-client`: an `openai` client with Open WebUI's files and tools; its base URL ends in /api."""

from pathlib import Path

from openwebui_client import OpenWebUIClient

from areas import API_KEY, BASE_URL, MODEL, area, equal, file_with, last_asked

client = OpenWebUIClient(api_key=API_KEY, base_url=BASE_URL, default_model=MODEL, max_retries=0)
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
files = {}


@area("models.list")
def _():
    names = {model.id: model.name for model in client.models.list()}
    assert names[MODEL], names


@area("chat")
def _():
    completion = client.chat.completions.create(model=MODEL, messages=QUESTION)
    equal(completion.choices[0].message.content, "The capital of France is Paris.")


@area("chat.stream")
def _():
    stream = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "[[tokens=3]]"}], stream=True
    )
    equal("".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices), "tok0 tok1 tok2 ")


@area("files.from_path")
def _():
    path = file_with("code.txt", "The launch code of the Aurora project is 7421.")
    files["note"] = client.files.from_path(Path(path))
    assert files["note"].id


@area("chat with a file")
def _():
    messages = [{"role": "user", "content": "What is the launch code of the Aurora project?"}]
    completion = client.chat.completions.create(model=MODEL, messages=messages, files=[files["note"]])
    assert completion.choices[0].message.content
    assert "7421" in str(last_asked()["body"]["messages"])


@area("chat_with_tools")
def _():
    seen = []

    def get_weather(city: str) -> str:
        """Today's weather of a city."""
        seen.append(city)
        return "Sunny"

    client.tool_registry.register(get_weather)
    answer = client.chat_with_tools(messages=[{"role": "user", "content": "[[tool]]"}], max_tool_calls=2)
    equal(seen, ["Paris"])
    assert "Sunny" in answer, answer
