import type { HLJSApi } from "highlight.js";

/** Languages that are coloured, by the names that people write behind a fence. */
const LANGUAGES: Record<string, () => Promise<{ default: Parameters<HLJSApi["registerLanguage"]>[1] }>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  go: () => import("highlight.js/lib/languages/go"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  php: () => import("highlight.js/lib/languages/php"),
  python: () => import("highlight.js/lib/languages/python"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

const OTHER_NAMES: Record<string, string> = {
  cs: "csharp",
  html: "xml",
  js: "javascript",
  jsx: "javascript",
  kt: "kotlin",
  md: "markdown",
  patch: "diff",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  svelte: "xml",
  svg: "xml",
  ts: "typescript",
  tsx: "typescript",
  vue: "xml",
  yml: "yaml",
  zsh: "bash",
};

/** Longer code stays uncoloured: colouring is done in one go. */
const LONGEST_COLOURED = 30_000;

/** HTML of coloured code, made of text and `span`s only; null where the language is not known or the code too long. */
export async function highlight(code: string, language: string): Promise<string | null> {
  const name = OTHER_NAMES[language] ?? language;
  if (!LANGUAGES[name] || code.length > LONGEST_COLOURED) return null;
  const hljs = await colouring(name);
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
}

/** What was loaded, by language: asking again for a module that is there takes a while, too. */
const loaded = new Map<string, Promise<HLJSApi>>();

function colouring(name: string): Promise<HLJSApi> {
  const known = loaded.get(name);
  if (known) return known;
  const loading = Promise.all([import("highlight.js/lib/core"), LANGUAGES[name]!()]).then(
    ([{ default: hljs }, { default: grammar }]) => {
      hljs.registerLanguage(name, grammar);
      return hljs;
    },
  );
  loaded.set(name, loading);
  loading.catch(() => loaded.delete(name));
  return loading;
}
