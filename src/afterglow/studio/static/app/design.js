// @ts-check
/** Keeps a design such that it can be simulated: all of it before the last day, and the last day not too far. */

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").Design} Design */

export const EARLIEST = -180;
export const LATEST = 1095;
const ROOM = 14;

/** @param {ArmDesign} arm @returns {number[]} */
export const dosingDays = (arm) =>
  arm.medicine === "none" ? [] : Array.from({ length: arm.dosings }, (_, k) => k * arm.every_days);

/** The first day from a wished one on which nothing else is planned. @param {ArmDesign} arm @param {number} day */
export function freeDay(arm, day) {
  const taken = [...dosingDays(arm), ...arm.sessions.map((s) => s.day)];
  let tried = day;
  while (taken.some((t) => Math.abs(t - tried) < 0.5) && tried < LATEST - 1) tried += 1;
  return tried;
}

/** @param {ArmDesign} arm @returns {ArmDesign} */
function settledArm(arm) {
  const most = Math.max(1, Math.floor((LATEST - ROOM) / arm.every_days) + 1);
  return arm.dosings > most ? { ...arm, dosings: most } : arm;
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
