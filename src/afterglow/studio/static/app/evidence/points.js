// @ts-check
/** Published points of one study against the bands foretold from the other studies, visit by visit. */
import { tidy } from "../numbers.js";
import { html, useRef, useWidth } from "../html.js";

/** @typedef {import("../shapes").StudyRow} StudyRow */
/** @typedef {import("../shapes").StudyDetail} StudyDetail */
/** @typedef {StudyRow & {published: number, prediction: import("../shapes").Prediction}} Foretold */

const HEIGHT = 190;
const [LEFT, TOP, BOTTOM] = [40, 10, 24];
const KINDS = /** @type {Record<string, string>} */ ({
  mean: "mean score",
  change: "change from baseline",
  difference: "difference between arms",
  response: "share that responds",
  remission: "share in remission",
  relapse: "share that relapses",
  effect_size: "effect size",
});
const MARKS = [
  "M0,-4.5 A4.5,4.5 0 1 1 0,4.5 A4.5,4.5 0 1 1 0,-4.5 Z",
  "M-4,-4 H4 V4 H-4 Z",
  "M0,-5 L5,4 L-5,4 Z",
  "M0,-5.5 L5.5,0 L0,5.5 L-5.5,0 Z",
];

/** @param {{found: StudyDetail}} props */
export function Points({ found }) {
  const foretold = /** @type {Foretold[]} */ (found.rows.filter((r) => r.prediction !== null && r.published !== null));
  if (!foretold.length) return null;
  /** @type {Map<string, Foretold[]>} */
  const panels = new Map();
  for (const row of foretold) {
    const key = `${row.scale}: ${KINDS[row.kind] ?? row.kind.replaceAll("_", " ")}${row.unit === "share" ? ", %" : row.unit ? `, ${row.unit}` : ""}`;
    panels.set(key, [...(panels.get(key) ?? []), row]);
  }
  const arms = [...new Set(foretold.map(armKey))];
  return html`<ul class="legend roomy">
      ${arms.map((key, k) => html`<li><svg width="14" height="12" aria-hidden="true"><path transform="translate(7,6)" d=${MARKS[k % 4]} fill=${ink(k)} /></svg>${armName(key, found)}</li>`)}
      <li><svg width="10" height="16" aria-hidden="true"><rect x="2" width="6" height="16" rx="2" fill="var(--muted)" opacity="0.35" /><path d="M0,8 h10" stroke="var(--muted)" stroke-width="2" /></svg>foretold, 90 %</li>
      <li><svg width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="7" fill="none" stroke="var(--warn-line)" stroke-width="2" /></svg>published, outside</li>
    </ul>
    ${[...panels.entries()].map(([title, rows]) => html`<${Panel} key=${title} title=${title} rows=${rows} arms=${arms} found=${found} />`)}`;
}

/** Round values for an axis. @param {number} low @param {number} high */
function roundValues(low, high) {
  const size = 10 ** Math.floor(Math.log10((high - low || 1) / 3));
  const step = size * ([1, 2, 5, 10].find((k) => (high - low) / (k * size) <= 4) ?? 10);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9; k += 1) found.push(k * step);
  return found;
}

/** @param {StudyRow} row */
const armKey = (row) => `${row.arm}|${row.versus}`;

/** @param {string} key @param {StudyDetail} found */
function armName(key, found) {
  const [arm, versus] = key.split("|").map((id) => found.study.arms.find((a) => a.id === id)?.label || id.replaceAll("_", " "));
  return versus ? `${arm} minus ${versus}` : arm || "all";
}

/** @param {number} k */
const ink = (k) => `var(--arm-${(k % 4) + 1})`;

/** @param {{title: string, rows: Foretold[], arms: string[], found: StudyDetail}} props */
function Panel({ title, rows, arms, found }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const width = useWidth(() => place.current, 520);
  const own = arms.filter((key) => rows.some((r) => armKey(r) === key));
  const days = [...new Set(rows.map((r) => r.day ?? 0))].sort((a, b) => a - b);
  const times = rows[0].unit === "share" ? 100 : 1;
  const values = rows.flatMap((r) => [r.published, r.prediction.low, r.prediction.high]);
  const [low, high] = [Math.min(...values, rows[0].unit === "share" ? 0 : Infinity), Math.max(...values)];
  const y = (/** @type {number} */ v) => TOP + (1 - (v - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const column = (width - LEFT) / days.length;
  const apart = Math.min(18, (0.8 * column) / own.length);
  const x = (/** @type {StudyRow} */ r) =>
    LEFT + (days.indexOf(r.day ?? 0) + 0.5) * column + (own.indexOf(armKey(r)) - (own.length - 1) / 2) * apart;
  const shown = (/** @type {number} */ v) => tidy(Math.round(1000 * v * times) / 1000);
  const inside = rows.filter((r) => r.prediction.inside).length;
  const said = `${inside} of ${rows.length} published points lie inside the 90 % band foretold from the other studies.`;
  const lines = roundValues(low * times, high * times).map((v) => v / times);
  return html`<figure class="chart" ref=${place}>
    <figcaption><h3>${title}</h3></figcaption>
    <svg viewBox=${`0 0 ${width} ${HEIGHT}`} width="100%" role="img" aria-label=${`${title}. ${said}`} class="points">
      ${lines.map((v) => html`<line x1=${LEFT} x2=${width} y1=${y(v)} y2=${y(v)} class="rule" /><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${tidy(Math.round(v * times * 100) / 100)}</text>`)}
      ${low < 0 && high > 0 && html`<line x1=${LEFT} x2=${width} y1=${y(0)} y2=${y(0)} class="zero" />`}
      ${days.map((day, k) => html`<text x=${LEFT + (k + 0.5) * column} y=${HEIGHT - 6} text-anchor="middle">${k || days.length > 8 ? "" : "day "}${tidy(day)}</text>`)}
      ${rows.map((r) => {
        const k = arms.indexOf(armKey(r));
        const { predicted, low: bottom, high: top } = r.prediction;
        return html`<g><title>${r.what}, ${armName(armKey(r), found)}: published ${shown(r.published)}, foretold ${shown(predicted)} (${shown(bottom)} to ${shown(top)})</title>
          <rect x=${x(r) - 3} width="6" y=${y(top)} height=${Math.max(1, y(bottom) - y(top))} rx="2" fill=${ink(k)} opacity="0.28" />
          <line x1=${x(r) - 5} x2=${x(r) + 5} y1=${y(predicted)} y2=${y(predicted)} stroke=${ink(k)} stroke-width="2" />
          <path transform=${`translate(${x(r)},${y(r.published)})`} d=${MARKS[k % 4]} fill=${ink(k)} stroke="var(--surface)" stroke-width="1" />
          ${!r.prediction.inside && html`<circle cx=${x(r)} cy=${y(r.published)} r="8" fill="none" stroke="var(--warn-line)" stroke-width="2" />`}
        </g>`;
      })}
    </svg>
    <p class="source">${said}</p>
  </figure>`;
}
