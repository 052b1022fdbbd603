export { type Limits, type ServerConfig, type ServerOptions, serverOptionsFromEnv } from "./config.ts";
export type {
  CompletionChunk,
  Provider,
  ProviderEvent,
  ProviderModel,
  ProviderRequest,
  ProviderResponse,
} from "./providers/provider.ts";
export { findRunningServer } from "./running-server.ts";
export { type RunningServer, type ServerParts, startServer } from "./start-server.ts";
