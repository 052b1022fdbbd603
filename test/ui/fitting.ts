import type { Page } from "playwright-core";

/** A phone as people hold it. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** What is touched and is smaller than a fingertip (44 px), a line each. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
    return [...top.querySelectorAll<HTMLElement>("button, summary, input, select, textarea, nav a")]
      .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return { name: element.ariaLabel ?? element.textContent, width, height };
      })
      .filter(({ width, height }) => width > 0 && (width < 44 || height < 43.5))
      .map(({ name, width, height }) => `${name} ${width}×${height}`);
  });
}

/** What is wider than the place that it stands in and has no scrollbar of its own, a line each. */
export function sidewaysScrolls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const places = [
      document.documentElement,
      ...document.querySelectorAll("dialog .content, main, .sheet, .log"),
    ];
    return places
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ className, scrollWidth, clientWidth }) => `${className}: ${scrollWidth} in ${clientWidth}`);
  });
}

/** Has pages of a window add up how much of what they show moves by itself. */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const seen = window as unknown as { shifted: number };
    seen.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
        seen.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => page.evaluate(() => (window as unknown as { shifted: number }).shifted);
}
