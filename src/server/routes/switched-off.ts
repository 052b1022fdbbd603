import { OffstageError } from "../../errors.ts";

/** The parts of `auths/admin/config` that this server has not: what pages show of them. */
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
  ENABLE_MEMORIES: false,
  ENABLE_MEMORY_SYSTEM_CONTEXT: false,
  ENABLE_SKILL_LAZY_LOADING: false,
  SKILL_CONTENT_MAX_CHARS: null,
  SKILL_PREVIEW_MAX_CHARS: null,
  ENABLE_NOTES: false,
  ENABLE_USER_WEBHOOKS: false,
  ENABLE_USER_STATUS: false,
} as const;

/**
 * Lets a post pass that switches nothing on which is off here for good: pages post their whole form, and everything else
 * in it has no effect. @throws OffstageError `bad_input` naming what was switched on
 */
export function assertNothingSwitchedOn(
  posted: Readonly<Record<string, unknown>>,
  off: Readonly<Record<string, unknown>>,
): void {
  const on = Object.keys(off).filter((name) => off[name] === false && posted[name] === true);
  if (on.length === 0) return;
  throw new OffstageError(
    "bad_input",
    `This server has nothing that could be switched on by ${on.join(", ")}.`,
  );
}
