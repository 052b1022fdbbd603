import { LRUCache } from "lru-cache";
import type { UserTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { ApiKeyFacts } from "../store/api-key-store.ts";
import type { Store } from "../store/store.ts";
import { hashApiKey, type TokenClaims, type TokenSigner } from "./tokens.ts";

/** Whose a credential is, and what kind it was: signing out needs the token's claims. */
export interface Identity {
  user: UserTable;
  /** Null for an API key. */
  claims: TokenClaims | null;
  /** Null for a token. */
  apiKey: ApiKeyFacts | null;
}

/** Finds the user behind a credential. Verified ones are kept in a bounded cache until they are revoked. */
export interface Authenticator {
  /** @throws OffstageError `unauthorized`, also for an account that waits for activation */
  identify(credential: string): Promise<Identity>;
  /** The same, of accounts that wait too. @throws OffstageError `unauthorized` */
  recognise(credential: string): Promise<Identity>;
  /** Forgets what is known of a user's credentials: after a sign-out, a password or role change, a deleted key. */
  forgetUser(userId: string): void;
  /** Forgets all that is known: some of it may not be so any more. */
  forgetAll(): void;
  /** Called after each `forgetUser`: what was let in before may have to leave. */
  onForget(listener: (userId: string) => void): void;
}

const KEY_PREFIX = "sk-";

/** Verified credentials kept at most. */
const CACHE_SIZE = 10_000;

export function createAuthenticator(options: {
  store: Store;
  signer: TokenSigner;
  nowSec: () => number;
  /** Called where a key is looked up: at most once a minute while it is used. */
  onKeyUse?: (keyId: string) => void;
  /** Whether API keys are let in. */
  acceptsKeys: () => boolean;
  /** Whether a revocation elsewhere would be heard of; nothing is kept while it would not. */
  mayKeep?: () => boolean;
}): Authenticator {
  const { store, signer, mayKeep = () => true } = options;
  const verified = new LRUCache<string, Identity>({ max: CACHE_SIZE, ttl: 60_000 });
  const listeners: ((userId: string) => void)[] = [];
  // Raised by every revocation, so that a look-up that began before it does not fill the cache after it.
  let generation = 0;

  async function lookUp(credential: string): Promise<Identity | null> {
    if (credential.startsWith(KEY_PREFIX)) {
      const found = await store.apiKeys.findByHash(store.read, hashApiKey(credential));
      if (!found) return null;
      options.onKeyUse?.(found.key.id);
      return { user: found.user, claims: null, apiKey: found.key };
    }
    const claims = await signer.verify(credential);
    if (!claims || (await store.users.isTokenRevoked(store.read, claims.tokenId))) return null;
    const user = await store.users.findUser(store.read, claims.userId);
    return user && user.token_generation === claims.generation ? { user, claims, apiKey: null } : null;
  }

  return {
    async identify(credential) {
      const identity = await this.recognise(credential);
      if (identity.user.role !== "pending") return identity;
      throw new OffstageError("unauthorized", "This account waits for an administrator to activate it.");
    },
    async recognise(credential) {
      if (credential.startsWith(KEY_PREFIX) && !options.acceptsKeys()) {
        throw new OffstageError(
          "unauthorized",
          "API keys are switched off here: sign in, or ask an administrator.",
        );
      }
      const known = mayKeep() ? verified.get(credential) : undefined;
      if (known && (known.claims === null || known.claims.expiresAtSec > options.nowSec())) return known;
      const begun = generation;
      const identity = await lookUp(credential);
      if (!identity) {
        throw new OffstageError(
          "unauthorized",
          "This token or API key is not valid (any more): sign in again, or make a new key.",
        );
      }
      if (begun === generation && mayKeep()) verified.set(credential, identity);
      return identity;
    },
    forgetUser(userId) {
      generation += 1;
      for (const [credential, identity] of verified.entries()) {
        if (identity.user.id === userId) verified.delete(credential);
      }
      for (const listener of listeners) listener(userId);
    },
    forgetAll() {
      generation += 1;
      verified.clear();
    },
    onForget: (listener) => void listeners.push(listener),
  };
}
