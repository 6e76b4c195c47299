// @ts-check
/** Power against size: a line for each explanation, and the weighted one. */
import { html, PRINTED, useWidth } from "../html.js";
import { tidy } from "../numbers.js";
import { saidOf } from "./words.js";

/** @typedef {import("../shapes").TrialPower} TrialPower */

const TOP = 26;
const DASHES = ["8 4", "3 3", "10 3 2 3", "2 5"];

/** @param {{box: {current: SVGSVGElement | null}, found: TrialPower}} props */
export function PowerPicture({ box, found }) {
  const width = useWidth(() => box.current?.parentElement, 900, PRINTED);
  const wide = width >= 640;
  const height = wide ? 350 : 300;
  const [left, end, base] = [44, width - (wide ? 252 : 16), height - 42];
  const most = found.sizes[found.sizes.length - 1].n;
  /** @param {number} n */
  const x = (n) => left + (n / (1.02 * most)) * (end - left);
  /** @param {number} p */
  const y = (p) => base - p * (base - TOP);
  const lines = [
    ...found.rivals.map((r, k) => ({ id: r.id, label: wide ? `${r.label} (${Math.round(100 * r.weight)} %)` : r.label, k, of: found.sizes.map((s) => ({ n: s.n, value: s.power.find((p) => p.rival === r.id)?.value ?? null, se: s.power.find((p) => p.rival === r.id)?.se ?? null })) })),
    { id: "weighted", label: "All, weighted", k: -1, of: found.sizes.map((s) => ({ n: s.n, value: s.assurance.value, se: s.assurance.se })) },
  ];
  const known = lines.map((l) => ({ ...l, of: l.of.filter((p) => p.value !== null).map((p) => ({ n: p.n, value: Number(p.value), se: p.se })) })).filter((l) => l.of.length);
  const order = [...known].sort((p, q) => q.of[q.of.length - 1].value - p.of[p.of.length - 1].value);
  /** @type {number[]} */
  const places = [];
  order.forEach((l, j) => places.push(Math.max(y(l.of[l.of.length - 1].value), j ? places[j - 1] + 16 : TOP)));
  const over = Math.max(0, (places[places.length - 1] ?? 0) - base);
  const said = saidOf(found);
  return html`<figure class="power" data-testid="power">
    <svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`Power against size. ${said}`}>
      <text class="axis-word" x="0" y="13">Power${wide ? ": chance that the trial finds the active arm better" : ", weighted and by explanation"}</text>
      ${[0, 0.2, 0.4, 0.6, 0.8, 1].map((p) => html`<g><line class="tick" x1=${left} x2=${end} y1=${y(p)} y2=${y(p)} /><text x=${left - 6} y=${y(p) + 4} text-anchor="end">${Math.round(100 * p)} %</text></g>`)}
      <line class="wanted" x1=${left} x2=${end} y1=${y(found.wanted)} y2=${y(found.wanted)} /><text x=${left + 6} y=${y(found.wanted) - 5}>${Math.round(100 * found.wanted)} %</text>
      <line class="level" x1=${left} x2=${end} y1=${y(found.alpha)} y2=${y(found.alpha)} />
      ${found.sizes.map((s, k) => (k === 0 || x(s.n) - x(found.sizes[k - 1].n) > 26) && html`<text x=${x(s.n)} y=${base + 18} text-anchor="middle">${s.n}</text>`)}
      <line class="axis" x1=${left} x2=${end} y1=${base} y2=${base} />
      <text class="axis-word" x=${(left + end) / 2} y=${height - 4} text-anchor="middle">People in the control arm</text>
      ${known.map((l) => html`<g class=${l.k < 0 ? "all" : ""} stroke=${l.k < 0 ? "var(--ink)" : `var(--arm-${l.k + 1})`}>
        <path class="line" stroke-dasharray=${l.k < 0 ? undefined : DASHES[l.k]} d=${`M${l.of.map((p) => `${x(p.n).toFixed(1)},${y(p.value).toFixed(1)}`).join("L")}`} />
        ${l.of.map((p) => html`<g>${p.se !== null && html`<line class="se" x1=${x(p.n)} x2=${x(p.n)} y1=${y(Math.min(1, p.value + p.se))} y2=${y(Math.max(0, p.value - p.se))} />`}
          <circle cx=${x(p.n)} cy=${y(p.value)} r=${l.k < 0 ? 4 : 3} fill=${l.k < 0 ? "var(--ink)" : `var(--arm-${l.k + 1})`} /></g>`)}
      </g>`)}
      ${wide && order.map((l, j) => html`<text class=${`name ${l.k < 0 ? "all" : ""}`} fill=${l.k < 0 ? "var(--ink)" : `var(--arm-${l.k + 1})`} x=${end + 12} y=${places[j] - over + 4}>
        ${l.label}: ${Math.round(100 * l.of[l.of.length - 1].value)} %</text>`)}
    </svg>
    ${!wide && html`<ul class="power-key" aria-hidden="true">${order.map((l) => html`<li class=${l.k < 0 ? "all" : ""}><svg width="30" height="8"><line x1="0" x2="30" y1="4" y2="4" stroke-width=${l.k < 0 ? 3.6 : 2}
      stroke=${l.k < 0 ? "var(--ink)" : `var(--arm-${l.k + 1})`} stroke-dasharray=${l.k < 0 ? undefined : DASHES[l.k]} /></svg>${l.label}<b>${Math.round(100 * l.of[l.of.length - 1].value)} %</b></li>`)}</ul>`}
    <p data-testid="power-said">${said}</p>
    <p class="source">${wide ? "Percentages in brackets are the weights of explanations. " : ""}Bars are one Monte-Carlo error up and down; the line at the bottom is the level, ${tidy(100 * found.alpha)} %.</p>
  </figure>`;
}
