"""The `openai` package of PyPI, as its README uses it, with the base URL that BASE_URL names."""

import json
import time

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from areas import API_KEY, BASE_URL, MODEL, PIXEL, TOKEN, area, equal, last_asked, refusal_of

client = OpenAI(base_url=BASE_URL, api_key=TOKEN, max_retries=0)
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Today's weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def ask(content, **more):
    asked = {"model": MODEL, "messages": [{"role": "user", "content": content}], **more}
    return client.chat.completions.create(**asked)


@area("models.list")
def _():
    assert MODEL in [model.id for model in client.models.list()]


@area("models.retrieve")
def _():
    equal(client.models.retrieve(MODEL).id, MODEL)


@area("chat")
def _():
    completion = ask("What is the capital of France?")
    equal(completion.choices[0].message.content, "The capital of France is Paris.")
    assert completion.usage.total_tokens > 0


@area("chat with an API key")
def _():
    with_key = OpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0)
    completion = with_key.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])
    assert completion.choices[0].message.content.startswith("You said: Hi")


@area("chat.stream")
def _():
    chunks = list(ask("[[tokens=3]]", stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    equal(text, "tok0 tok1 tok2 ")
    assert chunks[-1].usage.total_tokens > 0


@area("chat, async")
async def _():
    async with AsyncOpenAI(base_url=BASE_URL, api_key=TOKEN, max_retries=0) as async_client:
        stream = await async_client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "[[tokens=3]]"}], stream=True
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
        equal(text, "tok0 tok1 tok2 ")


@area("tools")
def _():
    choice = ask("[[tool]]", tools=[WEATHER], tool_choice="auto").choices[0]
    equal(choice.finish_reason, "tool_calls")
    equal(json.loads(choice.message.tool_calls[0].function.arguments), {"city": "Paris"})
    equal(last_asked()["body"]["tools"], [WEATHER])


@area("tools, streamed")
def _():
    parts = [chunk.choices[0].delta for chunk in ask("[[tool]]", tools=[WEATHER], stream=True) if chunk.choices]
    called = "".join(call.function.arguments or "" for part in parts for call in part.tool_calls or [])
    equal(json.loads(called), {"city": "Paris"})


@area("response_format json_schema")
def _():
    class Event(BaseModel):
        name: str

    completion = client.chat.completions.parse(
        model=MODEL,
        messages=[{"role": "user", "content": 'What? [[json={"name":"Fair"}]]'}],
        response_format=Event,
    )
    equal(completion.choices[0].message.parsed, Event(name="Fair"))
    equal(last_asked()["body"]["response_format"]["type"], "json_schema")


@area("images")
def _():
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    ask(content)
    equal(last_asked()["body"]["messages"][0]["content"], content)


@area("abort")
def _():
    stream = ask("[[tokens=500]] [[delay=20]]", stream=True)
    next(iter(stream))
    stream.close()
    for _ in range(100):
        if last_asked()["clientClosed"]:
            return
        time.sleep(0.05)
    raise AssertionError("the provider still answers")


@area("error: wrong key")
def _():
    stranger = OpenAI(base_url=BASE_URL, api_key="sk-wrong", max_retries=0)
    messages = [{"role": "user", "content": "Hi"}]
    refusal_of(
        lambda: stranger.chat.completions.create(model=MODEL, messages=messages), openai.AuthenticationError
    )


@area("error: unknown model")
def _():
    raised = refusal_of(lambda: ask("Hi", model="no-such-model"), openai.APIStatusError)
    assert raised.status_code in (400, 404), raised
    assert "model" in str(raised).lower(), raised


@area("error: 429 of the provider")
def _():
    refusal_of(lambda: ask("[[status=429]]"), openai.RateLimitError)


@area("error: 500 of the provider")
def _():
    refusal_of(lambda: ask("[[status=500]]"), openai.InternalServerError)


@area("error: in the middle of a stream")
def _():
    raised = refusal_of(lambda: list(ask("[[tokens=9]] [[sseerror=3]]", stream=True)), openai.APIError)
    assert not isinstance(raised, openai.APIStatusError), raised


@area("embeddings")
def _():
    data = client.embeddings.create(model=MODEL, input=["red apple", "green pear"]).data
    equal(len(data), 2)
    assert len(data[0].embedding) > 10


@area("files.create")
def _():
    assert client.files.create(file=("note.txt", b"The launch code is 7421."), purpose="user_data").id


@area("responses")
def _():
    assert client.responses.create(model=MODEL, input="Hi").output_text.startswith("You said: Hi")
