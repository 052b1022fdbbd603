/** What stands in `Authorization`, and how to get another one when the server no longer takes it. */
export interface AccessToken {
  /** The present token, signing in if there is none and it can; null where there is nothing to sign in with. */
  get(): Promise<string | null>;
  /** A token other than `refused`, or null where there is no way to one. */
  renew(refused: string | null): Promise<string | null>;
  set(token: string | null): void;
}

/** `signIn` is absent without credentials. Callers that ask at the same time share one sign-in. */
export function createAccessToken(given: string | null, signIn?: () => Promise<string>): AccessToken {
  let token = given;
  /** The sign-in that runs, or null. */
  let signingIn: Promise<string> | null = null;

  async function signInOnce(run: () => Promise<string>): Promise<string> {
    signingIn ??= run().finally(() => {
      signingIn = null;
    });
    token = await signingIn;
    return token;
  }

  return {
    get: async () => token ?? (signIn ? signInOnce(signIn) : null),
    renew: async (refused) => {
      if (token !== null && token !== refused) return token;
      return signIn ? signInOnce(signIn) : null;
    },
    set: (next) => {
      token = next;
    },
  };
}
