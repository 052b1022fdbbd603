/** `system` follows the device. */
export type Theme = "system" | "light" | "dark";

/** `first.js` reads it before the first paint. */
const KEPT = "offstage.theme";

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Shows these colours from now on, in this browser. */
export function keepTheme(theme: Theme): void {
  if (theme === "system") {
    localStorage.removeItem(KEPT);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEPT, theme);
    document.documentElement.dataset.theme = theme;
  }
}
