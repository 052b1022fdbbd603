import { behindText as text } from "./text.ts";

/** A time that something took, as people say it. */
export function duration(ms: number): string {
  if (ms < 1_000) return text.milliseconds(ms);
  if (ms < 60_000) return text.seconds((ms / 1_000).toFixed(2));
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return text.minutes(minutes, Math.floor(ms / 1_000) % 60);
  return text.hours(Math.floor(minutes / 60), minutes % 60);
}

/** A moment of a day, to the millisecond, in the user's own zone. */
export const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
