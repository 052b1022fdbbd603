import type { ModelSettings } from "../../contract/model-form.ts";
import { OPEN_WEBUI_VERSION } from "../../contract/versions.ts";
import type { Context } from "../context.ts";

/** What a user may do, in the words of Open WebUI's pages: the same for everybody. */
export const PERMISSIONS = {
  workspace: { models: true, knowledge: true, prompts: true, tools: false, skills: false },
  sharing: {
    models: true,
    public_models: true,
    knowledge: true,
    public_knowledge: true,
    prompts: true,
    public_prompts: true,
    tools: false,
    public_tools: false,
    folders: false,
    public_chats: false,
    open_chats: false,
  },
  chat: {
    controls: true,
    valves: false,
    system_prompt: true,
    params: true,
    file_upload: true,
    web_upload: false,
    delete: true,
    delete_message: true,
    continue_response: true,
    regenerate_response: true,
    rate_response: false,
    edit: true,
    share: true,
    import: true,
    export: true,
    stt: false,
    tts: false,
    call: false,
    multiple_models: true,
    temporary: true,
    temporary_enforced: false,
  },
  features: {
    api_keys: true,
    folders: true,
    notes: false,
    channels: false,
    memories: true,
    web_search: false,
    image_generation: false,
    code_interpreter: false,
    direct_tool_servers: false,
    automations: false,
    calendar: false,
  },
  settings: { interface: true },
};

/** What works here, by the names under which pages look for it; what is not named is off. */
const FEATURES = {
  auth: true,
  auth_trusted_header: false,
  enable_login_form: true,
  enable_websocket: true,
  enable_ldap: false,
  enable_password_change_form: true,
  enable_signup_password_confirmation: false,
  enable_version_update_check: false,
  enable_folders: true,
  enable_autocomplete_generation: false,
  enable_direct_connections: false,
  enable_channels: false,
  enable_notes: false,
  enable_memories: true,
  enable_calendar: false,
  enable_automations: false,
  enable_web_search: false,
  enable_image_generation: false,
  enable_code_execution: false,
  enable_code_interpreter: false,
  enable_community_sharing: false,
  enable_message_rating: false,
  enable_user_webhooks: false,
  enable_user_status: false,
  enable_admin_export: false,
  enable_admin_chat_access: false,
  enable_google_drive_integration: false,
  enable_onedrive_integration: false,
};

/**
 * The answer of `/api/config`. Where Open WebUI's own web UI is served it bears that name, which its licence protects, and
 * the version that the web UI expects.
 */
export function pageConfig(
  { config, settings, webUi }: Context,
  isUnclaimed: boolean,
  models: ModelSettings,
) {
  const { accounts, tasks, suggestions, visibility } = settings.current;
  return {
    status: true,
    name: webUi ? "Open WebUI" : "offstage",
    version: webUi?.version ?? OPEN_WEBUI_VERSION,
    default_locale: "",
    i18n: {},
    ...(isUnclaimed ? { onboarding: true } : {}),
    oauth: { providers: {}, auto_redirect: false },
    features: {
      ...FEATURES,
      enable_signup: isUnclaimed || accounts.enableSignup,
      enable_api_key: accounts.enableApiKeys,
      enable_api_keys: accounts.enableApiKeys,
      enable_title_generation: tasks.enableTitles,
      enable_follow_up_generation: tasks.enableFollowUps,
      enable_tags_generation: tasks.enableTags,
    },
    default_models: models.DEFAULT_MODELS,
    default_pinned_models: models.DEFAULT_PINNED_MODELS,
    default_prompt_suggestions: suggestions,
    code: { engine: "", interpreter_engine: "" },
    audio: { tts: { engine: "", voice: "", split_on: "punctuation" }, stt: { engine: "" } },
    file: {
      max_size: Math.floor(config.limits.maxFileBytes / (1024 * 1024)),
      max_count: null,
      image_compression: { width: null, height: null },
    },
    permissions: PERMISSIONS,
    google_drive: { client_id: "", api_key: "" },
    onedrive: { client_id: "", sharepoint_url: "", sharepoint_tenant_id: "" },
    ui: {
      visibility,
      pending_user_overlay_title: accounts.pendingTitle,
      pending_user_overlay_content: accounts.pendingContent,
      response_watermark: accounts.responseWatermark,
      default_interface_settings: accounts.defaultInterface,
    },
  };
}
