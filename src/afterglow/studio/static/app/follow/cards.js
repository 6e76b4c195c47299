// @ts-check
/** What stands beneath the picture: chances, what one thing more would change, explanations, and what it rests on. */
import { datesIn } from "../dates.js";
import { html, useRef, useWidth } from "../html.js";
import { inOwnNumbers, numberText, signed, tidy } from "../numbers.js";
import { Sources } from "../words.js";
import { dateOf, dayWords } from "./days.js";

/** @typedef {import("../shapes").Outlook} Outlook */

/** A chance in words: nothing is certain. @param {number} share */
export function chanceText(share) {
  if (share < 0.01) return "below 1 in 100";
  if (share > 0.99) return "above 99 in 100";
  return `${Math.round(100 * share)} in 100`;
}

/** @param {{told: Outlook}} props */
export function Chances({ told }) {
  const { response, remission, relapse, worse } = told.chances;
  const rows = /** @type {[string, string, number | null][]} */ ([
    ["Response", told.response_at === null ? "" : `${tidy(Math.floor(told.response_at))} or less`, response],
    ["Remission", told.remission_at === null ? "" : `${tidy(told.remission_at)} or less`, remission],
    ["Relapse", "a response that is lost again by then", relapse],
    ["Worse than at the start", "by more than error", worse],
  ]).filter(([, , share]) => share !== null);
  return html`<section class="card chances" aria-label="Chances" data-testid="chances">
    <h2>Chances by ${dayWords(told.start, told.day)}</h2>
    ${!rows.length && html`<p>No chance can be told for this scale.</p>`}
    <ul>${rows.map(([name, what, share]) => html`<li><span>${name}${what && html`<small>${what}</small>`}</span>
      <meter min="0" max="1" value=${share ?? 0} aria-label=${`${name}: ${chanceText(share ?? 0)}`}></meter><b>${chanceText(share ?? 0)}</b></li>`)}</ul>
  </section>`;
}

/** @param {{told: Outlook}} props */
export function Track({ told }) {
  const { track, change } = told;
  const error = change && html`<p>Since the first score: <b>${signed(change.points)}</b> points. From ${tidy(change.reliable_points)} points on, a change is more than the error of two ratings: ${change.reliable ? "this one is" : "this one is not"}.${" "}<${From} words=${change.reliable_source} sources=${change.reliable_sources} /></p>
    <p>${change.important_points === null
      ? `No least important change was found for the ${told.scale}.`
      : html`Most people who begin here call a fall of ${numberText(change.important_points, 1)} points or more an improvement: ${change.important ? "reached" : "not reached"}.${" "}<${From} words="" sources=${change.important_sources} />`}</p>`;
  return html`<section class=${`card track ${track.verdict.replaceAll(" ", "-")}`} aria-label="On track?" data-testid="track">
    <h2>On track? <span class="pill">${track.verdict}</span></h2>
    <p>${inOwnNumbers(track.reason)}</p>
    ${track.percent_lower !== null && html`<${Place} percent=${track.percent_lower} />`}
    ${error}
  </section>`;
}

/** Where a number comes from. @param {{words: string, sources: import("../shapes").Source[]}} props */
export function From({ words, sources }) {
  return html`<span class="source from">${words && inOwnNumbers(`${words[0].toUpperCase()}${words.slice(1)}. `)}${sources.length > 0 && html`<${Sources} sources=${sources} />`}</span>`;
}

/** Where the last score stands among people who began alike. @param {{percent: number}} props */
function Place({ percent }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 360);
  const x = (/** @type {number} */ p) => 6 + (p / 100) * (width - 12);
  return html`<div class="place"><svg ref=${box} viewBox=${`0 0 ${width} 46`} width=${width} height="46" role="img" aria-label=${`Of 100 people who began alike, ${Math.round(percent)} would score lower; the middle 80 are on track.`}>
    <line class="all" x1=${x(0)} x2=${x(100)} y1="16" y2="16" /><line class="middle" x1=${x(10)} x2=${x(90)} y1="16" y2="16" />
    <path class="here" d=${`M${x(percent)},16 m0,-8 l7,8 l-7,8 l-7,-8 Z`} />
    <text x=${x(0)} y="42">better than all</text><text x=${x(50)} y="42" text-anchor="middle">the middle 80</text><text x=${x(100)} y="42" text-anchor="end">worse</text>
  </svg></div>`;
}

/** @param {{told: Outlook, more: Outlook | null, busy: boolean, error: string, withPlan: boolean}} props */
export function OneMore({ told, more, busy, error, withPlan }) {
  const rows = more?.what_if ?? [];
  return html`<section class="card" aria-label="One thing more" data-testid="one-more" aria-busy=${busy}>
    <h2>What would one thing more change?</h2>
    ${!withPlan && html`<p>Without a plan there is nothing to add to. Choose a plan in the sentence above.</p>`}
    ${error && html`<p class="warn">${error}</p>`}
    ${withPlan && busy && !rows.length && html`<p>The same virtual people are run with it and without.</p>`}
    ${withPlan && !busy && more && !rows.length && html`<p>Nothing could be added before ${dayWords(told.start, told.day)}.</p>`}
    ${rows.length > 0 && html`<${Strip} rows=${rows.map((r) => ({ ...r, label: r.what }))} stale=${busy} said=${`Difference on ${dayWords(told.start, told.day)}, ${told.scale} points, 90 % interval. Left of zero is better.`} />
      <ul>${rows.map((r) => html`<li><b>${r.what[0].toUpperCase() + r.what.slice(1)}:</b> ${signed(r.points)} (${signed(r.low)} to ${signed(r.high)}), ${r.clear ? "larger than what is not known about it." : "not larger than what is not known: it tells nothing."}</li>`)}</ul>`}
  </section>`;
}

/** @param {{rows: {label: string, points: number, low: number, high: number}[], said: string, stale: boolean}} props */
function Strip({ rows, said, stale }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 420);
  const names = 168;
  const reach = Math.max(1, ...rows.flatMap((r) => [Math.abs(r.low), Math.abs(r.high)])) * 1.08;
  const step = [1, 2, 5, 10, 20, 50].find((s) => reach / s <= Math.min(3, (width - names) / 68)) ?? 50;
  const x = (/** @type {number} */ v) => names + ((v + reach) / (2 * reach)) * (width - names - 10);
  const ticks = [];
  for (let v = -Math.floor(reach / step) * step; v <= reach; v += step) ticks.push(v);
  const height = 26 + rows.length * 32 + 6;
  const told = rows.map((r) => `${r.label}: ${signed(r.points)}, 90 % interval ${signed(r.low)} to ${signed(r.high)}`);
  return html`<figure class=${`strip ${stale ? "pending" : ""}`}><figcaption>${said}</figcaption>
    <div><svg ref=${box} viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${told.join(". ")}>
      ${ticks.map((v) => html`<g><line class=${v === 0 ? "zero" : "tick"} x1=${x(v)} x2=${x(v)} y1="20" y2=${height - 4} /><text x=${x(v)} y="13" text-anchor="middle">${v > 0 ? "+" : ""}${v < 0 ? "−" : ""}${Math.abs(v)}</text></g>`)}
      ${rows.map((r, k) => html`<g><text x="0" y=${46 + 32 * k}>${r.label}</text><line class="reach" x1=${x(r.low)} x2=${x(r.high)} y1=${42 + 32 * k} y2=${42 + 32 * k} />
        <circle class="dot" cx=${x(r.points)} cy=${42 + 32 * k} r="6" /><title>${told[k]}</title></g>`)}
    </svg></div></figure>`;
}

/** @param {{told: Outlook}} props */
export function Explanations({ told }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 420);
  const rows = told.explanations.filter((e) => e.before >= 0.005 || e.after >= 0.005);
  const most = Math.max(...rows.map((e) => Math.abs(e.after - e.before)));
  const names = 152;
  const x = (/** @type {number} */ v) => names + v * (width - names - 48);
  const told1 = rows.map((e) => `${e.label}: ${Math.round(100 * e.before)} % before these scores, ${Math.round(100 * e.after)} % after`);
  const height = 24 + rows.length * 30;
  return html`<section class="card" aria-label="Explanations" data-testid="explanations">
    <h2>Weights of the explanations after these scores</h2>
    <p>${most < 0.05 ? "One person's scores hardly move them." : "These scores move them, as far as one person's can."} Hollow: before; filled: after.</p>
    <figure class="strip"><div><svg ref=${box} viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${told1.join(". ")}>
      ${[0, 0.5, 1].map((v) => html`<g><line class="tick" x1=${x(v)} x2=${x(v)} y1="18" y2=${height} /><text x=${x(v)} y="12" text-anchor="middle">${100 * v} %</text></g>`)}
      ${rows.map((e, k) => html`<g><text x="0" y=${40 + 30 * k}>${e.label}</text>
        <line class="reach" x1=${x(e.before)} x2=${x(e.after)} y1=${36 + 30 * k} y2=${36 + 30 * k} />
        <circle class="before" cx=${x(e.before)} cy=${36 + 30 * k} r="6" /><circle class="dot" cx=${x(e.after)} cy=${36 + 30 * k} r="4.5" />
        <text x=${width - 4} y=${40 + 30 * k} text-anchor="end">${Math.round(100 * e.after)} %</text><title>${told1[k]}</title></g>`)}
    </svg></div></figure>
  </section>`;
}

/** @param {{told: Outlook, purpose: string}} props */
export function RestsOn({ told, purpose }) {
  return html`<section class="card" aria-label="What it rests on" data-testid="rests-on">
    <h2>What this rests on</h2>
    ${told.trust.map((s) => html`<p>${inOwnNumbers(s)}</p>`)}
    <p>${purpose}</p>
    ${told.notes.length > 0 && html`<ul>${told.notes.map((note) => html`<li>${datesIn(inOwnNumbers(note))}</li>`)}</ul>`}
  </section>`;
}

/** @param {{told: Outlook}} props */
export function BandTable({ told }) {
  return html`<details class="numbers card bands" open>
    <summary>Table of the forecast</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of the forecast"><table>
      <caption>${told.scale}, whole points; both ends belong to a band</caption>
      <thead><tr><th scope="col">Day</th><th scope="col">Middle</th><th scope="col">50 of 100</th><th scope="col">80 of 100</th><th scope="col">90 of 100</th></tr></thead>
      <tbody>${told.bands.filter((_, k) => k % 4 === 0 || k === told.bands.length - 1).map((b) => html`<tr><th scope="row">${tidy(b.day)}${told.start && html`<small class="unit"> ${dateOf(told.start, b.day)}</small>`}</th><td>${tidy(b.median)}</td>
        <td>${b.low50} to ${b.high50}</td><td>${b.low80} to ${b.high80}</td><td>${b.low90} to ${b.high90}</td></tr>`)}</tbody>
    </table></div>
  </details>`;
}
