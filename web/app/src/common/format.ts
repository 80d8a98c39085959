import { useTranslation } from "react-i18next";

// Dates, times and numbers as the chosen language writes them.

interface Formats {
  time(iso: string): string;
  dateTime(iso: string): string;
  /** "Today", "Yesterday", or the day. */
  day(iso: string): string;
  number(value: number): string;
  bytes(size: number): string;
  list(items: readonly string[]): string;
}

const DAY_MS = 86_400_000;
const made = new Map<string, Formats>();

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function capitalized(text: string, language: string): string {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

function make(language: string): Formats {
  const time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
  const thisYear = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
  const otherYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const number = new Intl.NumberFormat(language);
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"].map(
    (unit) => new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }),
  );
  return {
    time: (iso) => time.format(new Date(iso)),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    day(iso) {
      const date = new Date(iso);
      const daysAgo = Math.round((startOfDay(new Date()) - startOfDay(date)) / DAY_MS);
      if (daysAgo === 0 || daysAgo === 1) return capitalized(relative.format(-daysAgo, "day"), language);
      const format = date.getFullYear() === new Date().getFullYear() ? thisYear : otherYear;
      return capitalized(format.format(date), language);
    },
    number: (value) => number.format(value),
    bytes(size) {
      const power = Math.min(units.length - 1, size < 1 ? 0 : Math.floor(Math.log(size) / Math.log(1024)));
      return units[power]?.format(size / 1024 ** power) ?? "";
    },
    list: (items) => list.format(items),
  };
}

export function formatsFor(language: string): Formats {
  const known = made.get(language) ?? make(language);
  made.set(language, known);
  return known;
}

export function useFormats(): Formats {
  const { i18n } = useTranslation();
  return formatsFor(i18n.language);
}

export function isSameDay(left: string, right: string): boolean {
  return startOfDay(new Date(left)) === startOfDay(new Date(right));
}
