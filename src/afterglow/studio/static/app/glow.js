// @ts-check
/** The open window behind a picture. */
import { html, useMemo } from "./html.js";

/** @typedef {import("./shapes").ArmCourse} ArmCourse */
/** @typedef {import("./chart.js").Span} Span */

/**
 * The window as a glow: as strong as the share of people in whom it is open.
 * @param {{id: string, seen: ArmCourse, x: (d: number) => number, span: Span, top: number, base: number}} props `id` is the page's only one
 */
export function Glow({ id, seen, x, span, top, base }) {
  const { days, open_shares: shares } = seen;
  const stops = useMemo(() => {
    const found = [];
    for (let k = 0; k < days.length; k += 1) {
      const turning = k > 0 && k < days.length - 1 && Math.abs(2 * shares[k] - shares[k - 1] - shares[k + 1]) < 0.004;
      if (!turning) found.push({ day: days[k], share: shares[k] });
    }
    return found;
  }, [seen]);
  if (!shares.some((s) => s > 0.02)) return null;
  const [a, b] = [x(span.from), x(span.to)];
  const within01 = (/** @type {number} */ day) => Math.min(1, Math.max(0, (day - span.from) / (span.to - span.from)));
  return html`<g><defs><linearGradient id=${id} gradientUnits="userSpaceOnUse" x1=${a} x2=${b} y1="0" y2="0">
      ${stops.map((s) => html`<stop offset=${within01(s.day).toFixed(4)} class="glow" stop-opacity=${(0.42 * s.share).toFixed(3)} />`)}
    </linearGradient></defs><rect x=${a} y=${top} width=${b - a} height=${base - top} fill=${`url(#${id})`} data-testid="window-glow" /></g>`;
}
