// @ts-check
/** A design in days laid on dates, day for day, so that what was explored can be planned. */
import { later, ownCountry, today, weekdayOf } from "../dates.js";
import { dosingDays } from "../design.js";
import { freshOwn, madeByHand, planAddress } from "./address.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {import("../shapes").Choices} Choices */

const SOONEST_DAYS = 21;

/** @typedef {{address: string, left: string[], cannot: string}} OnDates a sentence for each thing that a plan does not hold, and why there is none */

/** Why the first arm of a design cannot be laid on dates; empty where it can. @param {Design} design @param {Choices} choices */
function whyNot(design, choices) {
  const arm = design.arms[0];
  const medicine = choices.medicines.find((m) => m.id === arm.medicine);
  if (!medicine?.unit) return "A plan is laid around the dosing days of a medicine.";
  if (arm.route && arm.route !== medicine.ways[0]?.id) return "A plan holds the usual way of giving the medicine.";
  const { dosings } = choices.plan_limits;
  return arm.dosing_days.length > dosings ? `A plan holds ${dosings} dosings at most.` : "";
}

/** The first arm of a design as an address of Plan. @param {Design} design @param {Choices} choices @returns {OnDates} */
export function onDates(design, choices) {
  const cannot = whyNot(design, choices);
  if (cannot) return { address: "", left: [], cannot };
  const arm = design.arms[0];
  const most = choices.plan_limits;
  const dosings = dosingDays(arm).map(Math.floor);
  const sessions = [...arm.sessions].sort((a, b) => a.day - b.day);
  const usual = (/** @type {string} */ kind) => sessions.filter((s) => s.kind === kind && s.format === "individual");
  const [preparation, integration] = [usual("preparation"), usual("integration")];
  const together = sessions.filter((s) => s.kind === "integration" && s.format === "group" && arm.group_size > 1);
  const [practice, ...stretches] = arm.practice;
  const start = quietStart([...dosings, ...arm.sessions.map((s) => Math.floor(s.day))]);
  const on = (/** @type {number} */ day) => later(start, Math.floor(day));
  const laid = { preparation: preparation.slice(0, most.preparation), integration: integration.slice(0, most.integration) };
  /** @type {import("./address.js").Edits["changed"]} */
  const changed = {};
  for (const [kind, meetings] of Object.entries(laid)) meetings.forEach((s, k) => (changed[`${kind}-${k + 1}`] = { date: on(s.day), hours: s.hours }));
  const lastDosing = dosings[dosings.length - 1];
  const weeks = practice ? Math.min(most.practice_weeks, Math.max(1, Math.ceil((practice.to_day - lastDosing) / 7))) : 0;
  if (practice) changed["practice-1"] = { date: on(practice.from_day), until: on(practice.to_day) };
  const unlaid = sessions.filter((s) => !laid.preparation.includes(s) && !laid.integration.includes(s));
  const added = [
    ...unlaid.map((s) => ({ date: on(s.day), more: together.includes(s) ? { hours: s.hours, kind: /** @type {const} */ ("group") } : { hours: s.hours, kind: s.kind, format: s.format } })),
    ...stretches.map((p) => ({ date: on(p.from_day), more: { until: on(p.to_day), hours: p.hours_per_week, kind: /** @type {const} */ ("practice") } })),
  ].map(({ date, more }, k) => madeByHand(`own-${k + 1}`, date, more));
  const group = arm.community && arm.group_size > 1 ? "community" : together.length ? "integration" : "none";
  // The group meets when it was said to meet, and not when a plan would lay it.
  const removed = group === "integration" ? Array.from({ length: most.group_meetings * dosings.length }, (_, k) => `group-${k + 1}`) : [];
  const rhythm = rhythmThrough(dosings, weekdayOf(start));
  const address = planAddress({
    choice: {
      medicine: arm.medicine, dose: arm.dose, condition: design.condition, start: null,
      preparation: laid.preparation.length, integration: laid.integration.length,
      integration_hours: laid.integration[0]?.hours ?? 1.5,
      practice_hours_per_week: practice?.hours_per_week ?? 0, practice_weeks: weeks,
      group, group_weekday: null, group_start: null, group_size: group === "none" ? most.usual_group_size : arm.group_size, weekday_only: true, country: ownCountry(), region: "",
    },
    rhythm: rhythm ?? { weekdays: [], every_weeks: 1, times: 1 },
    at_once: 1,
    people: [{ own: freshOwn(), code: "", start, dates: rhythm ? null : dosings.map(on), edits: { changed, removed, added } }],
    shown: 0,
  });
  return { address, left: leftOut(design), cannot: "" };
}

/** What a plan does not hold of the first arm. @param {Design} design */
function leftOut(design) {
  const arm = design.arms[0];
  const alone = arm.group_size > 1 ? [arm.group_dosing && "dosing", arm.group_integration && "integration"].filter(Boolean) : [];
  const days = [...dosingDays(arm), ...arm.sessions.map((s) => s.day), ...arm.practice.flatMap((p) => [p.from_day, p.to_day])];
  return [
    days.some((day) => day % 1) ? "Half days are whole days on a calendar." : "",
    arm.sessions.some((s) => s.kind === "integration" && s.tasks.length < 3) ? "Each meeting of integration works on all three tasks." : "",
    alone.length ? `The group's ${alone.join(" and ")} together ${alone.length > 1 ? "are" : "is"} laid as each person's own.` : "",
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
