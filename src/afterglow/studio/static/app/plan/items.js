// @ts-check
/** The entries of a plan as they are shown and edited, and how much of them lies in the window. */
import { later } from "../dates.js";

/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").PlanWindow} PlanWindow */
/** @typedef {import("../planned/address.js").Edits} Edits */
/** @typedef {import("../planned/address.js").Change} Change */
/** @typedef {import("../planned/address.js").Person} Person */

export const SHAPES = /** @type {Record<string, string>} */ ({
  preparation: "M-6,0 L4.5,-6 L4.5,6 Z",
  dosing: "M-4.5,-8 H4.5 V2.5 L0,8.5 L-4.5,2.5 Z",
  integration: "M0,-5.8 A5.8,5.8 0 1 1 0,5.8 A5.8,5.8 0 1 1 0,-5.8 Z",
  group: "M-5.2,-5.2 H5.2 V5.2 H-5.2 Z",
  psychotherapy: "M0,-6.8 L6.8,0 L0,6.8 L-6.8,0 Z",
  training: "M0,-6 L6,5 L-6,5 Z",
  education: "M0,6 L6,-5 L-6,-5 Z",
  practice: "M-7,-2.5 H7 V2.5 H-7 Z",
});

/** The title without what stands beside it already. @param {PlanItem} item */
export const titleOf = (item) => (item.kind === "practice" ? "Practice" : item.title);

/** The title without the task at its centre. @param {PlanItem} item */
export const shortTitle = (item) => titleOf(item).split(":")[0];

/**
 * How many integration meetings lie in the open window: in the median virtual person, and in the ends of nine in ten.
 * @param {PlanItem[]} items @param {PlanWindow[]} windows
 */
export function inWindow(items, windows) {
  const meetings = items.filter((i) => i.kind === "integration");
  const within = (/** @type {"date_to" | "date_to_low" | "date_to_high"} */ end) =>
    meetings.filter((i) => windows.some((w) => w.date_from <= i.date && i.date <= w[end])).length;
  return { all: meetings.length, count: within("date_to"), low: within("date_to_low"), high: within("date_to_high") };
}

/** @param {Edits} edits */
export const freshId = (edits) => `own-${1 + Math.max(0, ...edits.added.map((i) => Number(i.id.split("-")[1])))}`;

/** @param {PlanItem[]} items @param {string} first */
export function nextDate(items, first) {
  const meetings = items.filter((i) => i.kind === "integration");
  return meetings.length ? later(meetings[meetings.length - 1].date, 7) : later(first, 1);
}

/**
 * A person whose entry was changed; a dosing that is moved becomes one of the dosing dates, and the plan is laid around it.
 * @param {Person} person @param {PlanItem} item @param {Change} part @param {string[]} dates dosing dates
 * @returns {Person}
 */
export function changedItem(person, item, part, dates) {
  const { edits } = person;
  if (item.kind === "dosing" && part.date) {
    const moved = dates.map((date) => (date === item.date ? part.date ?? date : date)).sort();
    return { ...person, dates: moved, start: moved[0] };
  }
  if (item.id.startsWith("own-")) {
    return { ...person, edits: { ...edits, added: edits.added.map((i) => (i.id === item.id ? { ...i, ...part } : i)) } };
  }
  return { ...person, edits: { ...edits, changed: { ...edits.changed, [item.id]: { ...edits.changed[item.id], ...part } } } };
}

/** Why an entry cannot be on a date; empty where it can. @param {PlanItem} item @param {string} date @param {string[]} dates dosing dates */
export function refusal(item, date, dates) {
  return item.kind === "dosing" && date !== item.date && dates.includes(date) ? "There is a dosing on that day already." : "";
}

/** @param {Person} person @param {PlanItem} item @param {string[]} dates @returns {Person} */
export function without(person, item, dates) {
  const { edits } = person;
  if (item.kind === "dosing") {
    const left = dates.filter((date) => date !== item.date);
    return left.length ? { ...person, dates: left, start: left[0] } : person;
  }
  const { [item.id]: _, ...changed } = edits.changed;
  const own = item.id.startsWith("own-");
  return {
    ...person,
    edits: own ? { ...edits, added: edits.added.filter((i) => i.id !== item.id) } : { ...edits, changed, removed: [...edits.removed, item.id] },
  };
}

/** Dosings that follow no rhythm, one more. @param {Person} person @param {string[]} dates @param {number} gap days @param {number} most @returns {Person} */
export function oneMoreDosing(person, dates, gap, most) {
  if (dates.length >= most) return person;
  return { ...person, dates: [...dates, later(dates[dates.length - 1], Math.max(1, Math.round(gap)))] };
}
