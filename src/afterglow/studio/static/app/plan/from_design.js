// @ts-check
/** A design in days laid on dates, day for day, so that what was explored can be planned. */
import { later, ownCountry, today, weekdayOf } from "../dates.js";
import { dosingDays } from "../design.js";
import { freshOwn, madeByHand, MOST_DATES, planAddress } from "./address.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {import("../shapes").Choices} Choices */

const SOONEST_DAYS = 21;
const MOST_PREPARATION = 6;
const MOST_INTEGRATION = 12;
const MOST_PRACTICE_WEEKS = 26;

/** @typedef {{address: string, left: string[], cannot: string}} OnDates a sentence for each thing that a plan does not hold, and why there is none */

/** Why the first arm of a design cannot be laid on dates; empty where it can. @param {Design} design @param {Choices} choices */
function whyNot(design, choices) {
  const arm = design.arms[0];
  const medicine = choices.medicines.find((m) => m.id === arm.medicine);
  if (!medicine?.unit) return "A plan is laid around the dosing days of a medicine.";
  if (arm.route && arm.route !== medicine.ways[0]?.id) return "A plan holds the usual way of giving the medicine.";
  return arm.dosing_days.length > MOST_DATES ? `A plan holds ${MOST_DATES} dosings at most.` : "";
}

/** The first arm of a design as an address of Plan. @param {Design} design @param {Choices} choices @returns {OnDates} */
export function onDates(design, choices) {
  const cannot = whyNot(design, choices);
  if (cannot) return { address: "", left: [], cannot };
  const arm = design.arms[0];
  const dosings = dosingDays(arm).map(Math.floor);
  const rising = (/** @type {string} */ kind) => arm.sessions.filter((s) => s.kind === kind).sort((a, b) => a.day - b.day);
  const [preparation, integration] = [rising("preparation"), rising("integration")];
  const [practice] = arm.practice;
  const start = quietStart([...dosings, ...arm.sessions.map((s) => Math.floor(s.day))]);
  const on = (/** @type {number} */ day) => later(start, Math.floor(day));
  const laid = { preparation: preparation.slice(0, MOST_PREPARATION), integration: integration.slice(0, MOST_INTEGRATION) };
  /** @type {import("./address.js").Edits["changed"]} */
  const changed = {};
  for (const [kind, meetings] of Object.entries(laid)) meetings.forEach((s, k) => (changed[`${kind}-${k + 1}`] = { date: on(s.day), hours: s.hours }));
  const lastDosing = dosings[dosings.length - 1];
  const weeks = practice ? Math.min(MOST_PRACTICE_WEEKS, Math.max(1, Math.ceil((practice.to_day - lastDosing) / 7))) : 0;
  if (practice) changed["practice-1"] = { date: on(practice.from_day), until: on(practice.to_day) };
  const added = integration.slice(MOST_INTEGRATION).map((s, k) => ({ ...madeByHand(`own-${k + 1}`, on(s.day)), hours: s.hours }));
  const rhythm = rhythmThrough(dosings, weekdayOf(start));
  const address = planAddress({
    choice: {
      medicine: arm.medicine, dose: arm.dose, condition: design.condition, start: null,
      preparation: laid.preparation.length, integration: laid.integration.length,
      integration_hours: laid.integration[0]?.hours ?? 1.5,
      practice_hours_per_week: practice?.hours_per_week ?? 0, practice_weeks: weeks,
      group: "none", group_weekday: null, group_start: null, weekday_only: true, country: ownCountry(), region: "",
    },
    rhythm: rhythm ?? { weekdays: [], every_weeks: 1, times: 1 },
    at_once: 1,
    people: [{ own: freshOwn(), code: "", start, dates: rhythm ? null : dosings.map(on), edits: { changed, removed: [], added } }],
    shown: 0,
  });
  return { address, left: leftOut(design, preparation.length), cannot: "" };
}

/** What a plan does not hold of the first arm. @param {Design} design @param {number} preparing */
function leftOut(design, preparing) {
  const arm = design.arms[0];
  const others = arm.sessions.filter((s) => s.kind !== "preparation" && s.kind !== "integration").length;
  return [
    dosingDays(arm).some((day) => day % 1) ? "Half days between dosings are whole days on a calendar." : "",
    others ? `${others === 1 ? "A session is" : `${others} sessions are`} neither preparation nor integration, and left out.` : "",
    preparing > MOST_PREPARATION ? `Of ${preparing} meetings to prepare the first ${MOST_PREPARATION} are laid.` : "",
    arm.practice.length > 1 ? "Of the stretches of practice the first is laid." : "",
    arm.sessions.some((s) => s.format !== "individual") ? "Each meeting is laid as one between two people." : "",
    arm.group_size > 1 ? "The group is chosen here anew." : "",
    design.ssri ? "The SSRI is left out: what is taken goes into no plan's address." : "",
  ].filter(Boolean);
}

/** The first working day three weeks from now on which the fewest things fall on a weekend. @param {number[]} days */
function quietStart(days) {
  const tried = Array.from({ length: 7 }, (_, k) => later(today(), SOONEST_DAYS + k)).filter((date) => weekdayOf(date) < 5);
  const ends = tried.map((date) => days.filter((day) => weekdayOf(later(date, day)) > 4).length);
  return tried[ends.indexOf(Math.min(...ends))];
}

/**
 * Dosings as a rhythm of weeks, or of two weekdays; null where they follow none.
 * @param {number[]} days whole @param {number} weekday of the first @returns {import("./address.js").Rhythm | null}
 */
function rhythmThrough(days, weekday) {
  const times = days.length;
  if (times === 1) return { weekdays: [], every_weeks: 1, times };
  const [, gap] = days;
  if (gap % 7 === 0 && days.every((day, k) => day === k * gap)) return { weekdays: [], every_weeks: gap / 7, times };
  const twice = gap < 7 && weekday + gap < 7 && days.every((day, k) => day === 7 * Math.floor(k / 2) + (k % 2 ? gap : 0));
  return twice ? { weekdays: [weekday, weekday + gap], every_weeks: 1, times } : null;
}
