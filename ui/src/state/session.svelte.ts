import { LiveConnection } from "../api/live.svelte.ts";
import { forgetAskedFirst, RequestFailed, request, whenSignedOut } from "../api/request.ts";
import type { PageConfig, SessionUser } from "../api/shapes.ts";
import { route } from "./route.svelte.ts";

/** Says that this browser holds a session's cookie, which pages cannot see. */
const SIGNED_IN = "offstage.signed-in";

/**
 * Who uses the page. `unknown` until the server has said it; `nobody` leads to the sign-in page, or to the set-up page
 * while nobody has claimed the server.
 */
class Session {
  state = $state<"unknown" | "unreachable" | "nobody" | "signed-in">("unknown");
  user = $state<SessionUser | null>(null);
  config = $state<PageConfig | null>(null);
  /** True where a session ended by itself: the sign-in page says so. */
  hasExpired = $state(false);
  readonly live = new LiveConnection();

  constructor() {
    whenSignedOut(() => {
      if (this.state !== "signed-in") return;
      this.hasExpired = true;
      this.#leave();
    });
  }

  get isUnclaimed(): boolean {
    return this.config?.onboarding === true;
  }

  async load(): Promise<void> {
    try {
      const isKnown = localStorage.getItem(SIGNED_IN) !== null;
      const user = isKnown ? request<SessionUser>("GET", "/api/v1/auths/") : null;
      // It is waited for below: without a session the page still has to know the server.
      user?.catch(() => undefined);
      this.config = await request<PageConfig>("GET", "/api/config");
      if (user) this.#enter(await user);
      else this.state = "nobody";
    } catch (error) {
      forgetAskedFirst();
      const status = error instanceof RequestFailed ? error.status : 0;
      if (status === 401 || status === 403) this.state = "nobody";
      else this.state = "unreachable";
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#enter(await request<SessionUser>("POST", "/api/v1/auths/signin", { body: { email, password } }));
  }

  async signUp(form: { name: string; email: string; password: string; setup_token?: string }): Promise<void> {
    this.#enter(await request<SessionUser>("POST", "/api/v1/auths/signup", { body: form }));
    if (this.config) this.config = { ...this.config, onboarding: false };
  }

  async signOut(): Promise<void> {
    await request("POST", "/api/v1/auths/signout");
    this.hasExpired = false;
    this.#leave();
    route.go("/");
  }

  #enter(user: SessionUser): void {
    this.user = user;
    this.state = "signed-in";
    this.hasExpired = false;
    localStorage.setItem(SIGNED_IN, "1");
    if (user.role !== "pending") this.live.open();
  }

  #leave(): void {
    localStorage.removeItem(SIGNED_IN);
    this.live.close();
    this.user = null;
    this.state = "nobody";
  }
}

export const session = new Session();
