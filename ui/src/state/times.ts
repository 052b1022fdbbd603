import { text } from "../text.ts";

const DAY_SEC = 24 * 3600;

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const wholeTime = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const month = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });

const midnight = () => new Date().setHours(0, 0, 0, 0) / 1000;

/** A moment (seconds) in the user's own zone: the time alone where it is today. */
export function shortTime(sec: number): string {
  return (sec >= midnight() ? timeOfDay : dateAndTime).format(sec * 1000);
}

export const longTime = (sec: number): string => wholeTime.format(sec * 1000);

/** What stands above the chats of a time. */
export function period(sec: number): string {
  const start = midnight();
  if (sec >= start) return text.sidebar.today;
  if (sec >= start - DAY_SEC) return text.sidebar.yesterday;
  if (sec >= start - 7 * DAY_SEC) return text.sidebar.week;
  if (sec >= start - 30 * DAY_SEC) return text.sidebar.month;
  return month.format(sec * 1000);
}
