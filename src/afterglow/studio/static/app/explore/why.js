// @ts-check
/** Why the score falls: the fall of the mean, split into what is taken away one after another. */
import { ticksOf, valueAt } from "../chart.js";
import { html, useEffect, useRef, useState, useWidth } from "../html.js";
import { dayText, inOwnNumbers, numberText, signed } from "../numbers.js";
import { useSettled } from "../asking.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../chart.js").Span} Span */

const HEIGHT = 190;
const BOTTOM = 22;
const TOP = 10;
const LEFT = 34;

/** @param {{design: Design, ready: boolean, span: Span, day: number, onDay: (day: number) => void}} props */
export function WhyFell({ design, ready, span, day, onDay }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((all) => all.some((one) => one.isIntersecting) && setSeen(true), { rootMargin: "120px" });
    if (place.current) watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  const { found, busy, error } = useSettled(design, "/api/why", "why", { when: seen && ready });
  const why = /** @type {import("../shapes").Why | null} */ (found);
  return html`<section class="card why" ref=${place} data-testid="why" aria-label="Why the score falls" aria-busy=${busy}>
    <h2>Why did the score fall?</h2>
    ${error && html`<p class="warn">${error}</p>`}
    ${why ? html`<${Parts} why=${why} span=${span} day=${day} onDay=${onDay} stale=${busy} />` : !error && html`<p>The same people are simulated with less and less given.</p>`}
  </section>`;
}

/** @param {{why: import("../shapes").Why, span: Span, day: number, onDay: (day: number) => void, stale: boolean}} props */
function Parts({ why, span, day, onDay, stale }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 420);
  const order = [...why.parts].reverse();
  const places = why.days.map((_, k) => k).filter((k) => why.days[k] >= Math.max(0, span.from) && why.days[k] <= span.to);
  const stacked = stack(order.map((p) => p.values), places);
  const high = Math.max(1, ...stacked.flatMap((s) => s.map((ends) => ends[1])));
  const low = Math.min(0, ...stacked.flatMap((s) => s.map((ends) => ends[0])));
  const from = Math.max(0, span.from);
  /** @param {number} d */
  const x = (d) => LEFT + ((d - from) / (span.to - from)) * (width - LEFT - 8);
  /** @param {number} v */
  const y = (v) => HEIGHT - BOTTOM - ((v - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
  const step = [1, 2, 5, 10, 20].find((s) => (high - low) / s <= 5) ?? 20;
  const ticks = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) ticks.push(v);
  /** @param {PointerEvent} event */
  const point = (event) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    const found = Math.round(from + ((event.clientX - left - LEFT) / (width - LEFT - 8)) * (span.to - from));
    if (found !== day && found >= from && found <= span.to) onDay(found);
  };
  const at = Math.min(Math.max(day, why.days[0]), why.days[why.days.length - 1]);
  const now = why.parts.map((p) => ({ ...p, value: valueAt(why.days, p.values, at) ?? 0 }));
  const sum = valueAt(why.days, why.whole, at) ?? 0;
  const told = `On day ${dayText(at)} the mean ${why.scale} has fallen by ${numberText(sum, 1)} points: ${now.map((p) => `${p.label.toLowerCase()} ${signed(p.value)}`).join(", ")}.`;
  return html`<figure class=${stale ? "pending" : ""}>
    <div><svg ref=${box} width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`} role="img" aria-label=${told} onPointerMove=${point} onPointerDown=${point}>
      ${ticks.map((v) => html`<g><line class=${v === 0 ? "zero" : "tick"} x1=${LEFT} x2=${width - 8} y1=${y(v)} y2=${y(v)} /><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${v}</text></g>`)}
      ${ticksOf({ from, to: span.to }, width - LEFT).map((d) => html`<text x=${x(d)} y=${HEIGHT - 5} text-anchor="middle">${d}</text>`)}
      ${order.map((part, k) => {
        const ends = stacked[k];
        const upper = places.map((p, j) => `${x(why.days[p]).toFixed(1)},${y(ends[j][1]).toFixed(1)}`);
        const lower = places.map((p, j) => `${x(why.days[p]).toFixed(1)},${y(ends[j][0]).toFixed(1)}`).reverse();
        return html`<path class=${`part ${part.id}`} d=${`M${[...upper, ...lower].join("L")}Z`}><title>${part.label}</title></path>`;
      })}
      <line class="cursor" x1=${x(Math.max(at, from))} x2=${x(Math.max(at, from))} y1=${TOP} y2=${HEIGHT - BOTTOM} />
    </svg></div>
    <table>
      <caption>Points of the fall by day ${dayText(at)}, of ${numberText(sum, 1)} in all</caption>
      <tbody>${now.map((p) => html`<tr><th scope="row"><i class=${`swatch part ${p.id}`}></i>${p.label}</th><td>${signed(p.value)}</td></tr>`)}</tbody>
    </table>
    <p class="source">${inOwnNumbers(why.note)}</p>
  </figure>`;
}

/**
 * Lay parts on each other: what is positive upwards from zero, what is negative downwards.
 * @param {number[][]} parts @param {number[]} places @returns {[number, number][][]}
 */
function stack(parts, places) {
  const up = places.map(() => 0);
  const down = places.map(() => 0);
  return parts.map((values) =>
    places.map((place, k) => {
      const v = values[place];
      const begin = v >= 0 ? up[k] : down[k];
      if (v >= 0) up[k] += v;
      else down[k] += v;
      return v >= 0 ? [begin, begin + v] : [begin + v, begin];
    }),
  );
}
