import * as z from "zod";
import type { ServerConfig } from "../config.ts";
import type { Store } from "../store/store.ts";

const ShortText = z.string().max(1_000);
const LongText = z.string().max(20_000);

/** Who may come in, and for how long. */
export const AccountSettings = z.object({
  enableSignup: z.boolean(),
  /** What a sign-up makes of somebody; an administrator is never made that way. */
  defaultRole: z.enum(["pending", "user"]),
  tokenLifetimeSec: z.number().int().positive(),
  enableApiKeys: z.boolean(),
  /** Whether those who wait for activation are told whom to ask. */
  showAdminDetails: z.boolean(),
  /** Whom they are told to ask, in place of the first administrator. */
  adminEmail: z.string().max(320).nullable(),
  pendingTitle: ShortText,
  pendingContent: LongText,
  /** Added to copied answers by web UIs. */
  responseWatermark: ShortText,
  /** The interface settings of a user who has none. */
  defaultInterface: z.record(z.string(), z.unknown()),
});
export type AccountSettings = z.infer<typeof AccountSettings>;

/** How titles, tags and follow-ups are made. An empty model is the chat's own, an empty prompt ours. */
export const TaskSettings = z.object({
  /** Makes them for chats with the model in this process. */
  localModel: ShortText,
  /** Makes them for chats with providers' models. */
  model: ShortText,
  enableTitles: z.boolean(),
  enableTags: z.boolean(),
  enableFollowUps: z.boolean(),
  titlePrompt: LongText,
  tagsPrompt: LongText,
  followUpsPrompt: LongText,
});
export type TaskSettings = z.infer<typeof TaskSettings>;

/** What stands above everybody's chats. */
export const Banner = z.looseObject({
  id: z.string().max(256),
  type: z.string().max(64),
  title: ShortText.nullish(),
  content: LongText,
  dismissible: z.boolean(),
  timestamp: z.number(),
});
export const Banners = z.array(Banner).max(50);

/** A question that an empty chat offers. */
export const Suggestion = z.looseObject({
  title: z.array(ShortText).max(4),
  content: LongText,
});
export const Suggestions = z.array(Suggestion).max(100);

/** Which parts of their interface pages show; what is not named is shown. */
export const Visibility = z.record(z.string().max(100), z.boolean());

const SCHEMAS = {
  accounts: AccountSettings,
  tasks: TaskSettings,
  banners: Banners,
  suggestions: Suggestions,
  visibility: Visibility,
};

/** What administrators set while the server runs. */
export type ServerSettings = { readonly [Name in keyof typeof SCHEMAS]: z.infer<(typeof SCHEMAS)[Name]> };

/** The settings, read without waiting, and kept by name. */
export interface SettingsKeeper {
  readonly current: ServerSettings;
  /** Stores one and puts it to use; resolves once it is stored. */
  keep<Name extends keyof ServerSettings>(name: Name, value: ServerSettings[Name]): Promise<void>;
  /** Reads all again: another process on the same database may have changed them. */
  read(): Promise<void>;
}

const defaultsOf = (config: ServerConfig): ServerSettings => ({
  accounts: {
    enableSignup: config.enableSignup,
    defaultRole: "user",
    tokenLifetimeSec: config.tokenLifetimeSec,
    enableApiKeys: true,
    showAdminDetails: true,
    adminEmail: null,
    pendingTitle: "",
    pendingContent: "",
    responseWatermark: "",
    defaultInterface: {},
  },
  tasks: {
    localModel: "",
    model: "",
    enableTitles: true,
    enableTags: true,
    enableFollowUps: true,
    titlePrompt: "",
    tagsPrompt: "",
    followUpsPrompt: "",
  },
  banners: [],
  suggestions: [],
  visibility: {},
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is stored over what holds without it: a field that a later version added has its default. */
function over<Name extends keyof ServerSettings>(
  name: Name,
  fallback: ServerSettings[Name],
  stored: unknown,
): ServerSettings[Name] {
  const value = isRecord(fallback) && isRecord(stored) ? { ...fallback, ...stored } : stored;
  const parsed = SCHEMAS[name].safeParse(value);
  return parsed.success ? (parsed.data as ServerSettings[Name]) : fallback;
}

/** Opens the settings that the store has; what nobody ever set is as the server's configuration says. */
export async function openSettings(store: Store, config: ServerConfig): Promise<SettingsKeeper> {
  const defaults = defaultsOf(config);
  const names = Object.keys(SCHEMAS) as (keyof ServerSettings)[];
  let current = defaults;

  async function read(): Promise<void> {
    const stored = await Promise.all(names.map((name) => store.settings.findSetting(store.read, name)));
    const entries = names.map((name, index) => [name, over(name, defaults[name], stored[index])]);
    current = Object.fromEntries(entries) as ServerSettings;
  }

  await read();
  return {
    get current() {
      return current;
    },
    async keep(name, value) {
      await store.write((tx) => store.settings.putSetting(tx, name, value));
      current = { ...current, [name]: value };
    },
    read,
  };
}
