/** What an area of a client does on our server and on the real Open WebUI 0.6.15. */
export interface Expectation {
  here: "works" | "fails";
  real: "works" | "fails";
  /** Why it fails here. */
  why?: string;
}

/** Area → what is expected of it. */
export type Expectations = Record<string, Expectation>;

const each = (areas: readonly string[], expectation: Expectation): Expectations =>
  Object.fromEntries(areas.map((area) => [area, expectation]));

/** Areas that work on our server and on the real 0.6.15. */
export const works = (...areas: string[]) => each(areas, { here: "works", real: "works" });

/** Areas that work on our server and fail on the real 0.6.15. */
export const worksHere = (...areas: string[]) => each(areas, { here: "works", real: "fails" });

/** Areas that our server does not offer, for a reason, and that work on the real 0.6.15. */
export const notOffered = (why: string, ...areas: string[]) =>
  each(areas, { here: "fails", real: "works", why });

/** Areas that fail on both, for a reason. */
export const failsOnBoth = (why: string, ...areas: string[]) =>
  each(areas, { here: "fails", real: "fails", why });
