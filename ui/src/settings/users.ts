import { request } from "../api/request.ts";

/** A user as administrators see them; times in seconds. */
export interface ListedUser {
  id: string;
  name: string;
  email: string;
  role: "admin" | "user" | "pending";
  last_active_at: number;
}

/** Some of the users, and how many there are. */
export interface UserPage {
  users: ListedUser[];
  total: number;
}

/** All users, whatever their number. @throws RequestFailed */
export async function readAllUsers(): Promise<ListedUser[]> {
  const all: ListedUser[] = [];
  for (let page = 1; ; page += 1) {
    const query = { page, order_by: "name" };
    const { users, total } = await request<UserPage>("GET", "/api/v1/users/", { query });
    all.push(...users);
    if (users.length === 0 || all.length >= total) return all;
  }
}
