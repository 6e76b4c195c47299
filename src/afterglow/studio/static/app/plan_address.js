// @ts-check
/** A plan's choices and what was changed by hand as an address, and back. Health words are never in it. */
import { isDate, later, today } from "./dates.js";

/** @typedef {import("./shapes").PlanRequest} PlanRequest */
/** @typedef {import("./shapes").PlanItem} PlanItem */
/** @typedef {{date?: string, start?: string | null, hours?: number | null, until?: string | null}} Change */
/** @typedef {{changed: Record<string, Change>, removed: string[], added: PlanItem[]}} Edits what was changed by hand */

/** @type {Edits} */
export const NO_EDITS = { changed: {}, removed: [], added: [] };

/** @param {Edits} edits */
export const edited = (edits) => Object.keys(edits.changed).length + edits.removed.length + edits.added.length > 0;

/** @param {string} id @param {string} date @returns {PlanItem} */
export const madeByHand = (id, date) => ({
  id, kind: "integration", date, until: null, day: 0, start: null, hours: 1.5, tasks: ["insights", "steps", "practice"],
  title: "Integration, added by hand", why: "", sources: [], in_window: false,
});

/** @param {string} search @returns {PlanRequest} what the address says, the rest as usual */
export function requestOf(search) {
  const q = new URLSearchParams(search);
  const number = (/** @type {string} */ key, /** @type {number} */ usual) =>
    q.get(key) && Number.isFinite(Number(q.get(key))) ? Number(q.get(key)) : usual;
  const dates = (q.get("dates") ?? "").split(",").filter(isDate);
  return {
    medicine: q.get("medicine") ?? "psilocybin",
    dose: number("dose", 25),
    condition: q.get("for") ?? "treatment_resistant_depression",
    dates: dates.length ? dates : [later(today(), 21)],
    preparation: number("preparation", 3),
    integration: number("integration", 6),
    integration_hours: number("hours", 1.5),
    practice_hours_per_week: number("practice", 3),
    practice_weeks: number("weeks", 8),
    group: q.get("group") ?? "none",
    weekday_only: q.get("weekdays") !== "0",
  };
}

/** Which plan this is: its entries keep their names in a calendar, and no other plan has them. @param {string} search */
export function planOf(search) {
  const found = new URLSearchParams(search).get("plan") ?? "";
  if (/^[0-9a-f]{16}$/.test(found)) return found;
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Change} change */
const changeText = (change) =>
  `${change.date ?? ""}${change.start === undefined ? "" : `@${change.start ?? ""}`}${change.hours === undefined ? "" : `h${change.hours ?? ""}`}` +
  `${change.until ? `to${change.until}` : ""}`;

/** @param {string} text @returns {Change | null} */
function changeOf(text) {
  const found = /^(\d{4}-\d\d-\d\d)?(?:@((?:[01]\d|2[0-3]):[0-5]\d)?)?(?:h([\d.]+)?)?(?:to(\d{4}-\d\d-\d\d))?$/.exec(text);
  if (!found) return null;
  /** @type {Change} */
  const change = {};
  if (found[1] && isDate(found[1])) change.date = found[1];
  if (text.includes("@")) change.start = found[2] ?? null;
  if (text.includes("h")) change.hours = Number(found[3]) > 0 ? Number(found[3]) : null;
  if (found[4] && isDate(found[4])) change.until = found[4];
  return change;
}

/** @param {string} search @returns {Edits} */
export function editsOf(search) {
  const q = new URLSearchParams(search);
  /** @type {Record<string, Change>} */
  const changed = {};
  for (const line of q.getAll("set")) {
    const [id, text = ""] = line.split("~");
    const change = changeOf(text);
    if (change && /^[a-z]+-\d+$/.test(id)) changed[id] = change;
  }
  const added = q.getAll("add").flatMap((line, k) => {
    const [, id = `own-${k + 1}`, text] = /^(?:(own-\d+)~)?(.*)$/.exec(line) ?? [];
    const change = changeOf(text ?? "");
    return change?.date ? [{ ...madeByHand(id, change.date), ...change, date: change.date }] : [];
  });
  return { changed, removed: (q.get("drop") ?? "").split(",").filter((id) => /^[a-z]+-\d+$/.test(id)), added };
}

/** @param {PlanRequest} asked @param {Edits} edits @param {string} own */
export function planAddress(asked, edits, own) {
  const q = new URLSearchParams({
    medicine: asked.medicine,
    dose: String(asked.dose),
    for: asked.condition,
    dates: asked.dates.join(","),
    preparation: String(asked.preparation),
    integration: String(asked.integration),
    hours: String(asked.integration_hours),
    practice: String(asked.practice_hours_per_week),
    weeks: String(asked.practice_weeks),
  });
  if (asked.group !== "none") q.set("group", asked.group);
  if (!asked.weekday_only) q.set("weekdays", "0");
  for (const [id, change] of Object.entries(edits.changed)) q.append("set", `${id}~${changeText(change)}`);
  if (edits.removed.length) q.set("drop", edits.removed.join(","));
  for (const item of edits.added) q.append("add", `${item.id}~${changeText({ date: item.date, start: item.start, hours: item.hours })}`);
  q.set("plan", own);
  return q.toString().replaceAll("%2C", ",").replaceAll("%7E", "~").replaceAll("%3A", ":").replaceAll("%40", "@");
}
