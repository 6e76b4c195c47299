// @ts-check
/** One chart: lines with bands over days, the open window behind them, a sentence and a table beside it. */
import uPlot from "../vendor/uPlot.esm.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {(number | null)[]} values
 * @property {(number | null)[]} [low]
 * @property {(number | null)[]} [high]
 * @property {string} colour name of a CSS variable
 * @property {number[]} [dash]
 * @property {number} [width]
 * @property {boolean} [points]
 */

/** @param {string} name */
export const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#555";

/** @param {string} hex @param {number} alpha */
function faint(hex, alpha) {
  const full = hex.length === 4 ? "#" + [...hex.slice(1)].map((c) => c + c).join("") : hex;
  const parts = [1, 3, 5].map((k) => parseInt(full.slice(k, k + 2), 16));
  return `rgba(${parts.join(",")},${alpha})`;
}

/** @param {{from: number, to: number}[]} windows @returns {any} */
function shading(windows) {
  return {
    hooks: {
      drawClear: [
        (/** @type {any} */ u) => {
          const { ctx, bbox } = u;
          ctx.save();
          ctx.fillStyle = faint(colourOf("window"), 0.16);
          for (const { from, to } of windows) {
            const a = Math.max(u.valToPos(from, "x", true), bbox.left);
            const b = Math.min(u.valToPos(to, "x", true), bbox.left + bbox.width);
            if (b > a) ctx.fillRect(a, bbox.top, b - a, bbox.height);
          }
          ctx.restore();
        },
      ],
    },
  };
}

/** @param {number} value */
export function tidy(value) {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 || size === 0 ? value.toFixed(size === 0 ? 0 : 1) : value.toPrecision(2);
}

/** @param {(number | null)[]} days @param {(number | null)[]} values @param {number} day */
export function valueAt(days, values, day) {
  let k = days.findIndex((d) => d !== null && d >= day);
  if (k < 0) k = days.length - 1;
  const a = Math.max(0, k - 1);
  const [d0, d1, v0, v1] = [days[a], days[k], values[a], values[k]];
  if (d0 === null || d1 === null || v0 === null || v1 === null || d1 === d0) return values[k];
  const share = Math.min(1, Math.max(0, (day - d0) / (d1 - d0)));
  return v0 + share * (v1 - v0);
}

/** @param {Line[]} lines @param {number[]} days */
function dataOf(lines, days) {
  /** @type {(number | null)[][]} */
  const rows = [days];
  for (const line of lines) {
    rows.push(line.values);
    if (line.low && line.high) rows.push(line.low, line.high);
  }
  return rows;
}

/**
 * @param {{title: string, days: number[], lines: Line[], unit: string, windows?: {from: number, to: number}[],
 *   range?: [number, number], height?: number, day?: number, onDay?: (day: number) => void, testid?: string,
 *   said: string, plain?: boolean}} props
 */
export function Chart(props) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {any} */ (null));
  const told = useRef(props);
  told.current = props;
  const [theme, setTheme] = useState(0);
  const shape = JSON.stringify([
    props.lines.map((l) => [l.label, l.colour, l.dash, Boolean(l.low)]),
    props.windows,
    props.range,
    props.height,
    theme,
  ]);

  useEffect(() => {
    const again = () => setTheme((n) => n + 1);
    const media = matchMedia("(prefers-color-scheme: dark)");
    media.addEventListener("change", again);
    addEventListener("afterglow-theme", again);
    return () => {
      media.removeEventListener("change", again);
      removeEventListener("afterglow-theme", again);
    };
  }, []);

  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return undefined;
    const { lines, days, height = 150, range, windows = [] } = told.current;
    const ink = colourOf("muted");
    const grid = { stroke: faint(colourOf("line"), 0.7), width: 1 };
    /** @type {any[]} */
    const series = [{ label: "day" }];
    /** @type {any[]} */
    const bands = [];
    for (const line of lines) {
      const colour = colourOf(line.colour);
      const points = { show: Boolean(line.points), size: 6, fill: colour };
      series.push({ label: line.label, stroke: colour, width: line.width ?? 2, dash: line.dash, points, spanGaps: true });
      if (line.low && line.high) {
        const at = series.length;
        for (const end of ["low", "high"]) {
          series.push({ label: `${line.label}, ${end}`, stroke: "transparent", width: 0, points: { show: false } });
        }
        bands.push({ series: [at + 1, at], fill: faint(colour, line.dash ? 0.1 : 0.18) });
      }
    }
    const axis = { stroke: ink, grid, ticks: grid, font: "12px system-ui, sans-serif" };
    const options = {
      width: Math.max(200, box.clientWidth),
      height,
      series,
      bands,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: "days" } },
      scales: { x: { time: false }, y: range ? { range: () => range } : {} },
      axes: [
        { ...axis, size: 30, values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map((d) => String(d)) },
        { ...axis, size: 46, values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map((v) => tidy(v)) },
      ],
      plugins: [shading(windows)],
      hooks: {
        setCursor: [
          (/** @type {any} */ u) => {
            const { left } = u.cursor;
            if (left >= 0 && u.cursor.event && told.current.onDay) told.current.onDay(u.posToVal(left, "x"));
          },
        ],
      },
    };
    const made = new uPlot(/** @type {any} */ (options), /** @type {any} */ (dataOf(lines, days)), box);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: Math.max(200, box.clientWidth), height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useLayoutEffect(() => {
    plot.current?.setData(dataOf(props.lines, props.days));
  }, [props.lines, props.days, shape]);

  useLayoutEffect(() => {
    const u = plot.current;
    if (u && props.day !== undefined) u.setCursor({ left: u.valToPos(props.day, "x"), top: 10 }, false);
  }, [props.day, shape]);

  return html`<figure class="chart" data-testid=${props.testid}>
    <figcaption>
      <h3>${props.title} <small>${props.unit}</small></h3>
      ${!props.plain && html`<${Legend} lines=${props.lines} />`}
    </figcaption>
    <div class="plot" ref=${place} role="img" aria-label=${`${props.title}. ${props.said}`}></div>
    <${Numbers} title=${props.title} days=${props.days} lines=${props.lines} unit=${props.unit} said=${props.said} />
  </figure>`;
}

/** @param {{lines: Line[]}} props */
function Legend({ lines }) {
  if (lines.length < 2) return null;
  return html`<ul class="legend">
    ${lines.map(
      (line) => html`<li>
        <svg width="26" height="8" aria-hidden="true">
          <line x1="0" y1="4" x2="26" y2="4" stroke=${`var(--${line.colour})`} stroke-width="3"
            stroke-dasharray=${line.dash ? line.dash.join(" ") : undefined} />
        </svg>
        ${line.label}
      </li>`,
    )}
  </ul>`;
}

/** @param {{title: string, days: number[], lines: Line[], unit: string, said: string}} props */
function Numbers({ title, days, lines, unit, said }) {
  const [open, setOpen] = useState(false);
  const step = Math.max(1, Math.ceil(days.length / 40));
  const rows = open ? days.map((_, k) => k).filter((k) => k % step === 0 || k === days.length - 1) : [];
  return html`<details class="numbers" onToggle=${(/** @type {any} */ e) => setOpen(e.currentTarget.open)}>
    <summary>Numbers: ${title}</summary>
    <p>${said}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${`Table: ${title}`}>
      <table>
        <caption>${title}, ${unit}; in brackets 9 in 10 people</caption>
        <thead>
          <tr><th scope="col">Day</th>${lines.map((l) => html`<th scope="col">${l.label}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (k) => html`<tr>
              <th scope="row">${tidy(days[k])}</th>
              ${lines.map((l) => html`<td>${cell(l, k)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** @param {Line} line @param {number} k */
function cell(line, k) {
  const value = line.values[k];
  if (value === null || value === undefined) return "–";
  const [low, high] = [line.low?.[k], line.high?.[k]];
  return low !== undefined && low !== null && high !== undefined && high !== null
    ? `${tidy(value)} (${tidy(low)} to ${tidy(high)})`
    : tidy(value);
}
