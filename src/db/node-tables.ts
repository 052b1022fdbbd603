/** Who processes a content; nobody else does until the lease has run out. */
export interface ContentClaimTable {
  content_id: string;
  owner: string;
  lease_until_ms: number;
}

/** Bytes of files that all servers on a database can read. */
export interface BlobTable {
  /** SHA-256, hex. */
  hash: string;
  /** Names its parts. */
  set_id: string;
}

/** A stretch of bytes; a set that no blob names was being sent when its server ended. */
export interface BlobPartTable {
  set_id: string;
  /** From 0. */
  position: number;
  created_at_sec: number;
  bytes: Uint8Array;
}
