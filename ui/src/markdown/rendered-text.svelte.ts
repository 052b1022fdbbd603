import { type Block, MarkdownBlocks } from "./blocks.ts";

/** How much of a long text is rendered in one go, so that the page stays quick while it appears. */
const SLICE = 24_000;
/** The part of the time that rendering may take while a text grows. */
const SHARE = 4;

/**
 * Blocks of a text that may grow. Rendered at most once a frame; where the last block alone takes long (a long list), less
 * often, so that at most a quarter of the time goes into it.
 */
export class RenderedText {
  blocks = $state.raw<Block[]>([]);
  #markdown = new MarkdownBlocks();
  #source = "";
  #shown = 0;
  #frame = 0;
  #notBefore = 0;

  show(source: string): void {
    if (source === this.#source && this.#shown === source.length) return;
    const isFirst = this.#source === "";
    if (!source.startsWith(this.#source.slice(0, 64))) this.#shown = 0;
    this.#source = source;
    if (isFirst && source.length <= SLICE) this.#render();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      if (now < this.#notBefore) this.#schedule();
      else this.#render();
    });
  }

  #render(): void {
    const began = performance.now();
    this.#shown = Math.min(this.#source.length, Math.max(this.#shown, 0) + SLICE);
    this.blocks = this.#markdown.update(this.#source.slice(0, this.#shown));
    const took = performance.now() - began;
    this.#notBefore = performance.now() + took * (SHARE - 1);
    if (this.#shown < this.#source.length) this.#schedule();
  }

  /** Stops what is under way. */
  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }
}
