// @ts-check
/** The picture of foretold against published numbers: bars are intervals, marks what was published. */
import { html, useMemo, useRef, useWidth } from "../html.js";
import { tidy } from "../numbers.js";

/** @typedef {import("../shapes").ForetoldNumber} ForetoldNumber */

export const GROUPS = [
  { id: "means", title: "means of arms", short: "Means", ink: "var(--arm-1)", mark: "M0,-4 A4,4 0 1 1 0,4 A4,4 0 1 1 0,-4 Z" },
  { id: "differences", title: "differences between arms", short: "Differences", ink: "var(--arm-2)", mark: "M-3.5,-3.5 H3.5 V3.5 H-3.5 Z" },
  { id: "shares", title: "shares of people", short: "Shares", ink: "var(--arm-3)", mark: "M0,-4.6 L4.4,3.4 L-4.4,3.4 Z" },
  { id: "relapse", title: "relapse", short: "Relapse", ink: "var(--arm-4)", mark: "M0,-5 L5,0 L0,5 L-5,0 Z" },
];
const [LEFT, RIGHT, TOP, BOTTOM] = [34, 8, 8, 34];
const CLOSE = 24;

/**
 * @param {{numbers: ForetoldNumber[], shown: number[], at: number, study: number, label: string, tall?: boolean,
 *   onPoint?: (k: number) => void, onChoose?: (k: number) => void}} props `at` is the number pointed at, -1 for none
 */
export function Scatter({ numbers, shown, at, study, label, tall = false, onPoint, onChoose }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 640);
  const height = Math.round(Math.min(tall ? 470 : 300, Math.max(300, 0.72 * width)));
  const ends = useMemo(() => {
    const all = numbers.flatMap((n) => [n.published_sd, n.predicted_sd]);
    const foretold = numbers.map((n) => n.predicted_sd);
    return { x: [Math.min(...foretold) - 0.15, Math.max(...foretold) + 0.15], y: [Math.min(...all) - 0.25, Math.max(...all) + 0.25] };
  }, [numbers]);
  /** @param {number} v */
  const x = (v) => LEFT + ((v - ends.x[0]) / (ends.x[1] - ends.x[0])) * (width - LEFT - RIGHT);
  /** @param {number} v */
  const y = (v) => TOP + (1 - (v - ends.y[0]) / (ends.y[1] - ends.y[0])) * (height - TOP - BOTTOM);
  /** @param {number} v */
  const within = (v) => Math.min(Math.max(v, ends.y[0]), ends.y[1]);
  /** @param {number} k @param {string} extra */
  const mark = (k, extra) => {
    const n = numbers[k];
    const group = GROUPS.find((g) => g.id === n.group) ?? GROUPS[0];
    return html`<g class=${`number ${n.inside ? "" : "outside"} ${extra}`} color=${group.ink}>
      <line class="bar" x1=${x(n.predicted_sd)} x2=${x(n.predicted_sd)} y1=${y(within(n.low_sd))} y2=${y(within(n.high_sd))} />
      <path transform=${`translate(${x(n.predicted_sd).toFixed(1)},${y(n.published_sd).toFixed(1)})`} d=${group.mark} /></g>`;
  };
  const drawn = useMemo(
    () => shown.map((k) => mark(k, "")),
    [numbers, shown.length, shown[0], shown[shown.length - 1], width, height],
  );
  /** The number nearest to the pointer. @param {PointerEvent | MouseEvent} event */
  const nearest = (event) => {
    const frame = box.current?.getBoundingClientRect();
    if (!frame) return -1;
    const [px, py] = [event.clientX - frame.left, event.clientY - frame.top];
    let best = -1;
    let least = CLOSE;
    for (const k of shown) {
      const far = Math.hypot(x(numbers[k].predicted_sd) - px, y(numbers[k].published_sd) - py);
      if (far < least) [best, least] = [k, far];
    }
    return best;
  };
  const move = onPoint && ((/** @type {PointerEvent} */ event) => {
    const k = nearest(event);
    if (k >= 0 && k !== at && study < 0) onPoint(k);
  });
  const press = onChoose && ((/** @type {MouseEvent} */ event) => onChoose(nearest(event)));
  const own = study >= 0 ? shown.filter((k) => numbers[k].study === study && k !== at) : [];
  const low = Math.max(ends.x[0], ends.y[0]);
  const high = Math.min(ends.x[1], ends.y[1]);
  const groups = GROUPS.filter((g) => shown.some((k) => numbers[k].group === g.id));
  return html`<div class="scatter">
    <svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label} data-testid=${tall ? "foretold-picture" : undefined}
      class=${`${at >= 0 ? "pointed" : ""} ${onPoint ? "live" : ""}`} onPointerMove=${move} onClick=${press}>
      ${wholes(ends.y).map((v) => html`<g><line class=${v ? "rule" : "zero"} x1=${LEFT} x2=${width - RIGHT} y1=${y(v)} y2=${y(v)} /><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${tidy(v)}</text></g>`)}
      ${wholes(ends.x).map((v) => html`<g><line class=${v ? "rule" : "zero"} x1=${x(v)} x2=${x(v)} y1=${TOP} y2=${height - BOTTOM} /><text x=${x(v)} y=${height - BOTTOM + 15} text-anchor="middle">${tidy(v)}</text></g>`)}
      <g class="all">${drawn}</g>
      <line class="same" x1=${x(low)} y1=${y(low)} x2=${x(high)} y2=${y(high)} />
      <text class="axis" x=${(LEFT + width - RIGHT) / 2} y=${height - 3} text-anchor="middle">foretold</text>
      <text class="axis" x=${LEFT + 6} y=${TOP + 12}>published</text>
      ${own.map((k) => mark(k, "own"))}
      ${at >= 0 && shown.includes(at) && mark(at, "here")}
    </svg>
    <ul class="legend">
      ${groups.map((g) => html`<li><svg width="12" height="12" aria-hidden="true"><path transform="translate(6,6)" d=${g.mark} fill=${g.ink} /></svg>${g.title}</li>`)}
      <li><svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="4" fill="none" stroke="var(--muted)" stroke-width="1.6" /></svg>hollow: outside its interval</li>
    </ul>
  </div>`;
}

/** @param {number[]} ends */
function wholes([low, high]) {
  const found = [];
  for (let v = Math.ceil(low); v <= high; v += 1) found.push(v);
  return found;
}
