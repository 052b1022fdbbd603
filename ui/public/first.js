// Runs before the first paint; the Content-Security-Policy lets no script stand in the page itself.
try {
  const theme = localStorage.getItem("offstage.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  // What the page will ask first is asked for while its scripts come; `request.ts` takes the answers.
  if (localStorage.getItem("offstage.signed-in") !== null) {
    const [, chatId] = /^\/c\/([^/]+)$/.exec(location.pathname) ?? [];
    const paths = ["/api/config", "/api/v1/auths/"];
    if (chatId) paths.push(`/api/v1/chats/${encodeURIComponent(chatId)}`);
    window.askedFirst = new Map(paths.map((path) => [path, fetch(path)]));
    for (const answer of window.askedFirst.values()) answer.catch(() => undefined);
  }
} catch {
  // A browser that keeps nothing has the system's colours.
}
