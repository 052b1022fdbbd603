/** The tables of models and groups, by their names. */
export interface ModelTables {
  model: ModelTable;
  user_group: GroupTable;
  user_group_member: GroupMemberTable;
}

/**
 * What is kept of a model: a workspace model, which asks its base, or (without a base) the settings of the provider's model
 * that has its id.
 */
export interface ModelTable {
  id: string;
  user_id: string;
  base_model_id: string | null;
  name: string;
  is_active: number;
  created_at_sec: number;
  updated_at_sec: number;
  /** Who else may read or write it: a list of grants. */
  access_json: string;
  params_json: string;
  meta_json: string;
}

/** Users that grants can name as one. */
export interface GroupTable {
  id: string;
  /** Who made it. */
  user_id: string;
  name: string;
  description: string;
  created_at_sec: number;
  updated_at_sec: number;
  permissions_json: string;
  data_json: string;
}

export interface GroupMemberTable {
  group_id: string;
  user_id: string;
}
