// @ts-check
/** How sure the answer is: each explanation and the weighted answer, with their intervals, on one axis of points. */
import { Said } from "../glossary.js";
import { html, useRef, useWidth } from "../html.js";
import { numberText, signed } from "../numbers.js";

/** @typedef {import("../shapes").Certainty} Certainty */

const ROW = 34;
const TOP = 26;

/** @param {{found: Certainty | null, busy: boolean, error: string, scale: string}} props */
export function HowSure({ found, busy, error, scale }) {
  const said = found?.rivals.filter((r) => r.difference !== null) ?? [];
  const whole = found?.contrasts[found.contrasts.length - 1];
  return html`<section class="card" data-testid="how-sure" aria-label="How sure the model is" aria-busy=${busy}>
    <h2>How sure is this?</h2>
    ${error && html`<p class="warn">${error}</p>`}
    ${!found && !error && html`<p>The full run is asked for its intervals.</p>`}
    ${found && whole && said.length > 0 && html`<${Strip} rivals=${said} whole=${said.length > 1 ? whole : null} scale=${scale} day=${whole.day} stale=${busy} />`}
    ${found &&
    html`${found.sentences.map((s) => html`<p><${Said} text=${s} /></p>`)}
      <p class="source">
        <${Said} text=${`${found.facts.studies} studies, ${found.facts.rows} numbers, Pareto k ${numberText(found.facts.pareto_k, 2)}. `} /><a href="/evidence">See the evidence</a>.
      </p>`}
  </section>`;
}

/**
 * @param {{rivals: Certainty["rivals"], whole: Certainty["contrasts"][number] | null, scale: string, day: number, stale: boolean}} props
 */
function Strip({ rivals, whole, scale, day, stale }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 420);
  const names = 132;
  const rows = [
    ...rivals.map((r) => ({ id: r.id, label: r.label, weight: r.weight, value: r.difference ?? 0, low: r.low ?? 0, high: r.high ?? 0 })),
    ...(whole ? [{ id: "weighted", label: "All, weighted", weight: 1, value: whole.difference, low: whole.low, high: whole.high }] : []),
  ];
  const reach = Math.max(1, ...rows.map((r) => Math.max(Math.abs(r.low), Math.abs(r.high)))) * 1.08;
  const step = [1, 2, 5, 10, 20, 50].find((s) => reach / s <= 3) ?? 50;
  /** @param {number} v */
  const x = (v) => names + ((v + reach) / (2 * reach)) * (width - names - 10);
  const height = TOP + rows.length * ROW + 10;
  const ticks = [];
  for (let v = -Math.floor(reach / step) * step; v <= reach; v += step) ticks.push(v);
  const told = rows.map((r) => `${r.label}${r.id === "weighted" ? "" : `, weight ${Math.round(100 * r.weight)} %`}: ${signed(r.value)}, 90 % interval ${signed(r.low)} to ${signed(r.high)}`);
  return html`<figure class=${`strip ${stale ? "pending" : ""}`}>
    <figcaption>What integration adds by day ${day}, ${scale} points. Left of zero it helps. The area of a dot is the weight.</figcaption>
    <div><svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${told.join(". ")}>
      ${ticks.map(
        (v) => html`<g><line class=${v === 0 ? "zero" : "tick"} x1=${x(v)} x2=${x(v)} y1=${TOP - 6} y2=${height - 4} />
          <text x=${x(v)} y="13" text-anchor="middle">${v === 0 ? "0" : (v > 0 ? "+" : "−") + Math.abs(v)}</text></g>`,
      )}
      ${rows.map((r, k) => {
        const y = TOP + k * ROW + ROW / 2;
        const all = r.id === "weighted";
        return html`<g class=${all ? "all" : ""}>
          ${all && html`<line class="tick" x1="0" x2=${width} y1=${y - ROW / 2} y2=${y - ROW / 2} />`}
          <text x="0" y=${all ? y + 4 : y - 1}>${r.label}</text>
          ${!all && html`<text class="weight" x="0" y=${y + 12}>weight ${Math.round(100 * r.weight)} %</text>`}
          <line class="reach" x1=${x(r.low)} x2=${x(r.high)} y1=${y} y2=${y} />
          ${all
            ? html`<path class="dot" d=${`M${x(r.value)},${y - 8}L${x(r.value) + 7},${y}L${x(r.value)},${y + 8}L${x(r.value) - 7},${y}Z`} />`
            : html`<circle class="dot" cx=${x(r.value)} cy=${y} r=${Math.max(2.2, 11 * Math.sqrt(r.weight))} />`}
          <title>${told[k]}</title>
        </g>`;
      })}
    </svg></div>
  </figure>`;
}
