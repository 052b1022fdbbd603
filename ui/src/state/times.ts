import { text } from "../text.ts";

const DAY_SEC = 24 * 3600;

/** Writes moments (seconds) in a form; what it needs is read when the first is written, which takes a while. */
function writer(form: Intl.DateTimeFormatOptions): (sec: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (sec) => {
    format ??= new Intl.DateTimeFormat(undefined, form);
    return format.format(sec * 1000);
  };
}

const timeOfDay = writer({ hour: "2-digit", minute: "2-digit" });
const dayAndTime = writer({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const date = writer({ dateStyle: "medium" });
const month = writer({ month: "long", year: "numeric" });

const midnight = () => new Date().setHours(0, 0, 0, 0) / 1000;
const newYear = () => new Date(new Date().getFullYear(), 0).getTime() / 1000;

/** A moment (seconds) in the user's own zone: the time alone where it is today, the date alone where it is long ago. */
export function shortTime(sec: number): string {
  if (sec >= midnight()) return timeOfDay(sec);
  return (sec >= newYear() ? dayAndTime : date)(sec);
}

export const longTime = writer({ dateStyle: "full", timeStyle: "medium" });

/** What stands above the chats of a time. */
export function period(sec: number): string {
  const start = midnight();
  if (sec >= start) return text.sidebar.today;
  if (sec >= start - DAY_SEC) return text.sidebar.yesterday;
  if (sec >= start - 7 * DAY_SEC) return text.sidebar.week;
  if (sec >= start - 30 * DAY_SEC) return text.sidebar.month;
  return month(sec);
}
