// Runs before the first paint; the Content-Security-Policy lets no script stand in the page itself.
try {
  const theme = localStorage.getItem("offstage.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing has the system's colours.
}
