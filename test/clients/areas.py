"""What the programs of this folder share: trying an area of a client, and telling how it went."""

import asyncio
import contextlib
import inspect
import json
import os
import signal
import sys
import urllib.request

LIMIT_S = 60
MODEL = os.environ["MODEL"]
OTHER_MODEL = os.environ["OTHER_MODEL"]
SERVER_URL = os.environ["SERVER_URL"]
BASE_URL = os.environ["BASE_URL"]
TOKEN = os.environ["TOKEN"]
API_KEY = os.environ["API_KEY"]
EMAIL = os.environ["EMAIL"]
PASSWORD = os.environ["PASSWORD"]
WORK_FOLDER = os.environ["WORK_FOLDER"]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

_out = sys.stdout
_loop = None


class Overdue(BaseException):
    """Not an Exception: clients catch these."""


def _overdue(_signal, _frame):
    raise Overdue(f"no end within {LIMIT_S} s")


signal.signal(signal.SIGALRM, _overdue)


def area(name):
    """Runs a function now, a coroutine in one loop for all, and prints a line of JSON; what it raises is what is wrong."""

    def attempt(function):
        global _loop
        problem = None
        signal.alarm(LIMIT_S)
        try:
            # Clients that print their progress do it elsewhere.
            with contextlib.redirect_stdout(sys.stderr):
                if inspect.iscoroutinefunction(function):
                    _loop = _loop or asyncio.new_event_loop()
                    _loop.run_until_complete(function())
                else:
                    function()
        except (Exception, Overdue, SystemExit) as raised:
            problem = f"{type(raised).__name__}: {raised}"
        finally:
            signal.alarm(0)
        print(json.dumps({"area": name, "problem": problem}, separators=(",", ":")), file=_out, flush=True)
        return function

    return attempt


def equal(seen, wanted):
    assert seen == wanted, f"{seen!r} is not {wanted!r}"


def refusal_of(function, kind=Exception):
    """What a call raises; raises itself if it does not."""
    try:
        answer = function()
    except kind as raised:
        return raised
    raise AssertionError(f"no refusal, but {answer!r}")


def last_asked():
    """The last completion that the provider was asked for."""
    with urllib.request.urlopen(os.environ["LAST_ASKED_URL"]) as response:
        return json.load(response)


def file_with(name, text):
    """The path of a new file with that text."""
    path = os.path.join(WORK_FOLDER, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
