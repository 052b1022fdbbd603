import type { Authenticator } from "../auth/authenticate.ts";
import type { NodeLink } from "./node-link.ts";

/** An authenticator whose revocations take effect on all nodes. `connected` are the users who have sockets here. */
export function shareAuthenticator(
  authenticator: Authenticator,
  link: NodeLink,
  connected: () => string[],
): Authenticator {
  link.on("user-forgotten", ({ userId }) => authenticator.forgetUser(userId));
  link.onGap(() => {
    authenticator.forgetAll();
    for (const userId of connected()) authenticator.forgetUser(userId);
  });
  return {
    ...authenticator,
    forgetUser(userId) {
      authenticator.forgetUser(userId);
      link.tell({ type: "user-forgotten", userId });
    },
  };
}
