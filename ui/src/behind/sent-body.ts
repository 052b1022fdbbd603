type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A completion's body as a journal has it; empty where it was cut, or nothing is kept. */
export function sentBody(text: string | undefined): Json {
  try {
    const body: unknown = JSON.parse(text ?? "");
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}

/** The question as it was sent: a text or parts; null where the body does not say. */
export function sentContent({ user_message, messages }: Json): unknown {
  if (isObject(user_message) && user_message.content !== undefined) return user_message.content;
  const asked = Array.isArray(messages)
    ? messages.filter(isObject).findLast(({ role }) => role === "user")
    : null;
  return asked?.content ?? null;
}
