import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";

/** What a session token says: whose it is, which sign-in made it, and until when it holds. */
export interface TokenClaims {
  userId: string;
  /** `jti`: names this token when it is revoked. */
  tokenId: string;
  /** Must equal the user's `token_generation`; a password change raises that. */
  generation: number;
  issuedAtSec: number;
  expiresAtSec: number;
}

/** Makes and checks session tokens: JWT, HS256 only, always with an expiry. */
export interface TokenSigner {
  sign(user: { id: string; token_generation: number }): Promise<{ token: string; claims: TokenClaims }>;
  /** Resolves with null for every token that is not ours, whole, and still running. */
  verify(token: string): Promise<TokenClaims | null>;
  /** Shows knowledge of the secret without giving it away: HMAC-SHA256 of a caller's nonce, hex. */
  prove(nonce: string): string;
}

export function createTokenSigner(options: {
  secret: string;
  /** Asked at each sign-in. */
  lifetimeSec: () => number;
  nowSec: () => number;
}): TokenSigner {
  const key = createHash("sha256").update(`offstage session ${options.secret}`).digest();
  const proofKey = proofKeyOf(options.secret);
  return {
    async sign(user) {
      const issuedAtSec = options.nowSec();
      const claims = {
        userId: user.id,
        tokenId: randomUUID(),
        generation: user.token_generation,
        issuedAtSec,
        expiresAtSec: issuedAtSec + options.lifetimeSec(),
      };
      const token = await new SignJWT({ id: user.id, gen: claims.generation })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setJti(claims.tokenId)
        .setIssuedAt(issuedAtSec)
        .setExpirationTime(claims.expiresAtSec)
        .sign(key);
      return { token, claims };
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ["HS256"],
          requiredClaims: ["exp", "jti"],
          currentDate: new Date(options.nowSec() * 1000),
        });
        if (typeof payload.id !== "string" || typeof payload.gen !== "number") return null;
        return {
          userId: payload.id,
          tokenId: payload.jti!,
          generation: payload.gen,
          issuedAtSec: payload.iat ?? 0,
          expiresAtSec: payload.exp!,
        };
      } catch {
        // Why a token is void is nobody's business but its owner's, who is told to sign in again.
        return null;
      }
    },
    prove: (nonce) => createHmac("sha256", proofKey).update(nonce).digest("hex"),
  };
}

/** The key by which a server shows that it knows its folder's secret; no token can be made from it. */
export function proofKeyOf(secret: string): Buffer {
  return createHash("sha256").update(`offstage proof ${secret}`).digest();
}

/** A new API key, shown once; the store keeps only its hash. */
export function createApiKey(): string {
  return `sk-${randomBytes(24).toString("hex")}`;
}

/** How a key is looked up. The key is 192 random bits, so a plain hash hides it. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
