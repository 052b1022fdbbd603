import { createRandom, createRankSource, type Random } from "./knowledge-random.ts";

/** Characters of a printed page. */
const PAGE_CHARACTERS = 1_700;

const WORDS =
  `time year people way day man thing woman life child world school state family student group country problem hand
  part place case week company system program question work government number night point home water room mother area
  money story fact month lot right study book eye job word business issue side kind head house service friend father
  power hour game line end member law car city community name president team minute idea body information back parent
  face level office door health person art war history party result change morning reason research girl guy moment air
  teacher force education foot boy age policy process music market sense nation plan college interest death experience
  effect use class control care field development role effort rate heart drug show leader light voice wife police mind
  price report decision son view relationship town road arm difference value building action season society tax
  director position player record paper space ground form event official matter center couple site project activity
  star table need court oil situation cost industry figure street image phone data picture practice piece land product
  doctor wall patient worker news test movie north love support technology measure bridge harbour lantern kitchen
  engine valve pressure temperature sensor battery contract invoice warranty delivery inspection repair manual`.split(
    /\s+/,
  );
const VERBS =
  "shows keeps brings follows explains moves holds changes begins carries measures replaces covers reaches needs".split(
    " ",
  );
const LINKS = ["of the", "in the", "near a", "with the", "without a", "for each", "after the", "beside the"];

/** Markdown of so many pages' length, about 1,700 characters each: chapters, sections and paragraphs of sentences. */
export function makeBook(seed: number, pages: number): string {
  const random = createRandom(seed);
  const rank = createRankSource(random, WORDS.length);
  const word = () => WORDS[rank()]!;
  let text = `# The ${word()} ${LINKS[0]} ${word()} ${seed}\n`;
  for (let page = 1; page <= pages; page++) {
    text += `\n## ${capitalised(word())} and ${word()} ${page}\n`;
    while (text.length < page * PAGE_CHARACTERS) {
      text += "\n";
      for (let count = 3 + random.below(4); count > 0; count--) text += `${sentence(random, word)} `;
      text = `${text.trimEnd()}\n`;
    }
  }
  return text;
}

/** A question about what stands in books. */
export function makeQuestion(seed: number): string {
  const random = createRandom(seed);
  const word = () => WORDS[random.below(WORDS.length)]!;
  return `What ${VERBS[random.below(VERBS.length)]} the ${word()} of the ${word()} and its ${word()}?`;
}

function sentence(random: Random, word: () => string): string {
  let text = `The ${word()} ${LINKS[random.below(LINKS.length)]} ${word()} ${VERBS[random.below(VERBS.length)]}`;
  for (let count = 1 + random.below(3); count > 0; count--) {
    text += ` a ${word()} ${LINKS[random.below(LINKS.length)]} ${word()}`;
  }
  return random.below(4) === 0 ? `${text}, ${1 + random.below(999)} in all.` : `${text}.`;
}

const capitalised = (word: string) => word[0]!.toUpperCase() + word.slice(1);
