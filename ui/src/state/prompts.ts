import { request } from "../api/request.ts";

/** A text that is called up by a command. */
export interface Prompt {
  id: string;
  command: string;
  name: string;
  content: string;
}

let offered: Promise<Prompt[]> | null = null;

/** The prompts that a question may call up, read once until they change here. @throws RequestFailed */
export function readPrompts(): Promise<Prompt[]> {
  offered ??= request<Prompt[]>("GET", "/api/v1/prompts/").catch((error: unknown) => {
    offered = null;
    throw error;
  });
  return offered;
}

/** They are read anew when they are next asked for. */
export function forgetPrompts(): void {
  offered = null;
}
