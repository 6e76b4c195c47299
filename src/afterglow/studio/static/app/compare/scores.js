// @ts-check
/** The scores of all arms as one picture, each line with its name, its last value and how sure that is. */
import { Numbers, ticksOf, valueAt } from "../chart.js";
import { html, PRINTED, useWidth } from "../html.js";
import { dayText, numberText } from "../numbers.js";
import { colourOfArm, dayName, lineOf, shortened } from "./arms.js";

/** @typedef {import("../chart.js").Span} Span */
/** @typedef {{name: string, days: number[], mean: number[], low: number[], high: number[]}} ScoreLine bounds may be missing */

const TOP = 30;

/** Pixels left and right of the days, in this picture and in the lanes beneath. @param {number} width @returns {{wide: boolean, left: number, right: number}} */
export function margins(width) {
  const wide = width >= 760;
  return { wide, left: wide ? 168 : 30, right: wide ? 232 : 14 };
}

/**
 * @param {{box: {current: SVGSVGElement | null}, lines: ScoreLine[], scale: import("../shapes").ScaleFacts, span: Span, chosen: [number, number],
 *   days: number[], day: number, onDay: (day: number) => void, stale: boolean}} props `chosen` are the arms compared, `days` those of the forest
 */
export function Scores({ box, lines, scale, span, chosen, days, day, onDay, stale }) {
  const width = useWidth(() => box.current?.parentElement, 900, PRINTED);
  const { wide, left, right } = margins(width);
  const height = wide ? 316 : 300;
  const [base, end] = [height - 40, width - right];
  /** @param {number} d */
  const x = (d) => left + ((Math.min(Math.max(d, span.from), span.to) - span.from) / (span.to - span.from)) * (end - left);
  const most = Math.max(...lines.flatMap((l) => (l.high.length ? l.high : l.mean)));
  const top = Math.min(scale.high, Math.ceil((most + 0.02 * (scale.high - scale.low)) / 5) * 5);
  /** @param {number} score */
  const y = (score) => base - ((Math.min(Math.max(score, scale.low), top) - scale.low) / (top - scale.low)) * (base - TOP);
  /** @param {ScoreLine} l @param {number[]} values */
  const points = (l, values) =>
    l.days.map((d, k) => (d >= span.from - 1 && d <= span.to + 1 ? `${x(d).toFixed(1)},${y(values[k]).toFixed(1)}` : "")).filter(Boolean);
  const last = Math.min(span.to, ...lines.map((l) => l.days[l.days.length - 1]));
  const ends = lines.map((l, k) => ({
    k,
    value: valueAt(l.days, l.mean, last) ?? 0,
    low: l.low.length ? valueAt(l.days, l.low, last) : null,
    high: l.high.length ? valueAt(l.days, l.high, last) : null,
  }));
  const step = [5, 10, 20, 40].find((s) => (top - scale.low) / s <= 6) ?? 40;
  const levels = [];
  for (let score = Math.ceil(scale.low / step) * step; score <= top; score += step) levels.push(score);
  /** @param {PointerEvent} event */
  const look = (event) => {
    const at = event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
    const found = Math.round(span.from + ((at - left) / (end - left)) * (span.to - span.from));
    if (found !== day && found >= span.from && found <= span.to) onDay(found);
  };
  const said = `On day ${dayText(day)}: ${lines.map((l) => `${l.name} ${numberText(valueAt(l.days, l.mean, day) ?? 0, 1)}`).join(", ")}.`;
  const banded = lines[chosen[0]]?.low.length ? [chosen[0]] : [];
  return html`<figure class=${`scores ${stale ? "pending" : ""}`} data-testid="scale-chart">
    <svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`${scale.id} over days, one line an arm. ${said}`}
      onPointerMove=${look} onPointerDown=${look}>
      ${levels.map((score) => html`<g><line class="tick" x1=${left} x2=${end} y1=${y(score)} y2=${y(score)} />
        <text x=${left - 8} y=${y(score) + 4} text-anchor="end">${score}</text></g>`)}
      <text class="axis-word" x=${wide ? left : 0} y="14">Mean ${scale.id}, points; lower is better</text>
      ${days.filter((d) => d > span.from && d < span.to).map((d) => html`<g><line class="chosen-day" x1=${x(d)} x2=${x(d)} y1=${TOP} y2=${base} />
        <text x=${x(d) + 5} y=${base - 7}>${dayName(d)}</text></g>`)}
      ${banded.map((k) => html`<path class="mean-band" fill=${colourOfArm(k)} d=${`M${points(lines[k], lines[k].low).join("L")}L${points(lines[k], lines[k].high).reverse().join("L")}Z`} />`)}
      ${lines.map((l, k) => html`<path class=${`line ${chosen.includes(k) ? "chosen" : ""}`} ...${lineOf(k)} d=${`M${points(l, l.mean).join("L")}`} />`)}
      <line class="cursor" x1=${x(day)} x2=${x(day)} y1=${TOP} y2=${base} />
      ${lines.map((l, k) => html`<circle cx=${x(day)} cy=${y(valueAt(l.days, l.mean, day) ?? 0)} r="3.5" fill=${colourOfArm(k)} class="at" />`)}
      <line class="axis" x1=${left} x2=${end} y1=${base} y2=${base} />
      ${ticksOf(span, end - left).map((d) => html`<g><line class="axis" x1=${x(d)} x2=${x(d)} y1=${base} y2=${base + 5} /><text x=${x(d)} y=${base + 18} text-anchor="middle">${d}</text></g>`)}
      <text class="axis-word" x=${(left + end) / 2} y=${height - 4} text-anchor="middle">Days from the first dosing</text>
      <${Ends} ends=${ends} lines=${lines} y=${y} left=${end} wide=${wide} base=${base} />
    </svg>
    <figcaption class="source">Lines are means of the same people in every arm.${banded.length ? `${wide ? " Bars at the right: 90 % interval of the mean on the last day; shaded: that" : " Shaded: the 90 % interval of the mean"} of “${lines[chosen[0]].name}”. Arms share much of it: how sure their difference is stands below.` : " Intervals follow with the full run."}</figcaption>
    <${Numbers} title=${scale.id} days=${lines[0].days} unit="points; in brackets the 90 % interval of the mean" said=${said}
      lines=${lines.map((l, k) => ({ label: l.name, values: l.mean, low: l.low.length ? l.low : undefined, high: l.high.length ? l.high : undefined, colour: `arm-${k + 1}` }))} />
  </figure>`;
}

/**
 * Names at the ends of the lines, pushed apart, with a bar for the interval.
 * @param {{ends: {k: number, value: number, low: number | null, high: number | null}[], lines: ScoreLine[], y: (s: number) => number, left: number, wide: boolean, base: number}} props
 */
function Ends({ ends, lines, y, left, wide, base }) {
  const apart = 15;
  const order = [...ends].sort((a, b) => y(a.value) - y(b.value));
  /** @type {number[]} */
  const places = [];
  order.forEach((e, j) => places.push(Math.max(y(e.value), j ? places[j - 1] + apart : 12)));
  const over = Math.max(0, (places[places.length - 1] ?? 0) - (wide ? base : base - 6));
  const start = wide ? left + 12 + 5 * ends.length : left - 4;
  return html`<g class="ends">
    ${wide && ends.map((e) => e.low !== null && e.high !== null && html`<line class="whisker" x1=${left + 6 + 5 * e.k} x2=${left + 6 + 5 * e.k} y1=${y(e.high)} y2=${y(e.low)} stroke=${colourOfArm(e.k)} />`)}
    ${order.map((e, j) => html`<text x=${start} y=${places[j] - over + 4} fill=${colourOfArm(e.k)} text-anchor=${wide ? "start" : "end"}>
      ${shortened(lines[e.k].name, wide ? 20 : 16)} <tspan class="value">${numberText(e.value, 1)}</tspan></text>`)}
  </g>`;
}
