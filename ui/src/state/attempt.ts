import { chatList } from "./chat-list.svelte.ts";
import { notices } from "./notices.svelte.ts";

/** Runs what was asked for; where it fails a notice says why. The list then shows the server's word. */
export async function attempt(action: () => Promise<unknown>, again: () => void): Promise<void> {
  try {
    await action();
  } catch (error) {
    notices.complain(error, again);
  }
  chatList.reread();
}
