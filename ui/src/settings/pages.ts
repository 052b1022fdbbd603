import type { Component } from "svelte";
import AccountPage from "./account-page.svelte";
import ChatsPage from "./chats-page.svelte";
import GeneralPage from "./general-page.svelte";
import GroupsPage from "./groups-page.svelte";
import KeysPage from "./keys-page.svelte";
import KnowledgePage from "./knowledge-page.svelte";
import MemoriesPage from "./memories-page.svelte";
import ModelsPage from "./models-page.svelte";
import PromptsPage from "./prompts-page.svelte";
import ProvidersPage from "./providers-page.svelte";
import TasksPage from "./tasks-page.svelte";
import { settingsText as text } from "./text.ts";
import UsersPage from "./users-page.svelte";

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
  { id: "prompts", title: text.prompts.title, component: PromptsPage, isForAdmins: false },
  { id: "knowledge", title: text.knowledge.title, component: KnowledgePage, isForAdmins: false },
  { id: "models", title: text.models.title, component: ModelsPage, isForAdmins: false },
  { id: "chats", title: text.chats.title, component: ChatsPage, isForAdmins: false },
  { id: "general", title: text.general.title, component: GeneralPage, isForAdmins: true },
  { id: "users", title: text.users.title, component: UsersPage, isForAdmins: true },
  { id: "groups", title: text.groups.title, component: GroupsPage, isForAdmins: true },
  { id: "providers", title: text.providers.title, component: ProvidersPage, isForAdmins: true },
  { id: "tasks", title: text.tasks.title, component: TasksPage, isForAdmins: true },
];
