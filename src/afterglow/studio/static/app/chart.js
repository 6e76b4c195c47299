// @ts-check
/** One chart: lines with bands over days, the open window behind them, a sentence and a table beside it. */
import uPlot from "../vendor/uPlot.esm.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { numberText, tidy } from "./numbers.js";

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {(number | null)[]} values
 * @property {(number | null)[]} [low]
 * @property {(number | null)[]} [high]
 * @property {string} colour name of a CSS variable
 * @property {number[]} [dash]
 * @property {number} [width]
 */
/** @typedef {{from: number, to: number}} Span days */
/** @typedef {{day: number, value: number, low: number, high: number}} Whisker a mean and how sure it is */

/** Pixels left and right of the days; the timeline has the same, so that days stand above each other. */
export const LEFT = 62;
export const RIGHT = 12;

/** Colours of the theme as it is: asking the browser each time would lay the page out each time. */
const colours = /** @type {Map<string, string>} */ (new Map());
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => colours.clear());
addEventListener("afterglow-theme", () => colours.clear());

/** @param {string} name of a CSS variable, without its dashes */
export function colourOf(name) {
  const found = colours.get(name) ?? (getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#555");
  colours.set(name, found);
  return found;
}

/** @param {string} hex @param {number} alpha */
function faint(hex, alpha) {
  const full = hex.length === 4 ? "#" + [...hex.slice(1)].map((c) => c + c).join("") : hex;
  const parts = [1, 3, 5].map((k) => parseInt(full.slice(k, k + 2), 16));
  return `rgba(${parts.join(",")},${alpha})`;
}

/** @param {(number | null)[]} days rising @param {(number | null)[]} values @param {number} day */
export function valueAt(days, values, day) {
  let [a, k] = [0, days.length - 1];
  while (k - a > 1) {
    const middle = (a + k) >> 1;
    if (Number(days[middle]) >= day) k = middle;
    else a = middle;
  }
  const [d0, d1, v0, v1] = [days[a], days[k], values[a], values[k]];
  if (d0 === null || d1 === null || v0 === null || v1 === null || d1 === d0) return values[k];
  return v0 + Math.min(1, Math.max(0, (day - d0) / (d1 - d0))) * (v1 - v0);
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

/** Days to mark on an axis. @param {Span} span @param {number} width in pixels */
export function ticksOf(span, width) {
  const most = Math.max(3, Math.floor(width / 46));
  const step = [1, 2, 7, 14, 28, 56, 84, 168, 364].find((s) => (span.to - span.from) / s <= most) ?? 364;
  const found = [];
  for (let day = Math.ceil(span.from / step) * step; day <= span.to; day += step) found.push(day);
  return found;
}

/**
 * @param {{title: string, days: number[], lines: Line[], unit: string, windows?: Span[], span?: Span,
 *   range?: [number, number], height?: number, day?: number, onDay?: (day: number) => void, testid?: string,
 *   said: string, whiskers?: Whisker[], band?: string}} props
 */
export function Chart(props) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {any} */ (null));
  const told = useRef(props);
  told.current = props;
  const theme = useTheme();
  const shape = JSON.stringify([props.lines.map((l) => [l.label, l.colour, l.dash, Boolean(l.low)]), props.height, theme]);
  const span = props.span ?? { from: props.days[0], to: props.days[props.days.length - 1] };

  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return undefined;
    const made = new uPlot(optionsOf(told, box), /** @type {any} */ (dataOf(told.current.lines, told.current.days)), box);
    plot.current = made;
    const over = /** @type {HTMLElement} */ (made.over);
    over.style.touchAction = "pan-y";
    const point = (/** @type {PointerEvent} */ event) => {
      const left = event.clientX - over.getBoundingClientRect().left;
      const day = made.posToVal(left, "x");
      told.current.onDay?.(day > 0 && day < 1 ? Math.round(day * 24) / 24 : Math.round(day));
    };
    over.addEventListener("pointermove", point);
    over.addEventListener("pointerdown", point);
    const watch = new ResizeObserver(() => {
      const width = Math.max(200, box.clientWidth);
      if (width !== made.width) made.setSize({ width, height: made.height });
    });
    watch.observe(box);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useLayoutEffect(() => {
    plot.current?.setData(dataOf(props.lines, props.days));
  }, [props.lines, props.days, props.whiskers, props.windows, span.from, span.to, props.range?.[0], props.range?.[1], shape]);

  useLayoutEffect(() => {
    if (plot.current) pointAt(plot.current, props.day);
  }, [props.day, shape]);

  return html`<figure class="chart" data-testid=${props.testid}>
    <figcaption>
      <h3>${props.title} <small>${props.unit}</small></h3>
      <${Legend} lines=${props.lines} whiskers=${Boolean(props.whiskers)} band=${props.band} />
    </figcaption>
    <div class="plot" ref=${place} role="img" aria-label=${`${props.title}. ${props.said}`}></div>
    <${Numbers} title=${props.title} days=${props.days} lines=${props.lines} unit=${props.unit} said=${props.said} whiskers=${props.whiskers} />
  </figure>`;
}

/** Counts up whenever light turns to dark or back: canvases do not follow style sheets. */
export function useTheme() {
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const again = () => setTheme((n) => n + 1);
    dark.addEventListener("change", again);
    addEventListener("afterglow-theme", again);
    return () => {
      dark.removeEventListener("change", again);
      removeEventListener("afterglow-theme", again);
    };
  }, []);
  return theme;
}

/** @param {{current: any}} told @param {HTMLElement} box @returns {any} */
function optionsOf(told, box) {
  const { lines, height = 150 } = told.current;
  /** @type {any[]} */
  const series = [{ label: "day" }];
  /** @type {any[]} */
  const bands = [];
  for (const line of /** @type {Line[]} */ (lines)) {
    const colour = colourOf(line.colour);
    series.push({ label: line.label, stroke: colour, width: line.width ?? 2.2, dash: line.dash, points: { show: false }, spanGaps: true });
    if (line.low && line.high) {
      const at = series.length;
      for (const end of ["low", "high"]) {
        series.push({ label: `${line.label}, ${end}`, stroke: "transparent", width: 0, points: { show: false } });
      }
      bands.push({ series: [at + 1, at], fill: faint(colour, line.dash ? 0.1 : 0.15) });
    }
  }
  const grid = { stroke: faint(colourOf("line"), 0.8), width: 1 };
  const axis = { stroke: colourOf("muted"), grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const spanOf = () => {
    const { span, days } = told.current;
    return span ? [span.from, span.to] : [days[0], days[days.length - 1]];
  };
  const nothing = () => null;
  return {
    width: Math.max(200, box.clientWidth),
    height,
    series,
    bands,
    padding: [8, RIGHT, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, bind: { mousemove: nothing, mouseleave: nothing, mousedown: nothing, mouseup: nothing, click: nothing, dblclick: nothing } },
    scales: {
      x: { time: false, range: spanOf },
      y: { range: (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => told.current.range ?? roomy(low, high) },
    },
    axes: [
      { ...axis, size: 28, gap: 4, splits: () => ticksOf({ from: spanOf()[0], to: spanOf()[1] }, box.clientWidth - LEFT - RIGHT), values: texts },
      { ...axis, size: LEFT, gap: 6, space: 34, values: texts },
    ],
    hooks: {
      drawClear: [(/** @type {any} */ u) => shade(u, told.current.windows ?? [])],
      draw: [
        (/** @type {any} */ u) => {
          drawWhiskers(u, told.current.whiskers ?? []);
          pointAt(u, told.current.day);
        },
      ],
    },
  };
}

/** @param {any} _ @param {number[]} at */
const texts = (_, at) => {
  const digits = [0, 1, 2].find((d) => at.every((v) => Math.abs(v * 10 ** d - Math.round(v * 10 ** d)) < 1e-6)) ?? 3;
  return at.map((v) => numberText(v, digits));
};

/** @param {number} low @param {number} high @returns {[number, number]} */
const roomy = (low, high) => [Math.min(0, low), high > low ? high * 1.08 : low + 1];

/** @param {any} u @param {number | undefined} day */
function pointAt(u, day) {
  const { min, max } = u.scales.x;
  if (day === undefined || min === null || max === null || !u.over.clientWidth) return;
  const left = ((day - min) / (max - min)) * u.over.clientWidth;
  u.setCursor(day < min || day > max ? { left: -10, top: -10 } : { left, top: 2 }, false);
}

/** @param {any} u @param {Span[]} windows */
function shade(u, windows) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = faint(colourOf("window"), 0.16);
  for (const { from, to } of windows) {
    const a = Math.max(u.valToPos(from, "x", true), bbox.left);
    const b = Math.min(u.valToPos(to, "x", true), bbox.left + bbox.width);
    if (b > a) ctx.fillRect(a, bbox.top, b - a, bbox.height);
  }
  ctx.restore();
}

/** @param {any} u @param {Whisker[]} whiskers */
function drawWhiskers(u, whiskers) {
  if (!whiskers.length) return;
  const { ctx, bbox } = u;
  const dot = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = colourOf("ink");
  ctx.lineWidth = 1.4 * dot;
  ctx.setLineDash([]);
  ctx.beginPath();
  for (const { day, low, high } of whiskers) {
    const x = u.valToPos(day, "x", true);
    const [a, b] = [u.valToPos(low, "y", true), u.valToPos(high, "y", true)];
    ctx.moveTo(x, a);
    ctx.lineTo(x, b);
    for (const y of [a, b]) {
      ctx.moveTo(x - 3 * dot, y);
      ctx.lineTo(x + 3 * dot, y);
    }
  }
  ctx.stroke();
  for (const { day, value } of whiskers) {
    ctx.beginPath();
    ctx.arc(u.valToPos(day, "x", true), u.valToPos(value, "y", true), 3 * dot, 0, 7);
    ctx.fill();
  }
  ctx.restore();
}

/** @param {{lines: Line[], whiskers: boolean, band?: string}} props */
function Legend({ lines, whiskers, band }) {
  if (lines.length < 2 && !band) return null;
  return html`<ul class="legend">
    ${lines.map(
      (line) => html`<li>
        <svg width="26" height="10" aria-hidden="true">
          <line x1="0" y1="5" x2="26" y2="5" stroke=${`var(--${line.colour})`} stroke-width="3"
            stroke-dasharray=${line.dash ? line.dash.join(" ") : undefined} />
        </svg>
        ${line.label}
      </li>`,
    )}
    ${band &&
    html`<li><svg width="22" height="12" aria-hidden="true"><rect width="22" height="12" rx="2" fill=${`var(--${lines[0].colour})`} opacity="0.2" /></svg>
      ${band}</li>`}
    ${whiskers &&
    html`<li><svg width="10" height="16" aria-hidden="true" class="whisker"><path d="M1.5,1.5 h7 M5,1.5 v13 M1.5,14.5 h7" /><circle cx="5" cy="8" r="3" /></svg>
      Mean rating, 90 % interval</li>`}
  </ul>`;
}

/** @param {{title: string, days: number[], lines: Line[], unit: string, said: string, whiskers?: Whisker[]}} props */
export function Numbers({ title, days, lines, unit, said, whiskers }) {
  const [open, setOpen] = useState(false);
  const rows = useMemo(() => {
    const step = Math.max(1, Math.ceil(days.length / 40));
    return open ? days.map((_, k) => k).filter((k) => k % step === 0 || k === days.length - 1) : [];
  }, [open, days]);
  return html`<details class="numbers" onToggle=${(/** @type {any} */ e) => setOpen(e.currentTarget.open)}>
    <summary>Numbers: ${title}</summary>
    <p>${said}</p>
    ${open &&
    html`<div class="scroll" tabindex="0" role="region" aria-label=${`Table: ${title}`}>
      <table>
        <caption>${title}, ${unit}; in brackets nine in ten people</caption>
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
      ${whiskers?.length &&
      html`<table>
        <caption>Mean rating at visits; in brackets its 90 % interval</caption>
        <thead><tr><th scope="col">Day</th><th scope="col">Mean</th></tr></thead>
        <tbody>${whiskers.map((w) => html`<tr><th scope="row">${tidy(w.day)}</th><td>${tidy(w.value)} (${tidy(w.low)} to ${tidy(w.high)})</td></tr>`)}</tbody>
      </table>`}
    </div>`}
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
