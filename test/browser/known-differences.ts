interface KnownDifference {
  pattern: RegExp;
  /** As docs/contract.md has it. */
  why: string;
}

const KNOWN: readonly KnownDifference[] = [
  { pattern: /: has also /, why: "What a page does not know it passes over." },
  {
    pattern: /: asked only of the real server$/,
    why: "The page asks only for what /api/config offers; notes, terminals, ratings and the like are off here.",
  },
  {
    pattern: /: asked only of ours$/,
    why: "A page asks for it at another moment, or is told by /api/config to ask for it.",
  },
  {
    pattern: /^GET \/api\/(?:config|v1\/auths\/): lacks /,
    why: "Switches and permissions of what is not here are left out, which pages read as off; so are a user's bio and status.",
  },
  {
    pattern: /^POST \/api\/v1\/auths\/\w+: lacks /,
    why: "As for GET auths: permissions of what is not here, bio and status.",
  },
  {
    pattern: /lacks (?:\[\])?\.(?:variables|tasks|summary|current_message_id|context_usage)\b/,
    why: "The record's extra keys of 0.12.4 are not there.",
  },
  {
    pattern:
      /lacks (?:\[\]|\.data\[\]|\.items\[\])?\.chat\.(?:share_mode|(?:history\.messages\.[^.]+|messages\[\])\.(?:meta|output|user|user_id|done|lastSentence|statusHistory|annotation|usage))\b/,
    why: "Messages keep what is posted to them, and the answer's text in `content`; `output[]` is not kept.",
  },
  {
    pattern:
      /models\S*: lacks (?:\.data\[\]|\[\])\.(?:connection_type|openai|provider|urlIdx|tags|owned_by|object)\b/,
    why: "Rows of models are not the provider's own.",
  },
  {
    pattern:
      /^(?:POST \/api\/v1\/chats\/(?:<id>(?:\/tags)?|import)|GET \/api\/v1\/chats\/all): lacks .*(?:tags)?\[\]\.(?:user_id|meta)\b/,
    why: "Tags of a chat are `{id, name, color}`.",
  },
  {
    pattern: /^GET \/api\/models: lacks .*(?:\.arena|\.info\.meta\.\w+)\b/,
    why: "There are no arena models.",
  },
  {
    pattern:
      /lacks \S*\.sources\[\]\.(?:source|metadata\[\])\.(?:collection|created_by|embedding_config|content_type|size|file_hash|hash|filename|directory_id|directory_path|has_original|title) /,
    why: "Sources name the file and where in it a passage stands; what else is known of a file is in its own record.",
  },
  {
    pattern: /lacks \S*(?:files|items)\[\]\.(?:directory_id|directory_path|has_original) /,
    why: "There are no directories in collections, and the bytes of every file are kept.",
  },
  {
    pattern: /^POST \/api\/v1\/files\/\S*: lacks \.status |lacks \S*(?:files\[\]|\.source)\.file\.status /,
    why: "An upload is answered with the file's record alone.",
  },
  {
    pattern: /^GET \/user\.png: status 200 there, 200\/304 here/,
    why: "What the browser has is not sent again.",
  },
  {
    pattern: /^GET \/api\/v1\/folders\/: lacks \[\]\.meta\.icon/,
    why: "A folder's `meta` is what was posted.",
  },
  {
    pattern: /^GET \/api\/v1\/chats\/<id>: lacks \.detail/,
    why: "The real one was asked for a chat just deleted.",
  },
  {
    pattern: /^GET \/api\/models: lacks \.data\[\]\.info\.(?:params\.|access_|version_id)/,
    why: "How a model is asked, and who else may, is told to those who may change it.",
  },
  {
    pattern:
      /\/api\/v1\/models\/\S*: lacks \S*\.(?:version_id|user|user\.profile_image_url|meta\.(?:i18n|knowledge|voice)) /,
    why: "A model has no versions; nulls of its `meta` are left out, and of its owner the name is told.",
  },
  {
    pattern: /\/api\/v1\/models\/\S*: lacks \S*\.access_control\.(?:read|write) /,
    why: "An `access_control` that lets nobody else in is `{}`.",
  },
  {
    pattern: /\/api\/v1\/models\/\S*: lacks \S*\.meta\.capabilities\.usage /,
    why: "0.6.15's page names it only for models whose `owned_by` is openai; the provider's own word stands there.",
  },
  {
    pattern: /^GET \/api\/v1\/users\/.*: lacks .*(?:status|bio|gender|date_of_birth|last_active_at|timezone)/,
    why: "No status and no facts about a person are kept.",
  },
  {
    pattern: /profile\/image\S*: status 302 there, 200 here/,
    why: "Pictures are made here, no redirects to a logo.",
  },
  {
    pattern: /^GET \/api\/v1\/chats\/<id>: status 200\/401 there, 200 here/,
    why: "0.12.4's page reads a chat that it has just deleted; whether it does is a matter of moments.",
  },
];

/** Why a difference of exchanges is as it should be; undefined where nobody has said. */
export function whyKnown(difference: string): string | undefined {
  return KNOWN.find(({ pattern }) => pattern.test(difference))?.why;
}
