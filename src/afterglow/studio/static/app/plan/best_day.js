// @ts-check
/** What one more meeting on each day would add: a strip of days with intervals, and each explanation for the day chosen. */
import { useBack } from "../api.js";
import { useSettled } from "../asking.js";
import { dateText, later } from "../dates.js";
import { html, useRef, useState, useWidth } from "../html.js";
import { numberText } from "../numbers.js";

/** @typedef {import("../shapes").BestDay} Found */
/** @typedef {import("../shapes").Design} Design */

const [TOP, LOW, LEFT] = [14, 34, 44];
/** @param {number} value */
const points = (value) => {
  const text = numberText(value, 2);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};
/** @param {{low: number | null, high: number | null}} of */
const interval = ({ low, high }) => (low === null || high === null ? "no interval" : `90 % interval ${points(low)} to ${points(high)}`);

/** Pixels of a date beneath the days. */
const DATE = 112;

/** `ready`: the plans are laid, so that nobody waits for them behind this. @param {{design: Design, hours: number, first: string, ready: boolean, onAdd: (date: string) => void}} props */
export function BestDays({ design, hours, first, ready, onAdd }) {
  const back = useBack();
  const asked = { design, hours };
  const { found, busy, error, fresh } = useSettled(/** @type {any} */ (asked), "/api/plan/best-day", "best-day", { when: ready, tries: back });
  const strip = /** @type {Found | null} */ (found);
  // The best day is looked at until another is chosen.
  const [looked, setLooked] = useState({ of: strip, at: 0 });
  const at = looked.of === strip ? looked.at : Math.max(0, strip?.days.findIndex((d) => d.day === strip.best) ?? 0);
  const setAt = (/** @type {number} */ to) => setLooked({ of: strip, at: to });
  const day = strip?.days[Math.min(at, strip.days.length - 1)];
  const best = strip?.days.find((d) => d.day === strip.best);
  const alike = strip?.days.filter((d) => d.alike).length ?? 0;
  const name = (/** @type {number} */ of) => dateText(later(first, of), false);
  return html`<section class="card best no-print" data-testid="best-day" aria-label="Best days for one more meeting" aria-busy=${busy || !fresh}>
    <h2>One more meeting: which day?</h2>
    ${error && html`<p class="warn" role="alert">${error}</p>`}
    ${!strip && !error && html`<p>Each day is tried.</p>`}
    ${strip && best && day &&
    html`<div class=${`answer ${fresh ? "" : "pending"}`}>
        <p class="big">${points(best.points)}</p>
        <div><p class="what">${strip.scale} points on day ${numberText(strip.on_day, 0)}, by ${numberText(strip.hours, 1)} h more on ${name(best.day)}</p>
          <p class="range">${interval(best)}</p>
          <p class="verdict">${strip.tells
            ? alike > 1 ? `${alike} days cannot be told from it.` : "By these people and draws the other days add less."
            : `The model cannot tell whether one more meeting adds anything${alike > 1 ? `; ${alike} days are alike` : ""}.`}</p></div>
      </div>
      <${Picture} strip=${strip} at=${at} onAt=${setAt} name=${name} stale=${!fresh} />
      <label>Day looked at: ${name(day.day)}
        <input type="range" min="0" max=${strip.days.length - 1} value=${at} aria-valuetext=${`${name(day.day)}: ${points(day.points)}, ${interval(day)}`}
          onInput=${(/** @type {any} */ e) => setAt(Number(e.currentTarget.value))} /></label>
      <p><strong>${points(day.points)}</strong>, ${interval(day)}.${day.rivals.length > 0 && html` If one explanation holds: ${day.rivals.map(
        (r, k) => html`${k ? "; " : ""}${r.label} (weight ${Math.round(100 * r.weight)} %) ${points(r.points)}`)}.`}</p>
      <div class="buttons"><button type="button" onClick=${() => onAdd(later(first, Math.round(day.day)))}>Add a meeting on ${name(day.day)}</button></div>
      <details class="numbers"><summary>Numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="What one more meeting adds, by day"><table>
        <thead><tr><th scope="col">Day</th><th scope="col">Points</th><th scope="col">90 % interval</th>${day.rivals.map((r) => html`<th scope="col">${r.label}</th>`)}</tr></thead>
        <tbody>${strip.days.map((d) => html`<tr><th scope="row">${name(d.day)}</th><td>${points(d.points)}</td><td>${d.low === null || d.high === null ? "–" : `${points(d.low)} to ${points(d.high)}`}</td>
          ${d.rivals.map((r) => html`<td>${points(r.points)}</td>`)}</tr>`)}</tbody></table></div></details>
      <p class="source">Below zero the score is lower with it. The same people and draws on every day; <code>afterglow best-day</code> tells the same.</p>`}
  </section>`;
}

/** @param {{strip: Found, at: number, onAt: (at: number) => void, name: (day: number) => string, stale: boolean}} props */
function Picture({ strip, at, onAt, name, stale }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 480);
  const height = 178;
  const { days } = strip;
  const bottom = Math.min(...days.map((d) => Math.min(d.points, d.low ?? 0)), 0);
  const top = Math.max(...days.map((d) => Math.max(d.points, d.high ?? 0)), 0);
  const span = Math.max(top - bottom, 0.1);
  const y = (/** @type {number} */ v) => TOP + ((top - v) / span) * (height - TOP - LOW);
  // Days stand side by side, for the first weeks are daily and the later ones weekly.
  const x = (/** @type {number} */ k) => LEFT + ((k + 0.5) / days.length) * (width - LEFT - 4);
  const step = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10].find((s) => span / s <= 4) ?? 20;
  const ticks = [];
  for (let v = Math.ceil(bottom / step) * step; v <= top + 1e-9; v += step) ticks.push(v);
  const near = (/** @type {PointerEvent} */ e) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    onAt(Math.min(days.length - 1, Math.max(0, Math.round(((e.clientX - left - LEFT) / (width - LEFT - 4)) * days.length - 0.5))));
  };
  const every = Math.ceil(days.length / (width / DATE));
  const told = `What one more meeting adds on each day, from ${name(days[0].day)} to ${name(days[days.length - 1].day)}: most on ${name(strip.best)}.`;
  return html`<figure class=${`strip ${stale ? "pending" : ""}`}><svg ref=${box} width=${width} height=${height} role="img" aria-label=${told} onPointerDown=${near} onPointerMove=${(/** @type {PointerEvent} */ e) => e.buttons && near(e)}>
      ${ticks.map((v) => html`<line class=${Math.abs(v) < 1e-9 ? "zero" : "tick"} x1=${LEFT} x2=${width} y1=${y(v)} y2=${y(v)} /><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${points(v)}</text>`)}
      <rect class="looked" x=${x(at) - 8} y=${TOP - 8} width="16" height=${height - TOP - LOW + 16} rx="4" />
      ${days.map((d, k) => html`<g>
        ${d.low !== null && d.high !== null && html`<line class="reach" x1=${x(k)} x2=${x(k)} y1=${y(d.low)} y2=${y(d.high)} />`}
        <circle class=${d.alike ? "dot" : "dot other"} cx=${x(k)} cy=${y(d.points)} r=${d.alike ? 5 : 4} />
        <title>${`${name(d.day)}: ${points(d.points)}, ${interval(d)}`}</title></g>`)}
      ${days.map((d, k) => (k % every === 0 && (days.length - k) * (width / days.length) > DATE ? html`<text x=${x(k) - 8} y=${height - 8}>${name(d.day)}</text>` : ""))}
    </svg>
    <figcaption>A bar is the 90 % interval. Filled: cannot be told from the best day by these people and draws.</figcaption>
  </figure>`;
}
