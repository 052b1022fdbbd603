const LIMIT_MS = 30_000;

/** Tries one area of a client and prints how it went, as a line of JSON; what it threw is what is wrong with it. */
export async function area(name, attempt) {
  const overdue = Promise.withResolvers();
  const timer = setTimeout(() => overdue.reject(new Error(`no end within ${LIMIT_MS} ms`)), LIMIT_MS);
  const problem = await Promise.race([attempt(), overdue.promise]).then(
    () => null,
    (thrown) => `${thrown?.name ?? "thrown"}: ${thrown?.message ?? thrown}`,
  );
  clearTimeout(timer);
  process.stdout.write(`${JSON.stringify({ area: name, problem })}\n`);
}

/** The last completion that the provider was asked for: `{ body, clientClosed }`. */
export async function lastAsked() {
  const response = await fetch(process.env.LAST_ASKED_URL);
  return response.json();
}

/** Resolves with what `attempt` throws; throws if it does not. */
export async function refusalOf(attempt) {
  let answer;
  try {
    answer = await attempt();
  } catch (thrown) {
    return thrown;
  }
  throw new Error(`no refusal, but ${JSON.stringify(answer)?.slice(0, 200)}`);
}

/** A picture of one pixel. */
export const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
