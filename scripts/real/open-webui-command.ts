import type { ServerCommand } from "../../test/real/server-process.ts";
import { freePort } from "../../test/real/server-process.ts";

/** How an installed Open WebUI is started: offline, on 127.0.0.1, with that provider alone and its data in `folder`. */
export async function openWebUiCommand(
  python: string,
  folder: string,
  providerUrl: string,
): Promise<ServerCommand> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = ["-m", "uvicorn", "open_webui.main:app", "--host", "127.0.0.1", "--port", String(port)];
  return {
    program: python,
    args: [...server, "--workers", "1", "--log-level", "warning"],
    folder,
    url,
    startTimeoutMs: 240_000,
    env: {
      DATA_DIR: folder,
      WEBUI_AUTH: "True",
      WEBUI_SECRET_KEY: "a secret that only this test server knows",
      ENABLE_SIGNUP: "True",
      ENABLE_PERSISTENT_CONFIG: "False",
      ENABLE_OLLAMA_API: "False",
      ENABLE_OPENAI_API: "True",
      OPENAI_API_BASE_URLS: providerUrl,
      OPENAI_API_KEYS: "provider-key",
      // Nothing may be downloaded, nothing be reported to anybody.
      OFFLINE_MODE: "True",
      HF_HUB_OFFLINE: "1",
      ANONYMIZED_TELEMETRY: "false",
      DO_NOT_TRACK: "true",
      SCARF_NO_ANALYTICS: "true",
      ENABLE_VERSION_UPDATE_CHECK: "false",
      // Embeddings by a service keep model runtimes out.
      RAG_EMBEDDING_ENGINE: "openai",
      RAG_EMBEDDING_MODEL: "words",
      RAG_OPENAI_API_BASE_URL: providerUrl,
      RAG_OPENAI_API_KEY: "provider-key",
      WHISPER_MODEL: "",
      CORS_ALLOW_ORIGIN: url,
      // Without it, an installed package calls itself version 0.0.0.
      FROM_INIT_PY: "true",
    },
  };
}
