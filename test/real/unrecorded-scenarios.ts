/** Scenarios that are not replayed, each with the reason. */
export const UNRECORDED_SCENARIOS: Readonly<Record<string, string>> = {
  "what an answer draws on stands with it": "the server's own prompt would be in the recording",
  "live events that end in mid-answer are done without": "its client goes through a proxy of its own",
  "a token that expires in mid-answer is renewed": "its client signs in by itself",
  "a turn cancelled while the provider says nothing ends, and the chat goes on": "it notes a time",
  "eight chats at once, and every turn in its place": "the order of its requests is not the same twice",
  "a lost reply to the new chat makes no second one": "it looks for its chat by the time",
  "many new chats, eight at once": "the order of its requests is not the same twice",
  "a question about a collection and about a file gets its sources":
    "the server's own prompt would be in the recording",
  "a file that is still processing is waited for": "the server's own prompt would be in the recording",
  "a question without a chat gets its sources in the reply":
    "the server's own prompt would be in the recording",
  "a collection of somebody else is not known, by name or by id": "its client signs in by itself",
  "an upload whose reply is lost is found again": "forms are not recorded",
  "a name that means no collection, or two, is refused before anything is asked": "its names tell the time",
  "two processes that ask in one chat at once both get their answer":
    "the order of its requests is not the same twice",
};
