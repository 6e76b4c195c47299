// @ts-check
/** Days of one person: a number, and its date in the reader's language where day 0 has one. */
import { later, readDate, shortDate } from "../dates.js";
import { dayText } from "../numbers.js";

/** @param {string | null} start @param {number} day @param {boolean} [year] */
export const dateOf = (start, day, year = false) => (start ? shortDate(later(start, Math.round(day)), year) : "");

/** @param {string | null} start @param {number} day */
export const dayWords = (start, day) => `day ${dayText(day)}${start ? `, ${dateOf(start, day, true)}` : ""}`;

/** Dates in digits whose order is that of the language: 3/5/2026 is in March or in May. */
const ORDERED = /^(\d{1,2})([/-])(\d{1,2})\2(\d{2,4})$/;

/**
 * Lines with the dates that the reader's language orders written as everybody reads them. A list that holds one which
 * can only be read in the other order comes from elsewhere: it stays as it is, for the server to find out.
 * @template {{when: string}} L
 * @param {L[]} lines @returns {L[]}
 */
export function inOwnOrder(lines) {
  const read = (/** @type {string} */ when) => (ORDERED.test(when) ? readDate(when).date : "");
  const turned = (/** @type {string} */ when) => read(when.replace(ORDERED, "$3$2$1$2$4"));
  if (lines.some(({ when }) => !read(when.trim()) && turned(when.trim()))) return lines;
  return lines.map((line) => ({ ...line, when: read(line.when.trim()) || line.when }));
}
