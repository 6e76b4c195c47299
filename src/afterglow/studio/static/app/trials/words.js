// @ts-check
/** What the numbers of a trial say. */
import { numberText } from "../numbers.js";

/** @typedef {import("../shapes").TrialPower} TrialPower */

/** @param {TrialPower["sizes"][number]["assurance"]} e */
export const percentText = (e) => (e.value === null ? "–" : `${Math.round(100 * e.value)} %${e.se === null ? "" : ` ± ${numberText(100 * e.se, 1)}`}`);

/** What the picture says, in a sentence. @param {TrialPower} found */
export function saidOf(found) {
  const wanted = `${Math.round(100 * found.wanted)} %`;
  const last = found.sizes[found.sizes.length - 1];
  const own = found.sizes.find((s) => s.n === found.reached) ?? last;
  const reached = found.reached === null
    ? `No size up to ${last.n} people in the control arm has ${wanted} weighted power; at ${last.n} it is ${percentText(last.assurance)}.`
    : `${own.n} people in the control arm (${own.people} in both) is the smallest size tried with ${wanted} weighted power: ${percentText(own.assurance)}.`;
  const each = found.rivals.map((r) => `${r.label.toLowerCase()} ${percentText(own.power.find((p) => p.rival === r.id) ?? { value: null, se: null })}`);
  return `${reached} There, by explanation: ${each.join(", ")}. After ± stands the Monte-Carlo error.`;
}
