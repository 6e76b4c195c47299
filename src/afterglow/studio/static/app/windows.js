// @ts-check
/** When windows are open: the days of the median person, and how to say them. */

/** @typedef {import("./chart.js").Span} Span */

/** Open spans of the median person, those that meet joined. @param {import("./shapes").ArmCourse} arm @param {number} last */
export function openDays(arm, last) {
  /** @type {Span[]} */
  const found = [];
  for (const w of arm.windows) {
    if (w.opens === null) continue;
    const to = w.closes ?? last;
    const before = found[found.length - 1];
    if (before && w.opens <= before.to) before.to = Math.max(before.to, to);
    else found.push({ from: w.opens, to });
  }
  return found;
}

/** The closing of the last window, as people differ in it. @param {import("./shapes").ArmCourse} arm */
export function lastClosing(arm) {
  const open = arm.windows.filter((w) => w.opens !== null && w.closes !== null);
  return open.length ? open[open.length - 1] : null;
}
