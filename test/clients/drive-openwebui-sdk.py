"""`openwebui-sdk`: a client of the REST API and the socket."""

from openwebui_sdk.client import OpenWebUIClient
from openwebui_sdk.errors import APIError, AuthError

from areas import API_KEY, EMAIL, MODEL, PASSWORD, SERVER_URL, TOKEN, area, equal, refusal_of

client = OpenWebUIClient(SERVER_URL, token=TOKEN)
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
ANSWER = "The capital of France is Paris."
TOOL = '''
class Tools:
    def get_weather(self, city: str) -> str:
        """
        Today's weather.
        :param city: where
        """
        return "Sunny"
'''
made = {}


@area("signin")
def _():
    session = OpenWebUIClient(SERVER_URL).signin(EMAIL, PASSWORD)
    equal(session.email, EMAIL)
    assert session.token


@area("session")
def _():
    session = client.session()
    equal(session.role, "admin")


@area("session with an API key")
def _():
    equal(OpenWebUIClient(SERVER_URL, token=API_KEY).session().email, EMAIL)


@area("error: wrong password")
def _():
    refusal_of(lambda: OpenWebUIClient(SERVER_URL).signin(EMAIL, "wrong"), APIError)


@area("error: wrong token")
def _():
    refusal_of(lambda: OpenWebUIClient(SERVER_URL, token="wrong").list_models(), AuthError)


@area("list_models")
def _():
    assert MODEL in [model.id for model in client.list_models()]


@area("get_model")
def _():
    equal(client.get_model(MODEL).id, MODEL)


@area("resolve_tools")
def _():
    equal(client.resolve_tools(MODEL, extra_tool_ids=["a", "a"]), ["a"])


@area("chat_once")
def _():
    equal(client.chat_once(model=MODEL, messages=QUESTION), ANSWER)


@area("chat_json")
def _():
    equal(client.chat_json(model=MODEL, messages=QUESTION)["choices"][0]["finish_reason"], "stop")


@area("chat_stream")
def _():
    equal("".join(client.chat_stream(model=MODEL, messages=QUESTION)), ANSWER)


@area("run_chat")
def _():
    equal(client.run_chat(model=MODEL, messages=QUESTION).answer, ANSWER)


@area("run_chat over the socket")
def _():
    parts = []
    result = client.run_chat(
        model=MODEL, messages=QUESTION, tool_ids=["no-such-tool"], timeout=20, on_text=parts.append
    )
    equal(result.answer, ANSWER)
    equal("".join(parts), ANSWER)


@area("error: unknown model")
def _():
    raised = refusal_of(lambda: client.chat_once(model="no-such-model", messages=QUESTION), APIError)
    assert "model" in str(raised).lower(), raised


@area("create_chat")
def _():
    made["chat"] = client.create_chat(title="Mine", model=MODEL)


@area("save_chat with a title")
def _():
    saved = {"chat_id": made["chat"], "model": MODEL, "prompt_text": QUESTION[0]["content"], "answer": ANSWER}
    equal(client.save_chat(message_id="answer-1", title="Paris", **saved), "Paris")


@area("generate_title")
def _():
    title = client.generate_title(model=MODEL, messages=QUESTION, chat_id=made["chat"])
    assert "Capital of France" in title, title


@area("save_chat without a title")
def _():
    chat_id = client.create_chat(model=MODEL)
    saved = {"chat_id": chat_id, "model": MODEL, "prompt_text": QUESTION[0]["content"], "answer": ANSWER}
    title = client.save_chat(message_id="answer-2", **saved)
    assert "Capital of France" in title, title


@area("create_model")
def _():
    config = client.create_model(id="guide", name="Guide", base_model_id=MODEL, system="Be brief.")
    equal(config.id, "guide")


@area("get_model_config")
def _():
    config = client.get_model_config("guide")
    equal(config.system, "Be brief.")
    equal(config.base_model_id, MODEL)


@area("chat with a workspace model")
def _():
    equal(client.chat_once(model="guide", messages=QUESTION), ANSWER)


@area("update_model")
def _():
    equal(client.update_model("guide", description="Knows the way").description, "Knows the way")


@area("set_model_tools")
def _():
    equal(client.set_model_tools("guide", ["weather"]).tool_ids, ["weather"])


@area("delete_model")
def _():
    assert client.delete_model("guide")
    assert "guide" not in [model.id for model in client.list_models()]


@area("list_tools")
def _():
    assert isinstance(client.list_tools(), list)
    assert isinstance(client.list_tools(owned_only=True), list)


@area("list_functions")
def _():
    assert isinstance(client.list_functions(), list)


@area("tools: create, run, delete")
def _():
    client.create_tool(id="weather", name="Weather", content=TOOL, description="Weather")
    assert client.get_tool("weather").content
    assert client.delete_tool("weather")


@area("functions: create, delete")
def _():
    client.create_function(id="noop", name="Noop", content="class Filter:\n    pass\n", description="Nothing")
    assert client.delete_function("noop")
