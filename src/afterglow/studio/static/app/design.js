// @ts-check
/** Keeps a design such that it can be simulated: one meeting at a time, and all of it before the last day. */

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").Design} Design */

export const EARLIEST = -180;
export const LATEST = 1095;
const ROOM = 14;
const APART = 0.45;

/** @param {ArmDesign} arm @returns {number[]} */
export const dosingDays = (arm) =>
  arm.medicine === "none" ? [] : Array.from({ length: arm.dosings }, (_, k) => k * arm.every_days);

/**
 * The free day nearest to a wished one, looking first away from where the meeting came from.
 * @param {number} day @param {number[]} taken @param {number} towards 1 or -1
 */
export function freeDay(day, taken, towards = 1) {
  const free = (/** @type {number} */ d) => taken.every((t) => Math.abs(t - d) > APART);
  for (let step = 0; step < 120; step += 1) {
    for (const way of [towards, -towards]) {
      const tried = day + way * step;
      if (tried >= EARLIEST && tried < LATEST && free(tried)) return tried;
    }
  }
  return day;
}

/** @param {ArmDesign} arm @returns {ArmDesign} */
function settledArm(arm) {
  const most = Math.max(1, Math.floor((LATEST - ROOM) / arm.every_days) + 1);
  const kept = arm.dosings > most ? { ...arm, dosings: most } : arm;
  const taken = dosingDays(kept);
  let moved = false;
  const sessions = kept.sessions.map((s) => {
    const day = freeDay(s.day, taken, s.kind === "preparation" ? -1 : 1);
    taken.push(day);
    if (day === s.day) return s;
    moved = true;
    return { ...s, day };
  });
  return moved ? { ...kept, sessions } : kept;
}

/** The last day on which an arm asks for anything. @param {ArmDesign} arm */
export const lastPlanned = (arm) =>
  Math.max(0, ...dosingDays(arm), ...arm.sessions.map((s) => s.day), ...arm.practice.map((p) => p.to_day));

/** @param {Design} design @returns {number} */
export const shortest = (design) =>
  Math.min(LATEST, Math.max(28, 7 * Math.ceil((Math.max(...design.arms.map(lastPlanned)) + 1) / 7)));

/**
 * The design as it can be asked: meetings that fall together are moved to the next free day, the horizon holds all.
 * @param {Design} design @returns {Design}
 */
export function settled(design) {
  const arms = design.arms.map(settledArm);
  const horizon_days = Math.max(design.horizon_days, shortest({ ...design, arms }));
  return { ...design, arms, horizon_days };
}
