// @ts-check
/** Dates as YYYY-MM-DD and times as HH:MM: local, without a time zone; read and written as the reader's language does. */

const DAY_MS = 86_400_000;
/** The reader's language; British English outside a browser. */
const LANGUAGE = typeof navigator === "undefined" ? "en-GB" : navigator.language || "en-GB";
const ENGLISH = "en-GB";

/** @param {string} text */
export const dayNumber = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);

/** @param {number} number */
const ofNumber = (number) => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** @param {string} text @param {number} days */
export const later = (text, days) => ofNumber(dayNumber(text) + days);

/** @param {string} from @param {string} to */
export const daysFrom = (from, to) => dayNumber(to) - dayNumber(from);

/** 0 is Monday. @param {string} text */
export const weekdayOf = (text) => (((dayNumber(text) + 3) % 7) + 7) % 7;

/** Today where the reader is. @returns {string} */
export function today() {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())).toISOString().slice(0, 10);
}

/** @param {number} year @param {number} month from 1 @param {number} day @returns {string} empty where there is no such day */
function dateOf(year, month, day) {
  if (year < 1950 || year >= 2200 || month < 1 || month > 12 || day < 1) return "";
  const found = new Date(Date.UTC(year, month - 1, day));
  return found.getUTCMonth() === month - 1 ? found.toISOString().slice(0, 10) : "";
}

/** @param {string} text */
export function isDate(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return found !== null && dateOf(Number(found[1]), Number(found[2]), Number(found[3])) === text;
}

/** @param {string} text */
export const isTime = (text) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} text @param {Intl.DateTimeFormatOptions} parts */
function written(text, parts) {
  const key = JSON.stringify(parts);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(LANGUAGE, { ...parts, timeZone: "UTC" });
  formats.set(key, format);
  return format.format(dayNumber(text) * DAY_MS);
}

/** With its weekday. @param {string} text @param {boolean} [year] */
export const dateText = (text, year = true) =>
  written(text, { weekday: "short", day: "numeric", month: "short", ...(year ? { year: "numeric" } : {}) });

/** Without its weekday. @param {string} text @param {boolean} [year] */
export const shortDate = (text, year = false) => written(text, { day: "numeric", month: "short", ...(year ? { year: "numeric" } : {}) });

/** As it is typed: in digits. @param {string} text */
export const dateField = (text) => written(text, { day: "2-digit", month: "2-digit", year: "numeric" });

/** @param {string} text */
export const monthText = (text) => written(text, { month: "long", year: "numeric" });

/** Every date of a sentence as the reader's language writes it. @param {string} sentence */
export const datesIn = (sentence) => sentence.replace(/\d{4}-\d\d-\d\d/g, (found) => (isDate(found) ? dateText(found) : found));

/** @param {string} time HH:MM */
export const timeText = (time) =>
  new Intl.DateTimeFormat(LANGUAGE, { hour: "numeric", minute: "2-digit", timeZone: "UTC" }).format(new Date(`2026-01-01T${time}:00Z`));

/** Names of the weekdays from Monday on. @param {"short" | "long" | "narrow"} width @returns {string[]} */
export const weekdayNames = (width) => Array.from({ length: 7 }, (_, k) => written(ofNumber(dayNumber("2026-01-05") + k), { weekday: width }));

/** On which weekday a week begins in a calendar of the reader; 0 is Monday. @returns {number} */
export function firstWeekday() {
  try {
    const locale = /** @type {any} */ (new Intl.Locale(LANGUAGE));
    const info = locale.getWeekInfo ? locale.getWeekInfo() : locale.weekInfo;
    return info ? (info.firstDay + 6) % 7 : 0;
  } catch {
    return 0;
  }
}

/** The country of the reader's language; empty where it names none. @returns {string} */
export function ownCountry() {
  try {
    return new Intl.Locale(LANGUAGE).region ?? new Intl.Locale(LANGUAGE).maximize().region ?? "";
  } catch {
    return "";
  }
}

/** First days of the months that hold two days and all between. @param {string} from @param {string} to @returns {string[]} */
export function monthsFrom(from, to) {
  const [year, month] = from.split("-").map(Number);
  /** @type {string[]} */
  const found = [];
  for (let k = 0; ; k += 1) {
    const first = new Date(Date.UTC(year, month - 1 + k, 1)).toISOString().slice(0, 10);
    if (first > to) return found;
    found.push(first);
  }
}

/** How many days a month has. @param {string} first its first day */
export function daysOfMonth(first) {
  const [year, month] = first.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The places of day, month and year in the reader's language. @returns {("day" | "month" | "year")[]} */
function order() {
  const parts = new Intl.DateTimeFormat(LANGUAGE, { timeZone: "UTC" }).formatToParts(0).map((part) => part.type);
  return /** @type {("day" | "month" | "year")[]} */ (parts.filter((type) => ["day", "month", "year"].includes(type)));
}

/** @param {string} word @returns {number} the month that a word begins, from 1; 0 where it is none */
function monthOf(word) {
  const plain = word.toLowerCase().replace(".", "");
  for (const language of [LANGUAGE, ENGLISH]) {
    for (let k = 0; k < 12; k += 1) {
      const long = new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(Date.UTC(2026, k, 15)).toLowerCase();
      if (plain.length >= 3 && long.startsWith(plain)) return k + 1;
    }
  }
  return 0;
}

/** The year that makes a day without one the next to come, or the last that was. @param {number} month @param {number} day @param {string} now @param {boolean} past */
function nearestYear(month, day, now, past) {
  const year = Number(now.slice(0, 4));
  const found = dateOf(year, month, day);
  return past ? year - Number(found > now) : year + Number(found < now);
}

/**
 * Reads a date as people type it: 22.3.2027, 3/22/2027 where the month comes first, 22 Mar, 2027-03-22. Without a year it
 * is the next such day, or the last.
 * @param {string} text @param {string} [now] @param {boolean} [past] whether it has been
 * @returns {{date: string, said: string}} the date, or why there is none
 */
export function readDate(text, now = today(), past = false) {
  const example = dateField(later(now, 30));
  const not = { date: "", said: `Write a date such as ${example}.` };
  const word = text.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(word);
  const numbers = iso ? iso.slice(1) : word.match(/\d+/g) ?? [];
  const named = (word.match(/\p{L}+\.?/gu) ?? []).map(monthOf).find((found) => found > 0) ?? 0;
  if (numbers.length > 3 || numbers.length + Number(named > 0) < 2 || (named && numbers.length === 3)) return not;
  if (!named && /\p{L}/u.test(word)) return not;
  /** @type {("day" | "month" | "year")[]} */
  const places = iso ? ["year", "month", "day"] : named ? (numbers[0].length === 4 ? ["year", "day"] : ["day", "year"]) : order();
  const typed = { day: "", month: String(named || ""), year: "" };
  places.filter((part) => part !== "year" || numbers.length + Number(named > 0) === 3).forEach((part, k) => (typed[part] = numbers[k]));
  if (typed.year && typed.year.length !== 2 && typed.year.length !== 4) return { date: "", said: `Write the year in four digits, as in ${example}.` };
  const [day, month] = [Number(typed.day), Number(typed.month)];
  let year = Number(typed.year);
  if (typed.year.length === 2) year += 2000;
  const found = dateOf(typed.year ? year : nearestYear(month, day, now, past), month, day);
  if (found) return { date: found, said: "" };
  if (typed.year && (year < 1950 || year >= 2200)) return { date: "", said: `Years go from 1950 to 2199. ${not.said}` };
  return { date: "", said: `There is no such day. ${not.said}` };
}

/**
 * Reads a time as people type it: 10, 10:30, 10.30, 1030, 2 pm.
 * @param {string} text @returns {{time: string | null, said: string}} no time for an empty text
 */
export function readTime(text) {
  const word = text.trim().toLowerCase().replace(/\u202f|\u00a0/g, " ");
  if (!word) return { time: null, said: "" };
  const found = /^(\d{1,2})(?:[:.h]?(\d\d))?\s*(?:h|uhr)?\s*([ap])?\.?\s*(?:m\.?)?$/.exec(word);
  let hour = Number(found?.[1]);
  const minute = Number(found?.[2] ?? 0);
  if (found?.[3] && (hour < 1 || hour > 12)) hour = NaN;
  if (found?.[3]) hour = (hour % 12) + (found[3] === "p" ? 12 : 0);
  if (!(hour < 24 && minute < 60)) return { time: null, said: `Write a time such as ${timeText("14:30")}.` };
  return { time: `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`, said: "" };
}
