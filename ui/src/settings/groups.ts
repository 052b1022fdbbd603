/** Users that access can be given to as one. */
export interface Group {
  id: string;
  name: string;
  description: string;
  member_count: number;
  /** Told to administrators only. */
  user_ids?: string[];
}
