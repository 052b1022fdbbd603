import { request } from "../api/request.ts";
import type { ChatRow, Folder } from "../api/shapes.ts";
import { attempt } from "./attempt.ts";
import { chatList } from "./chat-list.svelte.ts";

const pathOf = ({ id }: Folder) => `/api/v1/folders/${encodeURIComponent(id)}`;

export function openFolder(folder: Folder, isExpanded: boolean): Promise<void> {
  chatList.changeFolder(folder.id, { is_expanded: isExpanded });
  return attempt(
    () => request("POST", `${pathOf(folder)}/update/expanded`, { body: { is_expanded: isExpanded } }),
    () => void openFolder(folder, isExpanded),
  );
}

export function renameFolder(folder: Folder, name: string): Promise<void> {
  chatList.changeFolder(folder.id, { name });
  return attempt(
    () => request("POST", `${pathOf(folder)}/update`, { body: { name } }),
    () => void renameFolder(folder, name),
  );
}

/** Deletes a folder; the chats in it stay. */
export function deleteFolder(folder: Folder): Promise<void> {
  return attempt(
    () => request("DELETE", pathOf(folder), { query: { delete_contents: false } }),
    () => void deleteFolder(folder),
  );
}

/** Puts a chat into a folder, or with null into none. */
export function moveChat(row: ChatRow, folderId: string | null): Promise<void> {
  return attempt(
    () =>
      request("POST", `/api/v1/chats/${encodeURIComponent(row.id)}/folder`, {
        body: { folder_id: folderId },
      }),
    () => void moveChat(row, folderId),
  );
}

export function moveToNewFolder(row: ChatRow, name: string): Promise<void> {
  return attempt(
    async () => {
      const folder = await request<Folder>("POST", "/api/v1/folders/", { body: { name } });
      await moveChat(row, folder.id);
      await openFolder({ ...folder, is_expanded: true }, true);
    },
    () => void moveToNewFolder(row, name),
  );
}
