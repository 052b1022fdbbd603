import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { destination, pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { lockFolder } from "../db/folder-lock.ts";
import { openPostgres } from "../db/postgres.ts";
import { openSqlite } from "../db/sqlite.ts";
import { OffstageError } from "../errors.ts";
import { createApp } from "./app.ts";
import { createSealer } from "./auth/sealer.ts";
import { createSignInGuard } from "./auth/sign-in-guard.ts";
import { createTokenSigner } from "./auth/tokens.ts";
import { findBuiltUi } from "./built-ui.ts";
import { closeServer } from "./close-server.ts";
import { completeConfig, type ServerConfig, type ServerOptions } from "./config.ts";
import type { Clock, Context } from "./context.ts";
import { nowSec } from "./context.ts";
import { createHostGuard } from "./guard/host-guard.ts";
import { openGuard } from "./guard/open-guard.ts";
import { protectServer, serverOptions } from "./guard/protect-server.ts";
import { createJournals } from "./journal/journals.ts";
import type { Embedder } from "./knowledge/embedding/embedder.ts";
import { openKnowledge } from "./knowledge/open-knowledge.ts";
import { PostgresChunkSearch } from "./knowledge/retrieval/postgres/postgres-chunk-search.ts";
import { SqliteChunkSearch } from "./knowledge/retrieval/sqlite/sqlite-chunk-search.ts";
import { listen, localHost } from "./listen.ts";
import { createModelCatalogue } from "./models/model-catalogue.ts";
import { openLink } from "./nodes/open-link.ts";
import { shareModels, shareQuotas } from "./nodes/shared-caches.ts";
import { shareKept } from "./nodes/shared-kept.ts";
import { createSharedParts } from "./nodes/shared-parts.ts";
import { createConnectionPool } from "./providers/connection-pool.ts";
import { createLocalProvider } from "./providers/local.ts";
import { observeProvider } from "./providers/observe-provider.ts";
import type { Provider } from "./providers/provider.ts";
import { createProviderRegistry } from "./providers/registry.ts";
import { traceProvider } from "./providers/trace-provider.ts";
import { createSocketServer } from "./realtime/socket-server.ts";
import { advertise, folderSecret, sharedSecret, withdraw } from "./running-server.ts";
import { openConnections } from "./settings/provider-connections.ts";
import { openSettings } from "./settings/server-settings.ts";
import { openStore } from "./store/open-store.ts";
import { NO_TRACING } from "./tracing/tracing.ts";
import { ensureLocalOwner, LOCAL_OWNER_EMAIL } from "./use-cases/accounts.ts";
import { markChatRead } from "./use-cases/organise-chats.ts";
import { keepRecovering, recoverAnswers } from "./use-cases/recover-answers.ts";
import { tellMissed } from "./use-cases/tell-missed.ts";
import { openWebUi } from "./web-ui.ts";

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, for a client on this machine: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** What a first sign-up from another machine has to send; null once the owner is claimed. */
  readonly setupToken: string | null;
  /** A fresh token of the data folder's owner. */
  ownerToken(): Promise<string>;
  /**
   * Takes no more turns and says so at `/ready`, gives what is being answered `drainMs` (default 0) to end while all else
   * is still served, breaks off the rest (what has come of it is kept, with an error that says so), and lets go of
   * everything.
   */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** Parts that tests, and programs that embed the server, may bring themselves. */
export interface ServerParts {
  providers?: Provider[];
  /** Null searches documents by their words alone. */
  embedder?: Embedder | null;
  clock?: Clock;
  /** By default UUIDs that grow with time (version 7), so that new rows stand together on the disk. */
  newId?: () => string;
}

function createFixedProviders(config: ServerConfig): Provider[] {
  if (!config.local) return [];
  const { dataDir, modelPath, modelThreads: threads } = config;
  return [createLocalProvider({ dataDir, modelPath, threads })];
}

/**
 * Starts a server on a data folder: takes the folder's lock, migrates, ends what a crash left running, then listens.
 * @throws OffstageError `unavailable` when another process has the folder or the port
 */
export async function startServer(options: ServerOptions, parts: ServerParts = {}): Promise<RunningServer> {
  const config = completeConfig(options);
  const { dataDir, frontend, frontendVersion } = config;
  const webUi = frontend ? await openWebUi(frontend, frontendVersion) : null;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dataDir);
  if (!lock) {
    throw new OffstageError(
      "unavailable",
      `Another server runs on ${dataDir}: stop it, use it (its address is in server.json there), or name another folder.`,
    );
  }
  let drainMs = 0;
  let closing: Promise<void> | null = null;
  const undo: (() => unknown)[] = [() => lock.release()];
  const undoAll = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    const log = pino({ level: config.log }, destination({ dest: process.stderr.fd, sync: false }));
    // Loaded by those who want it only.
    const tracing = config.tracing
      ? await (await import("./tracing/open-tracing.ts")).openTracing(config.tracing, log)
      : NO_TRACING;
    undo.push(() => tracing.close());
    const clock = parts.clock ?? { nowMs: () => Date.now() };
    const databasePath = join(dataDir, "offstage.sqlite");
    const database = config.databaseUrl
      ? await openPostgres({ url: config.databaseUrl })
      : await openSqlite({ path: databasePath });
    undo.push(() => database.close());
    const store = openStore(database);
    const secret =
      config.secretKey || !store.isShared
        ? await folderSecret(dataDir, config.secretKey)
        : await sharedSecret(store, dataDir);
    const nowMs = () => clock.nowMs();
    const { link, owner: name } = await openLink({ databaseUrl: config.databaseUrl, dataDir, nowMs, log });
    undo.push(() => link.close());
    const settings = shareKept(await openSettings(store, config), { name: "settings", link, log });
    const journals = createJournals({ store, config, secret, nowMs, log });
    undo.push(() => journals.close());
    // Loaded by those who want it only, too.
    const metrics =
      config.guard.metrics === "off" ? null : (await import("./metrics/metrics.ts")).createMetrics();
    const providers = createProviderRegistry([], {
      onFailure: ({ provider, error }) => log.warn({ provider, err: error }, "a provider cannot be asked"),
      observe(provider) {
        const observed = metrics
          ? observeProvider(provider, (failure) => metrics.providerFailed(provider.name, failure))
          : provider;
        return tracing.isOn ? traceProvider(observed, tracing) : observed;
      },
    });
    undo.push(() => providers.close());
    const sealer = createSealer({ secret, purpose: "provider" });
    const pool = createConnectionPool({
      idleTimeoutMs: config.limits.providerIdleTimeoutMs,
      traceHeaders: tracing.headers,
    });
    undo.push(() => pool.close());
    const opened = await openConnections({
      store,
      sealer,
      pool,
      registry: providers,
      fixed: parts.providers ?? createFixedProviders(config),
      seed: parts.providers ? [] : config.openai,
      log,
    });
    const connections = shareKept(opened, { name: "providers", link, log });
    const knowledge = await openKnowledge({
      config,
      store,
      search: config.databaseUrl
        ? new PostgresChunkSearch(database)
        : new SqliteChunkSearch({ path: databasePath }),
      log,
      nowMs,
      owner: name,
      link,
      tracing,
      embedder: parts.embedder,
    });
    undo.push(() => knowledge.close());
    const signer = createTokenSigner({
      secret,
      lifetimeSec: () => settings.current.accounts.tokenLifetimeSec,
      nowSec: () => nowSec(clock),
    });
    const assertHost = createHostGuard({ host: config.host, ...config.guard });
    const sockets = createSocketServer({ dialect: webUi?.dialect, limits: config.limits, assertHost });
    const shared = createSharedParts({
      link,
      sockets,
      log,
      authenticator: {
        store,
        signer,
        nowSec: () => nowSec(clock),
        onKeyUse: (keyId) =>
          void store
            .write((tx) => store.apiKeys.noteApiKeyUse(tx, keyId, nowSec(clock)))
            .catch((error: unknown) => log.warn({ err: error }, "the use of an API key could not be noted")),
        acceptsKeys: () => settings.current.accounts.enableApiKeys,
      },
    });
    const guard = openGuard({ config, store, clock, log });
    undo.push(() => guard.usage.close());
    metrics?.read({
      answersRunning: () => shared.parts.answers.allHere().length,
      sockets: sockets.count,
      depths: () => [...database.depths(), ...providers.depths()],
      ingestionBacklog: async () => (await store.contents.listProcessing(store.read)).length,
    });
    undo.push(() => metrics?.close());
    const context: Context = {
      ...guard,
      quotas: shareQuotas(guard.quotas, link),
      metrics,
      tracing,
      config,
      store,
      providers,
      models: shareModels(createModelCatalogue({ store, providers, clock }), link),
      settings,
      connections,
      sealer,
      clock,
      log,
      signer,
      ...shared.parts,
      knowledge,
      journals,
      signInGuard: createSignInGuard(config.limits.maxFailedSignIns),
      setupToken: randomBytes(16).toString("base64url"),
      newId: parts.newId ?? uuidv7,
      webUi,
      ui: config.ui && !webUi ? await findBuiltUi() : null,
      owner: name,
      link,
    };
    sockets.connect({
      ...context,
      ...shared.parts,
      onRead: (userId, chatId) =>
        void markChatRead(context, { id: userId }, chatId, true).catch((error: unknown) =>
          log.debug({ err: error, chatId }, "a page says that it shows a chat which its user has not"),
        ),
    });
    const recovered = await recoverAnswers(context, { isStart: true });
    if (recovered > 0) log.warn({ recovered }, "answers that a former process left unfinished were ended");
    const owner = await ensureLocalOwner(context);
    await knowledge.ingestion.resume();
    link.onGap((sinceMs) => {
      tellMissed(context, shared.busHere, { users: sockets.audience(), sinceMs }).catch((error: unknown) =>
        log.warn({ err: error }, "what was missed could not be read again"),
      );
    });
    link.start();
    if (store.isShared) undo.push(keepRecovering(context));

    const server = createAdaptorServer({
      fetch: createApp(context, { assertHost }).fetch,
      serverOptions: serverOptions(config.limits),
    }) as HttpServer;
    protectServer(server);
    sockets.attach(server);
    const port = await listen(server, config);
    const url = `http://${localHost(config.host)}:${port}`;
    undo.push(() => closeServer(context, server, { drainMs, closeSockets: sockets.close }));
    if (config.advertised) {
      const tokenGeneration = owner.token_generation;
      await advertise(dataDir, { url, pid: process.pid, ownerId: owner.id, tokenGeneration });
      undo.push(() => withdraw(dataDir));
    }
    return {
      url,
      host: config.host,
      port,
      dataDir,
      setupToken: owner.email === LOCAL_OWNER_EMAIL ? context.setupToken : null,
      async ownerToken() {
        const current = await store.users.findUser(store.read, owner.id);
        return (await signer.sign(current ?? owner)).token;
      },
      close(closeOptions = {}) {
        drainMs = closeOptions.drainMs ?? 0;
        closing ??= undoAll();
        return closing;
      },
    };
  } catch (error) {
    await undoAll();
    throw error;
  }
}
