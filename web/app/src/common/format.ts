import { useTranslation } from "react-i18next";

// Dates, times and numbers as the chosen language writes them.

interface Formats {
  time(iso: string): string;
  dateTime(iso: string): string;
  /** "Today", "Yesterday", or the day. */
  day(iso: string): string;
  date(iso: string): string;
  number(value: number): string;
  /** Of a share from 0 to 1. */
  percent(share: number): string;
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
    (unit) =>
      new Intl.NumberFormat(language, {
        style: "unit",
        unit,
        unitDisplay: unit === "byte" ? "long" : "short",
        maximumFractionDigits: 1,
      }),
  );
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
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
    date: (iso) => date.format(new Date(iso)),
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes(size) {
      const power = Math.min(units.length - 1, size < 1 ? 0 : Math.floor(Math.log(size) / Math.log(1024)));
      return units[power]?.format(size / 1024 ** power) ?? "";
    },
    list: (items) => list.format(items),
  };
}

/** The browser's own variety of the language (en-GB, es-MX), where it has one: it knows how people there write a time. */
function varietyOf(language: string): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
}

export function formatsFor(language: string): Formats {
  const known = made.get(language) ?? make(varietyOf(language));
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
