/** The beginning of a text in quotation marks, for messages that say what was seen. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
