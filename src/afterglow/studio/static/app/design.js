// @ts-check
/** Keeps a design such that it can be simulated: all of it before the last day, and the last day not too far. */

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").Design} Design */

export const EARLIEST = -180;
export const LATEST = 1095;
const ROOM = 14;

/** @param {ArmDesign} arm @returns {number[]} */
export const dosingDays = (arm) => (arm.medicine === "none" ? [] : arm.dosing_days);

/** The first day on which a meeting of a kind makes sense: there is nothing to integrate before the first dosing. @param {ArmDesign} arm @param {string} kind */
export const earliestOf = (arm, kind) => (kind === "integration" && dosingDays(arm).length ? 0 : EARLIEST);

/** @param {number} count @param {number} every @returns {number[]} */
export const evenly = (count, every) => Array.from({ length: count }, (_, k) => k * every);

/** Days from one dosing to the next where they are all alike; else null. @param {number[]} days @returns {number | null} */
export function everyDays(days) {
  const gap = days.length > 1 ? days[1] : 0;
  return days.length > 1 && days.every((day, k) => Math.abs(day - k * gap) < 1e-6) ? gap : null;
}

/** So many dosings: the last ones go, new ones follow at the last distance. @param {number[]} days @param {number} count @param {number} usual */
export function withDosings(days, count, usual) {
  const gap = days.length > 1 ? days[days.length - 1] - days[days.length - 2] : usual;
  const more = Math.max(0, count - days.length);
  return [...days.slice(0, count), ...Array.from({ length: more }, (_, k) => days[days.length - 1] + (k + 1) * gap)];
}

/** One dosing moved, held a day off its neighbours; the first stays on day 0. @param {number[]} days @param {number} k @param {number} by */
export function withDosingMoved(days, k, by) {
  const high = (days[k + 1] ?? LATEST - ROOM + 1) - 1;
  return days.map((day, j) => (j === k && k > 0 ? Math.min(Math.max(day + by, days[k - 1] + 1), high) : day));
}

/** The first day from a wished one on which nothing else is planned. @param {ArmDesign} arm @param {number} day */
export function freeDay(arm, day) {
  const taken = [...dosingDays(arm), ...arm.sessions.map((s) => s.day)];
  let tried = day;
  while (taken.some((t) => Math.abs(t - tried) < 0.5) && tried < LATEST - 1) tried += 1;
  return tried;
}

/** @param {ArmDesign} arm @returns {ArmDesign} */
function settledArm(arm) {
  const dosing_days = arm.dosing_days.filter((day) => day <= LATEST - ROOM);
  return dosing_days.length < arm.dosing_days.length ? { ...arm, dosing_days } : arm;
}

/** The last day on which an arm asks for anything. @param {ArmDesign} arm */
const lastPlanned = (arm) =>
  Math.max(0, ...dosingDays(arm), ...arm.sessions.map((s) => s.day), ...arm.practice.map((p) => p.to_day));

/** The fewest days that a design can be followed. @param {Design} design @returns {number} */
export const shortest = (design) =>
  Math.min(LATEST, Math.max(28, 7 * Math.ceil((Math.max(...design.arms.map(lastPlanned)) + 1) / 7)));

/**
 * The design as it can be asked. What was wished is kept beside it, so that moving a meeting out and back, or spacing
 * dosings wider and narrower, leaves the days followed as they were.
 * @param {Design} design @returns {Design}
 */
export function settled(design) {
  const arms = design.arms.map(settledArm);
  const horizon_days = Math.max(design.horizon_days, shortest({ ...design, arms }));
  return { ...design, arms, horizon_days };
}
