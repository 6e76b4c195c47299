// @ts-check
/** The entries of a plan as they were edited: what is when, how much of it lies in the window, and the plan in days. */
import { daysFrom, later } from "../dates.js";
import { settled } from "../design.js";
import { edited, MOST_DATES } from "./address.js";

/** @typedef {import("../shapes").Plan} PlanAnswer */
/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").PlanWindow} PlanWindow */
/** @typedef {import("./address.js").Edits} Edits */
/** @typedef {import("./address.js").Change} Change */
/** @typedef {import("./address.js").Person} Person */

export const SHAPES = /** @type {Record<string, string>} */ ({
  preparation: "M-6,0 L4.5,-6 L4.5,6 Z",
  dosing: "M-4.5,-8 H4.5 V2.5 L0,8.5 L-4.5,2.5 Z",
  integration: "M0,-5.8 A5.8,5.8 0 1 1 0,5.8 A5.8,5.8 0 1 1 0,-5.8 Z",
  group: "M-5.2,-5.2 H5.2 V5.2 H-5.2 Z",
  practice: "M-7,-2.5 H7 V2.5 H-7 Z",
});
export const KINDS = /** @type {Record<string, string>} */ ({
  preparation: "Preparation", dosing: "Dosing", integration: "Integration", group: "Group", practice: "Practice",
});
/** Routes by which a medicine runs in over a time, so that a dosing is called an infusion. */
const INFUSED = ["iv"];

/**
 * @param {PlanAnswer} plan @param {Edits} edits @param {string} route @param {{start: string | null, group_start: string | null}} times the common ones
 * @returns {PlanItem[]} by date and time
 */
export function itemsOf(plan, edits, route, { start, group_start }) {
  const timed = (/** @type {PlanItem} */ item) =>
    item.kind === "practice" ? item : { ...item, start: item.start ?? (item.kind === "group" ? group_start ?? start : start) };
  const open = (/** @type {string} */ date) => plan.windows.some((w) => w.date_from <= date && date <= w.date_to);
  const first = plan.dates[0];
  const laid = plan.items
    .filter((item) => !edits.removed.includes(item.id))
    .map((item) => ({ ...item, ...edits.changed[item.id] }))
    .map((item) => (item.until && item.until < item.date ? { ...item, until: item.date } : item))
    .map((item) => (item.kind === "dosing" && INFUSED.includes(route) ? { ...item, title: item.title.replace("Dosing day", "Infusion") } : item));
  const all = [...laid, ...edits.added.map(timed)].map((item) => ({ ...item, day: daysFrom(first, item.date), in_window: open(item.date) }));
  return all.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : (a.start ?? "").localeCompare(b.start ?? "")));
}

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

/** Dosings that follow no rhythm, one more. @param {Person} person @param {string[]} dates @param {number} gap days @returns {Person} */
export function oneMoreDosing(person, dates, gap) {
  if (dates.length >= MOST_DATES) return person;
  return { ...person, dates: [...dates, later(dates[dates.length - 1], Math.max(1, Math.round(gap)))] };
}

/**
 * The plan in days, with what was changed by hand; as on the server, every meeting works on all three tasks.
 * @param {PlanAnswer} plan @param {PlanItem[]} items @param {Edits} edits @param {number} usualHours
 * @returns {import("../shapes").Design}
 */
export function designOf(plan, items, edits, usualHours) {
  if (!edited(edits)) return plan.design;
  const arm = plan.design.arms[0];
  const dayOf = (/** @type {string} */ date) => daysFrom(plan.dates[0], date);
  const sessions = items
    .filter((i) => i.kind === "preparation" || i.kind === "integration" || (i.kind === "group" && i.tasks.length))
    .map((i) => ({
      day: dayOf(i.date),
      kind: /** @type {"preparation" | "integration"} */ (i.kind === "preparation" ? "preparation" : "integration"),
      hours: Math.min(12, i.hours ?? usualHours),
      format: /** @type {"group" | "individual"} */ (i.kind === "group" ? "group" : "individual"),
      tasks: /** @type {PlanItem["tasks"]} */ (["insights", "steps", "practice"]),
    }));
  const practice = items.flatMap((i) =>
    i.kind === "practice" && i.until && i.until > i.date
      ? [{ from_day: dayOf(i.date), to_day: dayOf(i.until), hours_per_week: i.hours ?? 3 }] : []);
  return settled({ ...plan.design, arms: [{ ...arm, sessions, practice }] });
}
