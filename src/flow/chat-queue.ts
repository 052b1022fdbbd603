/** A place in the queue of one chat. */
export interface ChatTicket {
  isFirst(): boolean;
  /** Calls back once, when this ticket becomes the first; at once if it is. */
  onFirst(callback: () => void): void;
  /** Lets the next one in. Doing it twice changes nothing. */
  leave(): void;
}

interface Waiting {
  callback: (() => void) | null;
}

/** Who runs or waits, per server and chat: one running completion per chat holds in the whole process. No empty lists. */
const queues = new Map<string, Waiting[]>();

/** Joins the end of the queue of a chat. */
export function joinChatQueue(baseUrl: string, chatId: string): ChatTicket {
  const key = `${baseUrl}\n${chatId}`;
  const own: Waiting = { callback: null };
  const queue = queues.get(key) ?? [];
  queue.push(own);
  queues.set(key, queue);
  return {
    isFirst: () => queue[0] === own,
    onFirst: (callback) => {
      if (queue[0] === own) callback();
      else own.callback = callback;
    },
    leave: () => {
      const place = queue.indexOf(own);
      if (place === -1) return;
      queue.splice(place, 1);
      if (queue.length === 0) queues.delete(key);
      else if (place === 0) queue[0]?.callback?.();
    },
  };
}

/** How many chats have somebody running or waiting; 0 when nothing leaks. */
export function countQueuedChats(): number {
  return queues.size;
}
