"""The live scripts of openwebui-chat-client's repository, each as it is: what ends with 0 works."""

import glob
import os
import subprocess
import sys

from areas import MODEL, OTHER_MODEL, SERVER_URL, TOKEN, area

CHECKOUT = os.environ["CHAT_CLIENT_CHECKOUT"]
ENV = {
    **os.environ,
    "OUI_BASE_URL": SERVER_URL,
    "OUI_AUTH_TOKEN": TOKEN,
    "OUI_DEFAULT_MODEL": MODEL,
    "OUI_PARALLEL_MODELS": f"{MODEL},{OTHER_MODEL}",
    "OUI_RAG_MODEL": MODEL,
    "OUI_MULTIMODAL_MODEL": MODEL,
    "OUI_CLEANUP_BEFORE_TEST": "false",
}

for path in sorted(glob.glob(f"{CHECKOUT}/examples/*/*.py")):
    name = os.path.relpath(path, f"{CHECKOUT}/examples")
    if name.startswith("utils/"):
        continue

    @area(name)
    def _(path=path):
        run = subprocess.run(
            [sys.executable, path],
            env=ENV,
            cwd=CHECKOUT,
            # What they ask a person is refused.
            input="n\n" * 50,
            capture_output=True,
            text=True,
            timeout=55,
            check=False,
        )
        assert run.returncode == 0, f"{run.returncode}: {(run.stdout + run.stderr)[-400:]}"
