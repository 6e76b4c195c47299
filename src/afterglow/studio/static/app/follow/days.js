// @ts-check
/** Days of one person: a number, and its date in the reader's language where day 0 has one. */
import { later } from "../dates.js";
import { dayText } from "../numbers.js";

const LANGUAGE = typeof navigator === "undefined" ? "en" : navigator.language || "en";

/** @param {string | null} start @param {number} day @param {boolean} [year] */
export function dateOf(start, day, year = false) {
  if (!start) return "";
  const parts = /** @type {Intl.DateTimeFormatOptions} */ ({ day: "numeric", month: "short", ...(year ? { year: "numeric" } : {}), timeZone: "UTC" });
  return new Date(`${later(start, Math.round(day))}T00:00:00Z`).toLocaleDateString(LANGUAGE, parts);
}

/** @param {string | null} start @param {number} day */
export const dayWords = (start, day) => `day ${dayText(day)}${start ? `, ${dateOf(start, day, true)}` : ""}`;
