import type { Bus } from "../events/bus.ts";
import type { NodeLink } from "./node-link.ts";
import type { SharedSessions } from "./shared-sessions.ts";

/** A bus that also tells other nodes what people who are connected there are to be shown. */
export function shareBus(bus: Bus, link: NodeLink, sessions: SharedSessions): Bus {
  link.on("event", ({ userId, event }) => bus.publish(userId, event));
  return {
    publish(userId, event) {
      bus.publish(userId, event);
      if (sessions.hasAudienceElsewhere(userId)) link.tell({ type: "event", userId, event });
    },
    subscribe: (listener) => bus.subscribe(listener),
    hasAudience: (userId) => bus.hasAudience(userId) || sessions.hasAudienceElsewhere(userId),
  };
}
