import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { MINILM_MAX_TOKENS } from "./minilm-model.ts";

/** Splits texts as all-MiniLM-L6-v2 does. Its vocabulary is read at the first use and kept: about 20 MB. */
export interface MiniLmTokenizer {
  /** The ids of a text between the model's two marks, cut at `MINILM_MAX_TOKENS`. */
  encode(text: string): number[];
  /** Tokens without the marks. Exact up to 10,000 characters; of a longer text, as its beginning goes. */
  count(text: string): number;
}

/** The longest word that is not one unknown token, by the vocabulary's `max_input_chars_per_word`. */
const MAX_WORD_CHARACTERS = 100;
/** What is beyond can hardly be within the model's reach. */
const ENCODED_CHARACTERS = MINILM_MAX_TOKENS * MAX_WORD_CHARACTERS;
const COUNTED_CHARACTERS = 10_000;

/** A tokenizer for this thread. */
export function createMiniLmTokenizer(): MiniLmTokenizer {
  let loaded: Tokenizer | undefined;

  function tokenizer(): Tokenizer {
    loaded ??= new Tokenizer(
      JSON.parse(readFileSync(new URL("./minilm-tokenizer.json", import.meta.url), "utf8")),
      {},
    );
    return loaded;
  }

  return {
    encode(text) {
      const { ids } = tokenizer().encode(text.slice(0, ENCODED_CHARACTERS));
      return ids.length <= MINILM_MAX_TOKENS ? ids : [...ids.slice(0, MINILM_MAX_TOKENS - 1), ids.at(-1)!];
    },
    count(text) {
      const counted = text.slice(0, COUNTED_CHARACTERS);
      const { ids } = tokenizer().encode(counted, { add_special_tokens: false });
      return counted === text ? ids.length : Math.ceil((ids.length * text.length) / counted.length);
    },
  };
}
