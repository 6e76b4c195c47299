// @ts-check
/** A plan with what was changed by hand: what is when, and the same in days. */
import { daysFrom } from "../dates.js";
import { settled } from "../design.js";
import { edited, EVERY_TASK } from "./address.js";

/** @typedef {import("../shapes").Plan} PlanAnswer */
/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("./address.js").Edits} Edits */

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
    .filter((i) => i.kind !== "dosing" && i.kind !== "practice" && (i.kind !== "group" || i.tasks.length))
    .map((i) => ({
      day: dayOf(i.date),
      kind: /** @type {import("../shapes").PlannedSession["kind"]} */ (i.kind === "group" ? "integration" : i.kind),
      hours: Math.min(12, i.hours ?? usualHours),
      format: i.kind === "group" ? /** @type {const} */ ("group") : i.format,
      tasks: EVERY_TASK,
    }));
  const practice = items.flatMap((i) =>
    i.kind === "practice" && i.until && i.until > i.date
      ? [{ from_day: dayOf(i.date), to_day: dayOf(i.until), hours_per_week: i.hours ?? 3 }] : []);
  return settled({ ...plan.design, arms: [{ ...arm, sessions, practice }] });
}
