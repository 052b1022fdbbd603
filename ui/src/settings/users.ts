/** A user as administrators see them; times in seconds. */
export interface ListedUser {
  id: string;
  name: string;
  email: string;
  role: "admin" | "user" | "pending";
  last_active_at: number;
}
