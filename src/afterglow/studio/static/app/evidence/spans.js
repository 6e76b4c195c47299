// @ts-check
/** Numbers with their intervals on one axis, row by row, with the place of no effect marked. */
import { html } from "../html.js";
import { tidy } from "../numbers.js";

/** @typedef {import("../shapes").Span} Span */
/** @typedef {{label: string, span: Span, kind: "published" | "predicted" | "all"}} SpanRow */

const ROW = 16;

/**
 * @param {{rows: SpanRow[], none: number | null, label: string, width?: number, names?: number, row?: number, ends?: [number, number]}} props
 *   `none` is the value of no effect; `names` the room for labels
 */
export function Spans({ rows, none, label, width = 240, names = 0, row = ROW, ends }) {
  const values = rows.flatMap((r) => [r.span.low, r.span.high, r.span.value]);
  const [low, high] = ends ?? [Math.min(...values, none ?? Infinity), Math.max(...values, none ?? -Infinity)];
  const x = (/** @type {number} */ v) => names + 8 + ((v - low) / (high - low || 1)) * (width - names - 16);
  const height = rows.length * row + (none === null ? 2 : 16);
  return html`<svg class="spans" viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
    ${none !== null && html`<line class="zero" x1=${x(none)} x2=${x(none)} y1="0" y2=${rows.length * row} /><text class="none" x=${x(none)} y=${height - 3} text-anchor="middle">${tidy(none)}</text>`}
    ${rows.map((r, k) => {
      const y = k * row + row / 2;
      return html`<g class=${r.kind}>
        ${names > 0 && html`<text x="0" y=${y + 4}>${r.label}</text>`}
        <line class="reach" x1=${x(r.span.low)} x2=${x(r.span.high)} y1=${y} y2=${y} />
        ${r.kind === "published"
          ? html`<path class="dot" d=${`M${x(r.span.value) - 4},${y - 4}h8v8h-8Z`} />`
          : r.kind === "all"
            ? html`<path class="dot" d=${`M${x(r.span.value)},${y - 6}l6,6l-6,6l-6,-6Z`} />`
            : html`<circle class="dot" cx=${x(r.span.value)} cy=${y} r="4.5" />`}
      </g>`;
    })}
  </svg>`;
}
