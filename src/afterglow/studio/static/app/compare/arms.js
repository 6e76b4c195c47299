// @ts-check
/** How arms are named, drawn and set against each other. */
import { html } from "../html.js";
import { numberText, signed } from "../numbers.js";

/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {import("../shapes").Comparison} Comparison */
/** @typedef {{difference: number, low: number | null, high: number | null}} Bounds */
/** @typedef {Bounds & {day: number, mc_error: number | null, under: ({rival: string} & Bounds)[]}} Pair */

/** Lines of arms: eight that differ without colour. */
const DASHES = ["", "8 4", "3 3", "10 3 2 3", "14 4", "5 2", "2 5", "12 3 2 3 2 3"];

/** @param {number} k */
export const lineOf = (k) => ({ stroke: `var(--arm-${k + 1})`, "stroke-dasharray": DASHES[k] || undefined });
/** @param {number} k */
export const colourOfArm = (k) => `var(--arm-${k + 1})`;

/** @param {{label: string, medicine: string}} arm @param {number} k */
export const nameOf = (arm, k) => arm.label || `${k + 1}: ${arm.medicine === "mdma" ? "MDMA" : arm.medicine === "none" ? "no medicine" : arm.medicine}`;

/** @param {string} text @param {number} most */
export const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** The line of an arm. @param {{k: number}} props */
export function Swatch({ k }) {
  return html`<svg class="swatch" width="22" height="8" aria-hidden="true"><line x1="0" y1="4" x2="22" y2="4" stroke-width="3" ...${lineOf(k)} /></svg>`;
}

/** The same arm without any integration. @param {ArmDesign} arm @returns {ArmDesign} */
export function without(arm) {
  const sessions = arm.sessions.filter((s) => s.day < 0 && s.kind === "preparation");
  return { ...arm, label: "Without integration", sessions, practice: [], community: false, group_integration: false };
}

/** @param {number} day */
export const dayName = (day) => (day >= 7 && day % 7 === 0 ? `week ${day / 7}` : `day ${day}`);

/** @param {Bounds} b @returns {Bounds} */
const turned = (b) => ({ difference: -b.difference, low: b.high === null ? null : -b.high, high: b.low === null ? null : -b.low });

/** One arm minus another on a day; the server gives each pair once. @param {Comparison} found @param {number} arm @param {number} versus @param {number} day @returns {Pair | null} */
export function pairOf(found, arm, versus, day) {
  const [a, b] = [found.arms[arm]?.id, found.arms[versus]?.id];
  const same = found.contrasts.find((c) => c.arm === a && c.versus === b && c.day === day);
  if (same) return same;
  const other = found.contrasts.find((c) => c.arm === b && c.versus === a && c.day === day);
  return other ? { ...other, ...turned(other), under: other.under.map((u) => ({ ...u, ...turned(u) })) } : null;
}

/** Whether an interval leaves zero out. @param {Bounds} b */
export const isClear = ({ low, high }) => low !== null && high !== null && (low > 0 || high < 0);

/** @param {Bounds} b */
export const withBounds = (b) => `${signed(b.difference)}${b.low === null || b.high === null ? "" : ` (${signed(b.low)} to ${signed(b.high)})`}`;

/** A share in percent; a few in a thousand are not none. @param {number} v */
export const percent = (v) => numberText(100 * v, v > 0 && v < 0.01 ? 1 : 0);
