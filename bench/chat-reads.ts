import { connectApi, type Target } from "./api.ts";
import { longChat } from "./inputs.ts";
import { type Percentiles, percentilesOf } from "./statistics.ts";

/** `GET` of a chat of so many messages, one at a time. */
export interface ChatReads {
  messages: number;
  bytes: number;
  read: Percentiles;
}

/** Makes the chat, then reads it `reads` times after a warm-up of a fifth. */
export async function measureChatReads(
  target: Target,
  plan: { messages: number; reads: number },
): Promise<ChatReads> {
  const api = connectApi(target, 1);
  try {
    const chat = longChat(plan.messages, { model: target.model, characters: 800, nowMs: Date.now() });
    const { id } = (await api.call("POST", "/api/v1/chats/new", { chat })) as { id: string };
    const path = `/api/v1/chats/${id}`;
    const found = (await api.call("GET", path)) as { chat: { history: { messages: object } } };
    const count = Object.keys(found.chat.history.messages).length;
    if (count !== plan.messages) throw new Error(`${path} has ${count} of ${plan.messages} messages`);
    const samples: number[] = [];
    let bytes = 0;
    for (let read = -Math.ceil(plan.reads / 5); read < plan.reads; read += 1) {
      const startedAtMs = performance.now();
      ({ bytes } = await api.drain("GET", path));
      if (read >= 0) samples.push(performance.now() - startedAtMs);
    }
    return { messages: plan.messages, bytes, read: percentilesOf(samples) };
  } finally {
    await api.close();
  }
}
