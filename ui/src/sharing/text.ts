/** The sentences of what leaves a chat: its link, and its file. They are read when somebody asks for them. */
export const sharingText = {
  title: "Share the chat",
  lead: "Everybody who has an account on this server and the link can read the chat as it is now. What is said later is not shown there.",
  share: "Make a link",
  link: "Link",
  copy: "Copy the link",
  renew: "Bring it up to date",
  renewed: "The link shows the chat as it is now.",
  unshare: "Take the link back",
  exportTitle: "Export the chat",
  exportLead:
    "As a file. JSON has every version and all that is known of each message, and can be imported again; the others have the conversation that is shown.",
  json: "JSON",
  markdown: "Markdown",
  plain: "Plain text",
  you: "You",
  sources: "Sources",
  source: (number: number, name: string, page: number | undefined) =>
    `[${number}] ${name}${page === undefined ? "" : `, page ${page}`}`,
  sharedBy: "A shared chat, as it was when its owner shared it.",
  asked: "Question",
  keep: "Go on in a copy of your own",
} as const;
