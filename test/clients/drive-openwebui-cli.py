"""`openwebui-cli`, as a person types it."""

import json
import subprocess

from areas import API_KEY, EMAIL, MODEL, SERVER_URL, TOKEN, area, equal

QUESTION = "What is the capital of France?"
ANSWER = "The capital of France is Paris."


def cli(*args, code=0, input=""):
    """What the command prints to stdout, once it ended with that code."""
    run = subprocess.run(
        ["openwebui-cli", *args], input=input, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == code, f"{run.returncode}: {run.stdout}{run.stderr}"
    return run.stdout


def on_server(*args, **more):
    return cli(*args, "--url", SERVER_URL, "--token", TOKEN, **more)


@area("auth login with an API key")
def _():
    assert EMAIL in cli("auth", "login", "--url", SERVER_URL, "--name", "here", "--api-key", API_KEY)


@area("auth list")
def _():
    assert SERVER_URL in cli("auth", "list")


@area("auth whoami of a stored profile")
def _():
    equal(json.loads(cli("auth", "whoami", "--profile", "here"))["email"], EMAIL)


@area("auth whoami with a token")
def _():
    who = json.loads(on_server("auth", "whoami"))
    equal((who["role"], who["token_kind"]), ("admin", "jwt"))


@area("auth whoami with a wrong token")
def _():
    cli("auth", "whoami", "--url", SERVER_URL, "--token", "wrong", code=1)


@area("models list")
def _():
    assert MODEL in on_server("models", "list")
    assert MODEL in [model["id"] for model in json.loads(on_server("models", "list", "--json"))]


@area("ask")
def _():
    assert ANSWER in on_server("ask", MODEL, QUESTION)


@area("ask --plain")
def _():
    equal(on_server("ask", MODEL, QUESTION, "--plain").strip(), ANSWER)


@area("ask --no-stream")
def _():
    assert ANSWER in on_server("ask", MODEL, QUESTION, "--no-stream")


@area("ask --json")
def _():
    equal(json.loads(on_server("ask", MODEL, QUESTION, "--json"))["answer"], ANSWER)


@area("ask --stdin --system")
def _():
    answer = on_server("ask", MODEL, "--stdin", "--plain", "--system", "Be brief.", input="Hello")
    assert answer.startswith("You said: Hello") and "2 messages" in answer, answer


@area("ask an unknown model")
def _():
    on_server("ask", "no-such-model", "Hi", code=1)


@area("ask --save")
def _():
    assert ANSWER in on_server("ask", MODEL, QUESTION, "--save")


@area("models create")
def _():
    created = on_server("models", "create", "pilot", "--base-model", MODEL, "--name", "Pilot", "--system", "Fly.")
    assert "pilot" in created


@area("models edit")
def _():
    on_server("models", "edit", "pilot", "--description", "Flies", "--visibility", "private")


@area("models tools add")
def _():
    on_server("models", "tools", "add", "pilot", "weather")


@area("ask a workspace model")
def _():
    assert ANSWER in on_server("ask", "pilot", QUESTION, "--no-tools")


@area("models delete")
def _():
    on_server("models", "delete", "pilot")


@area("tools list")
def _():
    on_server("tools", "list")


@area("functions list")
def _():
    on_server("functions", "list")


@area("tools create")
def _():
    on_server("tools", "create", "clock", "--content", "class Tools:\n    pass\n", "--description", "Time")


@area("auth logout")
def _():
    cli("auth", "logout", "here")
