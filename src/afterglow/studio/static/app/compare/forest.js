// @ts-check
/** Differences between arms on chosen days, each with its interval and with what each explanation alone says. */
import { html, useRef, useState, useWidth } from "../html.js";
import { numberText, signed } from "../numbers.js";
import { dayName, isClear, pairOf, shortened, withBounds } from "./arms.js";

/** @typedef {import("../shapes").Comparison} Comparison */
/** @typedef {import("./arms.js").Pair} Pair */

const MANY = 4;
/** On paper two stand side by side. */
const PRINTED_BESIDE = 470;
/** Heights of a row, and of one explanation in it; on a narrow page the words stand above the bar. */
const WIDE = { row: 24, small: 19, drop: 0 };
const NARROW = { row: 44, small: 36, drop: 16 };
/** How words are written: of an arm, and of one explanation; as in compare.css. */
const FONT = { all: "650 12.5px", one: "11.5px" };
const MOST_NAME = 176;
/** With less room for the bars, the words stand above them. */
const LEAST_BARS = 130;

/** @param {{found: Comparison, names: string[], versus: number, days: number[], stale: boolean}} props */
export function Forest({ found, names, versus, days, stale }) {
  const others = names.map((_, k) => k).filter((k) => k !== versus);
  const [each, setEach] = useState(/** @type {boolean | null} */ (null));
  const shown = each ?? others.length < MANY;
  const pairs = days.map((day) => ({ day, rows: others.map((k) => ({ k, pair: pairOf(found, k, versus, day) })).filter((r) => r.pair) }));
  const several = found.rivals.length > 1;
  if (!pairs[0].rows.length) return null;
  const all = pairs.flatMap((p) => p.rows.flatMap((r) => (r.pair ? [r.pair, ...(shown ? r.pair.under : [])] : [])));
  const reach = Math.max(1, ...all.map((b) => Math.max(Math.abs(b.low ?? b.difference), Math.abs(b.high ?? b.difference)))) * 1.06;
  const clear = pairs.flatMap((p) => p.rows.filter((r) => r.pair && isClear(r.pair)));
  const told = pairs.reduce((n, p) => n + p.rows.length, 0);
  return html`<section class="card forest" aria-label="Differences between arms" data-testid="forest">
    <div class="heading"><h2>Each arm minus ${names[versus]}, ${found.scale} points</h2>
      ${several && html`<div class="segments no-print" role="group" aria-label="Explanations shown">
        <button type="button" aria-pressed=${!shown} onClick=${() => setEach(false)}>Weighted</button>
        <button type="button" aria-pressed=${shown} onClick=${() => setEach(true)}>Each explanation too</button></div>`}</div>
    <p>${clear.length === 0 ? "Every interval holds zero: the model cannot tell these arms from it on these days." : `${clear.length} of ${told} intervals ${clear.length === 1 ? "leaves" : "leave"} zero out (filled squares); of the others the model cannot tell which arm is better.`}</p>
    <div class="panels">${pairs.map((p) => html`<${Panel} day=${p.day} rows=${/** @type {{k: number, pair: Pair}[]} */ (p.rows)} found=${found} names=${names} shown=${shown && several} reach=${reach} stale=${stale} />`)}</div>
    <details class="numbers"><summary>The numbers as a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Differences as a table"><table data-testid="forest-table">
        <thead><tr><th scope="col">Minus ${names[versus]}</th><th scope="col">Day</th><th scope="col">All, weighted</th>${several && found.rivals.map((r) => html`<th scope="col">${r.label}</th>`)}</tr></thead>
        <tbody>${pairs.flatMap((p) => p.rows.map(({ k, pair }) => pair && html`<tr><th scope="row">${names[k]}</th><td>${p.day}</td><td>${withBounds(pair)}</td>
          ${several && found.rivals.map((r) => html`<td>${under(pair, r.id)}</td>`)}</tr>`))}</tbody></table></div></details>
  </section>`;
}

/** @param {Pair} pair @param {string} rival */
function under(pair, rival) {
  const own = pair.under.find((u) => u.rival === rival);
  return own ? withBounds(own) : "–";
}

/** @param {{day: number, rows: {k: number, pair: Pair}[], found: Comparison, names: string[], shown: boolean, reach: number, stale: boolean}} props */
function Panel({ day, rows, found, names, shown, reach, stale }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => box.current?.parentElement, 520, PRINTED_BESIDE);
  const weights = Object.fromEntries(found.rivals.map((r) => [r.id, r]));
  const nameOne = (/** @type {Pair["under"][number]} */ u) => `${weights[u.rival]?.label ?? u.rival} ${Math.round(100 * (weights[u.rival]?.weight ?? 0))} %`;
  const under = rows.flatMap((row) => (shown ? row.pair.under : []));
  const value = 10 + Math.max(...rows.map((r) => widthOf(valueText(r.pair), "all")), ...under.map((u) => widthOf(valueText(u), "one")));
  const longest = Math.max(...rows.map((r) => widthOf(names[r.k], "all")));
  const label = Math.max(Math.min(MOST_NAME, longest), ...under.map((u) => 12 + widthOf(nameOne(u), "one")));
  const wide = width - label - value >= LEAST_BARS;
  const { row: ROW, small: SMALL, drop } = wide ? WIDE : NARROW;
  const [left, end] = wide ? [label + 8, width - value] : [10, width - 10];
  /** @param {number} v */
  const x = (v) => (left + end) / 2 + (v / reach) * ((end - left) / 2);
  const each = (/** @type {{pair: Pair}} */ row) => ROW + (shown ? SMALL * row.pair.under.length + 6 : 0);
  const top = wide ? 30 : 44;
  const height = top + 10 + rows.reduce((sum, row) => sum + each(row), 0) + 22;
  let y = top;
  const step = [0.5, 1, 2, 4, 5, 10, 20].find((s) => (2 * reach) / s <= Math.max(2, (end - left) / 46)) ?? 20;
  const ticks = [];
  for (let v = -Math.floor(reach / step) * step; v <= reach; v += step) ticks.push(v);
  const said = rows.map((r) => `${names[r.k]} ${withBounds(r.pair)}`).join("; ");
  return html`<figure class=${stale ? "pending" : ""}><svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`Differences on day ${day}: ${said}.`}>
    <text class="head" x="0" y="14">${dayName(day)}${dayName(day).startsWith("week") ? `, day ${day}` : ""}</text>
    <text class="small" x=${x(0) - 8} y=${top - 16} text-anchor="end">lower, better</text><text class="small" x=${x(0) + 8} y=${top - 16}>higher</text>
    ${ticks.map((v) => html`<g><line class=${v === 0 ? "zero" : "tick"} x1=${x(v)} x2=${x(v)} y1=${top - 10} y2=${height - 20} /><text class="small" x=${x(v)} y=${height - 4} text-anchor="middle">${v === 0 ? "0" : numberText(v, step < 1 ? 1 : 0)}</text></g>`)}
    ${rows.map((row) => {
      const at = y + (wide ? ROW / 2 : 10);
      const start = y + ROW;
      y += each(row);
      return html`<g>
        <${Bar} x=${x} y=${at} of=${row.pair} name=${fitting(names[row.k], wide ? label : width - value)} end=${width} kind="all" left=${0} drop=${drop} />
        ${shown && row.pair.under.map((u, j) => html`<${Bar} x=${x} y=${start + SMALL * j + (wide ? SMALL / 2 - 2 : 8)} of=${u} name=${nameOne(u)} end=${width} kind="one" left=${wide ? 12 : 0} drop=${drop} />`)}
      </g>`;
    })}
  </svg></figure>`;
}

const ruler = document.createElement("canvas").getContext("2d");

/** Pixels that words take. @param {string} text @param {"all" | "one"} kind */
function widthOf(text, kind) {
  if (!ruler) return 8 * text.length;
  ruler.font = `${FONT[kind]} ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

/** A name, cut where it takes more pixels. @param {string} name @param {number} most */
function fitting(name, most) {
  let letters = name.length;
  while (letters > 2 && widthOf(shortened(name, letters), "all") > most) letters -= 1;
  return shortened(name, letters);
}

/** @param {{x: (v: number) => number, y: number, of: import("./arms.js").Bounds, name: string, end: number, kind: string, left: number, drop: number}} props `drop` is how far beneath its words the bar lies */
function Bar({ x, y, of, name, end, kind, left, drop }) {
  const size = kind === "all" ? 5 : 3;
  return html`<g class=${`bar ${kind} ${isClear(of) ? "clear" : ""}`}>
    <text x=${left} y=${y + 4}>${name}</text>
    ${of.low !== null && of.high !== null && html`<path class="reach" d=${`M${x(of.low)},${y + drop - 3}v6M${x(of.low)},${y + drop}H${x(of.high)}M${x(of.high)},${y + drop - 3}v6`} />`}
    <rect x=${x(of.difference) - size} y=${y + drop - size} width=${2 * size} height=${2 * size} />
    <text x=${end} y=${y + 4} text-anchor="end">${valueText(of)}</text>
  </g>`;
}

/** @param {import("./arms.js").Bounds} of */
const valueText = (of) => `${signed(of.difference)}${of.low === null || of.high === null ? "" : ` (${signed(of.low)}, ${signed(of.high)})`}`;
