/** A sentence for people whose file cannot be read. */
export const SUPPORTED_KINDS =
  "Supported are PDF, DOCX, HTML, Markdown, plain text, CSV, TSV, JSON, JSON Lines and source code.";

/** Of names of files that are read as source code, without the dot; other text is read as plain text. */
export const SOURCE_CODE_EXTENSIONS = new Set(
  `ada adb ads asm astro awk bas bash bat c cc cfg clj cljs cmake cmd conf cpp cs css cu cxx d dart diff el elm env erl ex
  exs f90 fs fsx gd gleam go gradle graphql groovy h hcl hh hpp hs htaccess hxx ini java jl js json5 jsonc jsx kt kts less
  lisp lua m mjs cjs mk ml mli mm mts cts nim nix pas patch php pl pm properties proto ps1 psm1 py pyi r rb rkt rs s sass
  scala scm scss sh sol sql sv svelte svg swift tcl tf toml ts tsx v vb vhd vim vue wat xml xsd xsl yaml yml zig zsh`.split(
    /\s+/,
  ),
);
