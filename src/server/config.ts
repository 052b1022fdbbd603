import * as z from "zod";
import { OffstageError } from "../errors.ts";
import { type GuardConfig, NO_GUARD } from "./guard/guard-config.ts";
import { guardConfigFromEnv } from "./guard/guard-env.ts";
import { DEFAULT_JOURNAL, type JournalConfig, journalConfigFromEnv } from "./journal/journal-config.ts";
import type { EmbedderConfig } from "./knowledge/embedding/create-embedder.ts";
import { type TracingConfig, tracingConfigFromEnv } from "./tracing/tracing-config.ts";

/** The largest bodies and numbers that the server takes. */
export interface Limits {
  /** Bytes of any request body; a larger one is refused with 413 while it streams in. */
  maxBodyBytes: number;
  /** Bytes of an uploaded file. */
  maxFileBytes: number;
  /** Bytes that one slow reader of a streamed answer may have waiting before it is dropped (the answer goes on). */
  maxWaitingBytes: number;
  /** Failed sign-ins of one address and e-mail in five minutes. */
  maxFailedSignIns: number;
  /** Milliseconds without a byte from a provider before its answer counts as broken. */
  providerIdleTimeoutMs: number;
  /** Bytes of a request's headers. */
  maxHeaderBytes: number;
  /** Milliseconds until a request's headers, and until all of it, must have come. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** Messages of one chat. */
  maxMessagesPerChat: number;
  /** Chats of one user; counted only where it is not infinite. */
  maxChatsPerUser: number;
  /** Connected sockets of one user, and of all. */
  maxSocketsPerUser: number;
  maxSockets: number;
  /** Bytes of a message that a socket sends. */
  maxSocketMessageBytes: number;
  /** Streamed answers that one user reads at once. */
  maxStreamsPerUser: number;
}

export interface ServerConfig {
  /** Where the database, the secret and the models lie. Made if missing. */
  dataDir: string;
  /** `postgres://…` keeps the database there instead. */
  databaseUrl?: string;
  host: string;
  /** 0 takes a free one. */
  port: number;
  openai: { baseUrl: string; apiKey: string }[];
  /** Whether the local demo model is offered. */
  local: boolean;
  /** A GGUF file to use instead of looking for one. */
  modelPath?: string;
  /** Cores that the local model computes on. */
  modelThreads?: number;
  /** Who turns documents and questions into vectors. */
  embedder: EmbedderConfig;
  /** The build folder of an installed Open WebUI, whose web UI is served. */
  frontend?: string;
  /** Whether our own web UI is served, where it is built and no other one is. */
  ui: boolean;
  /** The version of that web UI, where its package does not say it. */
  frontendVersion?: string;
  /** Signs tokens. Default: a random one kept in the data folder, readable by its owner only. */
  secretKey?: string;
  /** Claims the local owner at start. */
  adminEmail?: string;
  adminPassword?: string;
  /** Whether people may sign up after the first. */
  enableSignup: boolean;
  /** Whether commands on this machine find and use the server by its data folder. Off where it ends with its one caller. */
  advertised: boolean;
  /** Seconds that a session token holds. */
  tokenLifetimeSec: number;
  log: "silent" | "error" | "warn" | "info" | "debug";
  limits: Limits;
  guard: GuardConfig;
  journal: JournalConfig;
  /** Null sends no traces. */
  tracing: TracingConfig | null;
}

export type ServerOptions = { dataDir: string } & Partial<Omit<ServerConfig, "limits" | "guard">> & {
    limits?: Partial<Limits>;
    guard?: Partial<GuardConfig>;
  };

const DEFAULTS: Omit<ServerConfig, "dataDir"> = {
  host: "127.0.0.1",
  port: 8080,
  openai: [],
  local: true,
  embedder: { kind: "local" },
  enableSignup: false,
  ui: false,
  advertised: true,
  tokenLifetimeSec: 28 * 24 * 3600,
  log: "info",
  limits: {
    maxBodyBytes: 32 * 1024 * 1024,
    maxFileBytes: 100 * 1024 * 1024,
    maxWaitingBytes: 8 * 1024 * 1024,
    maxFailedSignIns: 10,
    providerIdleTimeoutMs: 300_000,
    maxHeaderBytes: 16 * 1024,
    headersTimeoutMs: 30_000,
    requestTimeoutMs: 300_000,
    maxMessagesPerChat: 20_000,
    maxChatsPerUser: Number.POSITIVE_INFINITY,
    maxSocketsPerUser: 1_000,
    maxSockets: 10_000,
    maxSocketMessageBytes: 1024 * 1024,
    maxStreamsPerUser: 1_000,
  },
  guard: NO_GUARD,
  journal: DEFAULT_JOURNAL,
  tracing: null,
};

/** Fills in what was left out. */
export function completeConfig(options: ServerOptions): ServerConfig {
  return {
    ...DEFAULTS,
    ...options,
    limits: { ...DEFAULTS.limits, ...options.limits },
    guard: { ...DEFAULTS.guard, ...options.guard },
  };
}

const list = (text: string | undefined) =>
  (text ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const Flag = z.stringbool().optional();

const EMBEDDERS = ["local", "openai", "none"];

/**
 * Whom `OFFSTAGE_EMBEDDER` names. An endpoint is `OFFSTAGE_EMBEDDING_BASE_URL` with `OFFSTAGE_EMBEDDING_API_KEY`, else the
 * first that answers chats.
 * @throws OffstageError `bad_input` naming the variable
 */
function embedderFromEnv(
  env: Record<string, string | undefined>,
  openai: ServerConfig["openai"],
  threads: number | undefined,
): EmbedderConfig {
  const kind = env.OFFSTAGE_EMBEDDER ?? "local";
  const model = env.OFFSTAGE_EMBEDDING_MODEL;
  if (!EMBEDDERS.includes(kind))
    throw new OffstageError("bad_input", `OFFSTAGE_EMBEDDER is "${kind}"; give ${EMBEDDERS.join(", ")}.`);
  if (kind === "none") return { kind };
  if (kind === "local") {
    const modelPath = env.OFFSTAGE_EMBEDDING_MODEL_PATH;
    return { kind, ...(modelPath ? { modelPath } : {}), ...(threads ? { threads } : {}) };
  }
  const baseUrl = env.OFFSTAGE_EMBEDDING_BASE_URL ?? openai[0]?.baseUrl;
  if (!model || !baseUrl) {
    const missing = model ? "OFFSTAGE_EMBEDDING_BASE_URL" : "OFFSTAGE_EMBEDDING_MODEL";
    throw new OffstageError("bad_input", `OFFSTAGE_EMBEDDER is "openai", but ${missing} is not set.`);
  }
  const apiKey = env.OFFSTAGE_EMBEDDING_API_KEY ?? openai[0]?.apiKey ?? "";
  return { kind: "openai", baseUrl, apiKey, model };
}

/**
 * The server's options as its environment gives them. `OPENAI_API_BASE_URLS` and `OPENAI_API_KEYS` are semicolon lists;
 * with any of them the local model is off unless `OFFSTAGE_LOCAL_MODEL=true`.
 * @throws OffstageError `bad_input` naming the variable
 */
export function serverOptionsFromEnv(env: Record<string, string | undefined>): ServerOptions {
  const urls = list(env.OPENAI_API_BASE_URLS ?? env.OPENAI_API_BASE_URL);
  const keys = (env.OPENAI_API_KEYS ?? env.OPENAI_API_KEY ?? "").split(";").map((key) => key.trim());
  const flag = (name: string) => {
    const parsed = Flag.safeParse(env[name]);
    if (parsed.success) return parsed.data;
    throw new OffstageError("bad_input", `${name} is "${env[name]}"; give true or false.`);
  };
  const openai = urls.map((baseUrl, index) => {
    if (!URL.canParse(baseUrl)) {
      throw new OffstageError("bad_input", `OPENAI_API_BASE_URLS holds "${baseUrl}", which is not a URL.`);
    }
    return { baseUrl: baseUrl.replace(/\/+$/, ""), apiKey: keys[index] ?? "" };
  });
  const whole = (name: string) => {
    const text = env[name];
    if (text === undefined || /^[1-9]\d{0,8}$/.test(text))
      return text === undefined ? undefined : Number(text);
    throw new OffstageError("bad_input", `${name} is "${text}"; give a whole number above 0.`);
  };
  const databaseUrl = env.DATABASE_URL;
  if (databaseUrl && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    const scheme = databaseUrl.split(":")[0];
    const message = `DATABASE_URL begins with "${scheme}:"; give postgres://…, or leave it out to use SQLite in the data folder.`;
    throw new OffstageError("bad_input", message);
  }
  const providerIdleTimeoutMs = whole("OFFSTAGE_PROVIDER_IDLE_TIMEOUT_MS");
  const modelThreads = whole("OFFSTAGE_MODEL_THREADS");
  const maxChatsPerUser = whole("OFFSTAGE_MAX_CHATS_PER_USER");
  const maxFileMib = whole("OFFSTAGE_MAX_FILE_MIB");
  const limits = {
    ...(providerIdleTimeoutMs ? { providerIdleTimeoutMs } : {}),
    ...(maxFileMib ? { maxFileBytes: maxFileMib * 1024 * 1024 } : {}),
    ...(maxChatsPerUser ? { maxChatsPerUser } : {}),
  };
  return {
    dataDir: env.OFFSTAGE_DATA_DIR ?? "offstage-data",
    ...(databaseUrl ? { databaseUrl } : {}),
    openai,
    local: flag("OFFSTAGE_LOCAL_MODEL") ?? openai.length === 0,
    enableSignup: flag("OFFSTAGE_ENABLE_SIGNUP") ?? false,
    ...(env.OFFSTAGE_MODEL_PATH ? { modelPath: env.OFFSTAGE_MODEL_PATH } : {}),
    ...(env.OFFSTAGE_SECRET_KEY ? { secretKey: env.OFFSTAGE_SECRET_KEY } : {}),
    ...(env.OFFSTAGE_ADMIN_EMAIL ? { adminEmail: env.OFFSTAGE_ADMIN_EMAIL } : {}),
    ...(env.OFFSTAGE_ADMIN_PASSWORD ? { adminPassword: env.OFFSTAGE_ADMIN_PASSWORD } : {}),
    ...(modelThreads ? { modelThreads } : {}),
    embedder: embedderFromEnv(env, openai, whole("OFFSTAGE_EMBEDDING_THREADS")),
    limits,
    guard: guardConfigFromEnv(env),
    journal: journalConfigFromEnv(env),
    tracing: tracingConfigFromEnv(env),
    log: z.enum(["silent", "error", "warn", "info", "debug"]).catch("info").parse(env.OFFSTAGE_LOG),
  };
}
