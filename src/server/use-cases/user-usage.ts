import { type Context, nowSec, type User } from "../context.ts";

const DAY_SEC = 86_400;
const MAX_DAYS = 730;

interface Day {
  date: string;
  messages: number;
  chats: number;
  tokens: number;
  models: Record<string, number>;
}

const dateOf = (sec: number) => new Date(sec * 1000).toISOString().slice(0, 10);

/** Adds up days that fall to the same `key`, in their order. */
function grouped(days: readonly Day[], key: (day: Day) => string): Day[] {
  const sums = new Map<string, Day>();
  for (const day of days) {
    const date = key(day);
    const sum = sums.get(date) ?? { ...day, date, chats: 0 };
    sums.set(date, { ...sum, chats: sum.chats + day.chats });
  }
  return [...sums.values()];
}

/** The Monday of a day's week. */
function mondayOf({ date }: Day): string {
  const day = new Date(`${date}T00:00:00Z`);
  return dateOf(day.getTime() / 1000 - ((day.getUTCDay() + 6) % 7) * DAY_SEC);
}

/**
 * What a user has here, in the words of 0.12.4's page: chats and messages are counted, chats by the day (UTC) that they
 * were made on. Tokens and models are not counted, and stand at 0.
 */
export async function readUsage({ store, clock }: Context, user: User, days: number) {
  const chatDays = await store.usage.countChatsByDay(store.read, user.id);
  const roles = await store.usage.countMessagesByRole(store.read, user.id);
  const ofRole = (role: string) => roles.find((row) => row.role === role)?.count ?? 0;
  const messages = {
    all: roles.reduce((sum, row) => sum + row.count, 0),
    user: ofRole("user"),
    assistant: ofRole("assistant"),
  };
  const count = Math.min(days, MAX_DAYS);
  const today = Math.floor(nowSec(clock) / DAY_SEC);
  const byDay = new Map(chatDays.map(({ day, count: chats }) => [day, chats]));
  const heatmap = Array.from({ length: count }, (_, index): Day => {
    const day = today - count + 1 + index;
    return { date: dateOf(day * DAY_SEC), messages: 0, chats: byDay.get(day) ?? 0, tokens: 0, models: {} };
  });
  let total = 0;
  const cumulative = heatmap.map((day) => {
    total += day.chats;
    return { ...day, chats: total };
  });
  const totalChats = [...byDay.values()].reduce((sum, chats) => sum + chats, 0);
  const share = (part: number) => (messages.all === 0 ? 0 : part / messages.all);
  return {
    totals: {
      lifetime_tokens: 0,
      input_tokens: 0,
      output_tokens: 0,
      peak_daily_tokens: 0,
      longest_chat_seconds: 0,
      ...streaks([...byDay.keys()], today),
      total_chats: totalChats,
      active_days: byDay.size,
      models_used: 0,
      messages: messages.all,
      user_messages: messages.user,
      assistant_messages: messages.assistant,
    },
    heatmap,
    weekly_heatmap: grouped(heatmap, mondayOf),
    cumulative_heatmap: cumulative,
    insights: {
      most_used_model: null,
      average_tokens_per_chat: 0,
      average_messages_per_active_day: byDay.size === 0 ? 0 : messages.all / byDay.size,
      user_message_share: share(messages.user),
      assistant_message_share: share(messages.assistant),
    },
    top_models: [],
    top_tools: [],
    period: { start_date: (today - count + 1) * DAY_SEC, end_date: nowSec(clock), days: count },
  };
}

/** Days in a row on which chats were made: the longest row, and the one that reaches today or yesterday. */
function streaks(days: number[], today: number): { current_streak: number; longest_streak: number } {
  let longest = 0;
  let row = 0;
  let previous = Number.NaN;
  for (const day of days.sort((a, b) => a - b)) {
    row = day === previous + 1 ? row + 1 : 1;
    longest = Math.max(longest, row);
    previous = day;
  }
  return { current_streak: previous >= today - 1 ? row : 0, longest_streak: longest };
}
