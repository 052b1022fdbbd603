import type { Context } from "../context.ts";
import { PERMISSIONS } from "./page-config.ts";

/** A page of settings of Open WebUI's that is shown and cannot be changed. */
export interface OffConfig {
  get: string;
  post: string;
  /** What of Open WebUI's it is about. */
  about: string;
  /** What holds, with what pages cannot be shown without. */
  held: (context: Context) => Record<string, unknown>;
}

/** Settings without a form of their own, in `auths/admin/config`. */
export const OFF_ADMIN_CONFIG = {
  WEBUI_URL: "",
  ENABLE_MFA: false,
  MFA_ALLOW_OAUTH_BYPASS: false,
  MFA_ALLOW_TRUSTED_HEADER_BYPASS: false,
  ENABLE_LOGIN_FORM: true,
  ENABLE_API_KEY_ENDPOINT_RESTRICTIONS: false,
  API_KEY_ALLOWED_ENDPOINTS: "",
  ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS: false,
  API_KEYS_ALLOWED_ENDPOINTS: "",
  DEFAULT_GROUP_ID: "",
  I18N: {},
  ENABLE_COMMUNITY_SHARING: false,
  ENABLE_MESSAGE_RATING: false,
  ENABLE_FOLDERS: true,
  FOLDER_MAX_FILE_COUNT: "",
  AUTOMATION_MAX_COUNT: "",
  AUTOMATION_MIN_INTERVAL: "",
  ENABLE_AUTOMATIONS: false,
  ENABLE_CHANNELS: false,
  ENABLE_ENCRYPTED_CHANNELS: false,
  ENABLE_APPS: false,
  CHANNEL_MODEL_RESPONSE_MODE: "thread",
  ENABLE_CALENDAR: false,
  ENABLE_MEMORIES: true,
  ENABLE_MEMORY_SYSTEM_CONTEXT: true,
  ENABLE_SKILL_LAZY_LOADING: false,
  SKILL_CONTENT_MAX_CHARS: null,
  SKILL_PREVIEW_MAX_CHARS: null,
  ENABLE_NOTES: false,
  ENABLE_USER_WEBHOOKS: false,
  ENABLE_USER_STATUS: false,
} as const;

/** The same of `tasks/config`. */
export const OFF_TASK_CONFIG = {
  TASK_MODEL_PARAMS: {},
  IMAGE_PROMPT_GENERATION_PROMPT_TEMPLATE: "",
  ENABLE_AUTOCOMPLETE_GENERATION: false,
  AUTOCOMPLETE_GENERATION_INPUT_MAX_LENGTH: -1,
  AUTOCOMPLETE_GENERATION_PROMPT_TEMPLATE: "",
  ENABLE_SEARCH_QUERY_GENERATION: false,
  ENABLE_RETRIEVAL_QUERY_GENERATION: false,
  QUERY_GENERATION_PROMPT_TEMPLATE: "",
  TOOLS_FUNCTION_CALLING_PROMPT_TEMPLATE: "",
  ENABLE_VOICE_MODE_PROMPT: false,
  VOICE_MODE_PROMPT_TEMPLATE: "",
} as const;

const endpoint = { url: "", key: "" };

/** The embedder is the environment's; one change of it would leave every document to be read again. */
function embedding({ config: { embedder } }: Context) {
  const engine = embedder.kind === "openai" ? "openai" : "";
  const model = embedder.kind === "openai" ? embedder.model : "";
  return {
    status: true,
    embedding_engine: engine,
    embedding_model: model,
    embedding_batch_size: 1,
    RAG_EMBEDDING_ENGINE: engine,
    RAG_EMBEDDING_MODEL: model,
    RAG_EMBEDDING_BATCH_SIZE: 1,
    ENABLE_ASYNC_EMBEDDING: true,
    RAG_EMBEDDING_CONCURRENT_REQUESTS: 0,
    // Forms want both filled in; the key itself is nobody's to see.
    openai_config:
      embedder.kind === "openai" ? { url: embedder.baseUrl, key: "set in the environment" } : endpoint,
    ollama_config: endpoint,
    azure_openai_config: { ...endpoint, version: "" },
  };
}

const retrieval = ({ config }: Context) => ({
  status: true,
  RAG_TEMPLATE: "",
  TOP_K: null,
  TOP_K_RERANKER: null,
  RELEVANCE_THRESHOLD: null,
  HYBRID_BM25_WEIGHT: null,
  BYPASS_EMBEDDING_AND_RETRIEVAL: false,
  RAG_FULL_CONTEXT: false,
  ENABLE_RAG_HYBRID_SEARCH: true,
  ENABLE_RAG_HYBRID_SEARCH_ENRICHED_TEXTS: false,
  CONTENT_EXTRACTION_ENGINE: "",
  PDF_EXTRACT_IMAGES: false,
  PDF_LOADER_MODE: "page",
  DATALAB_MARKER_LANGS: "",
  DOCLING_OCR_LANG: "",
  EXTERNAL_DOCUMENT_LOADER_HEADERS: {},
  DOCLING_PARAMS: {},
  DOCLING_PICTURE_DESCRIPTION_LOCAL: {},
  DOCLING_PICTURE_DESCRIPTION_API: {},
  MINERU_PARAMS: {},
  MINERU_FILE_EXTENSIONS: [],
  RAG_RERANKING_MODEL: "",
  RAG_RERANKING_ENGINE: "",
  TEXT_SPLITTER: "",
  CHUNK_SIZE: null,
  CHUNK_MIN_SIZE_TARGET: null,
  CHUNK_OVERLAP: null,
  FILE_MAX_SIZE: Math.floor(config.limits.maxFileBytes / (1024 * 1024)),
  FILE_MAX_COUNT: null,
  FILE_IMAGE_COMPRESSION_WIDTH: null,
  FILE_IMAGE_COMPRESSION_HEIGHT: null,
  ALLOWED_FILE_EXTENSIONS: [],
  ENABLE_GOOGLE_DRIVE_INTEGRATION: false,
  ENABLE_ONEDRIVE_INTEGRATION: false,
  web: {
    ENABLE_WEB_SEARCH: false,
    ENABLE_WEB_SEARCH_CONFIRMATION: false,
    WEB_SEARCH_CONFIRMATION_CONTENT: "",
    WEB_SEARCH_ENGINE: "",
    WEB_SEARCH_RESULT_COUNT: 1,
    WEB_SEARCH_CONCURRENT_REQUESTS: 1,
    WEB_SEARCH_DOMAIN_FILTER_LIST: [],
    WEB_LOADER_ENGINE: "",
    YOUTUBE_LOADER_LANGUAGE: [],
    LINKUP_SEARCH_PARAMS: {},
  },
});

const audio = () => ({
  realtime: { ENABLED: false, INPUT_PARAMS: null },
  tts: { ENGINE: "", MODEL: "", VOICE: "", SPLIT_ON: "punctuation", API_KEY: "", OPENAI_PARAMS: {} },
  stt: { ENGINE: "", MODEL: "", SUPPORTED_CONTENT_TYPES: [], ALLOWED_EXTENSIONS: [] },
});

const images = () => ({
  enabled: false,
  engine: "",
  prompt_generation: false,
  openai: { OPENAI_API_BASE_URL: "", OPENAI_API_KEY: "" },
  automatic1111: { AUTOMATIC1111_BASE_URL: "", AUTOMATIC1111_API_AUTH: "" },
  comfyui: { COMFYUI_BASE_URL: "", COMFYUI_API_KEY: "", COMFYUI_WORKFLOW: "", COMFYUI_WORKFLOW_NODES: [] },
  gemini: { GEMINI_API_BASE_URL: "", GEMINI_API_KEY: "" },
  ENABLE_IMAGE_GENERATION: false,
  ENABLE_IMAGE_PROMPT_GENERATION: false,
  ENABLE_IMAGE_EDIT: false,
  IMAGE_GENERATION_ENGINE: "",
  IMAGE_GENERATION_MODEL: "",
  IMAGE_SIZE: "",
  IMAGE_STEPS: null,
  IMAGES_OPENAI_API_PARAMS: {},
  AUTOMATIC1111_PARAMS: {},
  COMFYUI_WORKFLOW: "",
  COMFYUI_WORKFLOW_NODES: [],
  IMAGE_EDIT_ENGINE: "",
  IMAGES_EDIT_COMFYUI_WORKFLOW: "",
  IMAGES_EDIT_COMFYUI_WORKFLOW_NODES: [],
});

const codeExecution = () => ({
  ENABLE_CODE_EXECUTION: false,
  CODE_EXECUTION_ENGINE: "pyodide",
  ENABLE_CODE_INTERPRETER: false,
  CODE_INTERPRETER_ENGINE: "pyodide",
  CODE_INTERPRETER_PROMPT_TEMPLATE: "",
});

const conversation = () => ({
  ENABLE_CONTEXT_COMPACTION: false,
  CONTEXT_COMPACTION_MODEL: "",
  CONTEXT_COMPACTION_PROMPT_TEMPLATE: "",
  ENABLE_TOOL_PERMISSIONS: false,
  ENABLE_TOOL_SEARCH: false,
  TOOL_SEARCH_ALWAYS_LOADED: [],
});

const subagents = () => ({
  ENABLE_SUBAGENTS: false,
  SUBAGENTS_BACKGROUND_ENABLED: false,
  SUBAGENTS_SYSTEM_PROMPT: "",
});

const ldapServer = () => ({
  label: "",
  host: "",
  port: null,
  attribute_for_mail: "",
  attribute_for_username: "",
  app_dn: "",
  app_dn_password: "",
  search_base: "",
  search_filters: "",
  use_tls: false,
  certificate_path: "",
  validate_cert: false,
  ciphers: "",
});

const oauth = () => ({
  ENABLE_OAUTH: false,
  ENABLE_OAUTH_SIGNUP: false,
  ENABLE_OAUTH_ROLE_MANAGEMENT: false,
  ENABLE_OAUTH_GROUP_MANAGEMENT: false,
});

const sameFor = (path: string) => ({ get: path, post: path });
const updatedAt = (path: string) => ({ get: path, post: `${path}/update` });

export const OFF_CONFIGS: readonly OffConfig[] = [
  {
    ...sameFor("/api/v1/users/default/permissions"),
    about: "what a user may do, which is the same for everybody",
    held: () => PERMISSIONS,
  },
  {
    ...updatedAt("/api/v1/retrieval/embedding"),
    about: "the embedder, which the environment names",
    held: embedding,
  },
  { ...updatedAt("/api/v1/retrieval/config"), about: "how documents are read and searched", held: retrieval },
  { ...updatedAt("/api/v1/audio/config"), about: "speech", held: audio },
  { ...updatedAt("/api/v1/images/config"), about: "images", held: images },
  {
    ...updatedAt("/api/v1/images/image/config"),
    about: "images",
    held: () => ({ MODEL: "", IMAGE_SIZE: "", IMAGE_STEPS: null }),
  },
  { ...sameFor("/api/v1/configs/code_execution"), about: "running code", held: codeExecution },
  { ...sameFor("/api/v1/configs/subagents"), about: "models that ask models", held: subagents },
  {
    ...sameFor("/api/v1/chats/config"),
    about: "the compaction of long chats, and tools",
    held: conversation,
  },
  {
    ...sameFor("/api/v1/configs/direct_connections"),
    about: "connections of users' own",
    held: () => ({ ENABLE_DIRECT_CONNECTIONS: false }),
  },
  {
    ...sameFor("/api/v1/configs/connections"),
    about: "connections of users' own",
    held: () => ({
      ENABLE_DIRECT_CONNECTIONS: false,
      ENABLE_DIRECT_INTEGRATIONS: false,
      ENABLE_BASE_MODELS_CACHE: false,
    }),
  },
  {
    ...sameFor("/api/v1/configs/tool_servers"),
    about: "tool servers",
    held: () => ({ TOOL_SERVER_CONNECTIONS: [] }),
  },
  {
    ...sameFor("/api/v1/configs/terminal_servers"),
    about: "terminal servers",
    held: () => ({ TERMINAL_SERVER_CONNECTIONS: [] }),
  },
  {
    ...sameFor("/api/v1/evaluations/config"),
    about: "the comparison of models",
    held: () => ({ ENABLE_EVALUATION_ARENA_MODELS: false, EVALUATION_ARENA_MODELS: [] }),
  },
  {
    ...sameFor("/api/v1/auths/admin/config/ldap"),
    about: "LDAP",
    held: () => ({ ENABLE_LDAP: false, enable_ldap: false }),
  },
  { ...sameFor("/api/v1/auths/admin/config/ldap/server"), about: "LDAP", held: ldapServer },
  { ...sameFor("/api/v1/auths/admin/config/oauth"), about: "OAuth", held: oauth },
  { ...sameFor("/api/webhook"), about: "a webhook for new accounts", held: () => ({ url: "" }) },
];
