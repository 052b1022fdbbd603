/** What people use to talk to an Open WebUI, as the registries have it: names and versions, never copies. */
export const PYTHON_PACKAGES = [
  "openwebui-chat-client==0.1.24",
  "openwebui-cli==0.1.1",
  "openwebui-sdk==0.1.1",
  "openwebui-client==0.3.2",
  "owui-client==11.0.0",
  "openai==3.54.0",
] as const;

/** The same of npm; zod is what the others take schemas in. */
export const NODE_PACKAGES = [
  "openai@7.57.0",
  "ai@7.0.173",
  "@ai-sdk/openai-compatible@3.0.92",
  "@ai-sdk/openai@4.0.118",
  "zod@4.6.7",
] as const;
