import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { curlCommand, offstageCommand, type SameCall, shellWord, typeScriptProgram } from "./same-call.ts";

const CALL: SameCall = {
  url: "https://chat.example.org",
  path: "/api/chat/completions",
  model: "gpt-4o",
  content: "Hi",
  place: null,
  body: {},
};
const PLACE = { chatId: "c", parentId: "p" };

const HOSTILE = [
  "it's",
  "''",
  'say "no"',
  "back\\slash \\' \\n",
  `$(touch x) \`id\` $HOME \${HOME} !!`,
  "two\nlines\n\n",
  "tab\tand\rreturn",
  "\u001b[201~\u0003\u007f\u0085",
  "; rm -rf / #",
  "-n --help",
  "-",
  "ünï €  🙂",
  "\u202eright to left\u2066",
  `\${\`x\`}</script>`,
  "",
];

/** What a shell makes of a command: the arguments that its first word would get. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; offstage() { printf '%s\\0' "$@"; }\n${command}\n`;
  const given = execFileSync("bash", ["-c", script], { encoding: "utf8" });
  return given.split("\0").slice(0, -1);
}

/** What a program would ask. */
function askedBy(program: string): unknown {
  const body = program
    .replace(/^import .*\n/, "")
    .replace(/console\.log\(.*\nawait offstage\.close\(\);$/, "return asked;")
    .replace("process.env.OFFSTAGE_TOKEN", "undefined");
  const run = new Function(
    "createOffstage",
    `let asked; ${body.replace("const turn = offstage.ask(", "asked = (")}`,
  );
  return run(() => ({ close() {} }));
}

const optionOf = (words: string[], name: string) => words[words.indexOf(`--${name}`) + 1];
const countingIds = () => {
  let count = 0;
  return () => `id-${++count}`;
};

describe("a word of a shell", () => {
  it.each(HOSTILE)("%j comes through as it is", (text) => {
    expect(argumentsOf(`curl ${shellWord(text)}`)).toEqual([text]);
  });

  it("loses only what no command can carry", () => {
    expect(argumentsOf(`curl ${shellWord("a\0b")}`)).toEqual(["ab"]);
  });

  it.each(HOSTILE)("shows nothing of %j that a terminal would obey", (text) => {
    expect(shellWord(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]/);
  });
});

describe.each(HOSTILE.filter((text) => text !== ""))("the call that asks %j", (content) => {
  const call: SameCall = { ...CALL, content, model: `m ${content}`, body: { params: { system: content } } };

  it("by curl", () => {
    const words = argumentsOf(curlCommand(call, countingIds()));
    expect(words).toContain("https://chat.example.org/api/chat/completions");
    expect(words).toContain("Authorization: Bearer YOUR_TOKEN");
    expect(JSON.parse(optionOf(words, "data-raw")!)).toEqual({
      stream: true,
      model: `m ${content}`,
      params: { system: content },
      parent_id: null,
      id: "id-1",
      user_message: { id: "id-2", role: "user", content },
    });
  });

  it("by TypeScript", () => {
    expect(askedBy(typeScriptProgram(call))).toEqual({ model: `m ${content}`, content, system: content });
  });

  it("by the command", () => {
    const words = argumentsOf(offstageCommand(call).command);
    expect(optionOf(words, "system")).toBe(content);
    expect(optionOf(words, "model")).toBe(`m ${content}`);
    expect(words.at(-1)).toBe(content);
  });
});

describe("what the call was sent with", () => {
  const body = {
    chat_id: "c",
    id: "old",
    session_id: "s",
    message_ids: [{}],
    assistant_message_id: "old",
    stream: false,
    temperature: 0.5,
    params: { top_p: 1, system: "Be brief." },
    messages: [{ role: "user", content: "Hi" }],
    background_tasks: { title_generation: true },
    features: {},
    files: [
      { type: "collection", id: "k", name: "Capitals" },
      { type: "file", id: "f", name: "notes.txt" },
    ],
    user_message: { id: "u", content: "Hi", files: [{ type: "file", id: "f" }] },
  };

  it("goes on in the chat, by curl, as a turn of its own", () => {
    const words = argumentsOf(curlCommand({ ...CALL, place: PLACE, body }, countingIds()));
    const { chat_id, parent_id, id, user_message, session_id, message_ids, ...rest } = JSON.parse(
      optionOf(words, "data-raw")!,
    );
    expect({ chat_id, parent_id, id, session_id, message_ids }).toEqual({
      ...{ chat_id: "c", parent_id: "p", id: "id-1" },
    });
    expect(user_message).toEqual({ id: "id-2", role: "user", content: "Hi", files: body.user_message.files });
    expect(rest).toMatchObject({ stream: false, temperature: 0.5, files: body.files, params: body.params });
    expect(rest).not.toHaveProperty("assistant_message_id");
  });

  it("is told to our client in its own words", () => {
    expect(askedBy(typeScriptProgram({ ...CALL, place: PLACE, body }))).toEqual({
      model: "gpt-4o",
      content: "Hi",
      chatId: "c",
      parentId: "p",
      system: "Be brief.",
      params: { temperature: 0.5, top_p: 1 },
      backgroundTasks: body.background_tasks,
      files: body.files,
    });
  });

  it("is told to the command as far as that has options, and the rest is named", () => {
    const { command, leftOut } = offstageCommand({ ...CALL, place: PLACE, body });
    const words = argumentsOf(command);
    expect([optionOf(words, "chat"), optionOf(words, "knowledge")]).toEqual(["c", "k"]);
    expect(leftOut).toEqual(["params", "files"]);
  });

  it("of several parts goes along whole, but for the command's pictures", () => {
    const content = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
    ];
    const call = { ...CALL, content };
    expect(askedBy(typeScriptProgram(call))).toMatchObject({ content });
    expect(offstageCommand(call).leftOut).toEqual(["images"]);
    expect(argumentsOf(offstageCommand(call).command).at(-1)).toBe("What is this?");
  });
});
