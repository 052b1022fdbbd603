import type { Component } from "svelte";
import AccountPage from "./account-page.svelte";
import ChatsPage from "./chats-page.svelte";
import KeysPage from "./keys-page.svelte";
import MemoriesPage from "./memories-page.svelte";
import { settingsText as text } from "./text.ts";

export interface SettingsPage {
  /** Its part of the path. */
  id: string;
  title: string;
  isForAdmins: boolean;
  component: Component<Record<string, never>>;
}

export const pages: readonly SettingsPage[] = [
  { id: "account", title: text.account.title, component: AccountPage, isForAdmins: false },
  { id: "keys", title: text.keys.title, component: KeysPage, isForAdmins: false },
  { id: "memories", title: text.memories.title, component: MemoriesPage, isForAdmins: false },
  { id: "chats", title: text.chats.title, component: ChatsPage, isForAdmins: false },
];
