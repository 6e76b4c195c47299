// @ts-check
/** Dates as YYYY-MM-DD: local days without a time zone. */

const DAY_MS = 86_400_000;

/** @param {string} text */
export const dayNumber = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);

/** @param {string} text @param {number} days */
export const later = (text, days) => new Date((dayNumber(text) + days) * DAY_MS).toISOString().slice(0, 10);

/** @param {string} from @param {string} to */
export const daysFrom = (from, to) => dayNumber(to) - dayNumber(from);

/** Today where the reader is. @returns {string} */
export function today() {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())).toISOString().slice(0, 10);
}

/** @param {string} text */
export const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

/** @param {string} text @param {boolean} [year] */
export function dateText(text, year = true) {
  const parts = { weekday: "short", day: "numeric", month: "short", ...(year ? { year: "numeric" } : {}), timeZone: "UTC" };
  return new Date(dayNumber(text) * DAY_MS).toLocaleDateString("en-GB", /** @type {Intl.DateTimeFormatOptions} */ (parts)).replace(",", "");
}

/** First days of the months between two days. @param {number} from @param {number} to day numbers */
export function monthsBetween(from, to) {
  const first = new Date(from * DAY_MS);
  /** @type {{day: number, name: string}[]} */
  const found = [];
  for (let k = 0; ; k += 1) {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + k, 1));
    const day = Math.round(month.getTime() / DAY_MS);
    if (day > to) return found;
    if (day >= from) found.push({ day, name: month.toLocaleDateString("en-GB", { month: "short", timeZone: "UTC" }) });
  }
}
