// @ts-check
/** The timeline: dosings and sessions as marks, practice as a bar, the open window behind. */
import { LEFT, RIGHT, ticksOf } from "./chart.js";
import { html, useWidth } from "./html.js";
import { Marks, useMarks } from "./marks.js";

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./chart.js").Span} Span */

const HEIGHT = 172;
const AXIS = 148;
const ROWS = { dosing: 34, sessions: 74, practice: 122 };

/**
 * @param {{arm: ArmDesign, span: Span, windows: Span[], onChange: (arm: ArmDesign) => void, selected: number,
 *   onSelect: (k: number) => void, onHold?: (held: boolean) => void}} props
 */
export function Timeline({ arm, span, windows, onChange, selected, onSelect, onHold }) {
  /** @param {MouseEvent} event */
  const at = (event) =>
    span.from + ((event.clientX - (hand.box.current?.getBoundingClientRect().left ?? 0) - LEFT) / inner) * (span.to - span.from);
  const hand = useMarks({ arm, at, rows: ROWS, onChange, onSelect, onHold });
  const width = useWidth(() => hand.box.current?.parentElement, 600);
  const inner = width - LEFT - RIGHT;
  /** @param {number} day */
  const x = (day) => LEFT + ((Math.min(Math.max(day, span.from), span.to) - span.from) / (span.to - span.from)) * inner;
  const inside = (/** @type {number} */ day) => windows.some((w) => w.from <= day && day <= w.to);
  return html`<div class="timeline">
    <svg ref=${hand.box} width=${width} height=${HEIGHT} role="group" aria-label="Timeline of dosings, sessions and practice"
      class=${hand.held ? "held" : ""} onPointerMove=${hand.move} onPointerUp=${hand.drop} onPointerCancel=${hand.drop} onDblClick=${hand.make}>
      ${windows.map((w) => {
        const wide = x(w.to) - x(w.from);
        return html`<g><rect class="open-window" x=${x(w.from)} y="4" width=${Math.max(0, wide)} height=${AXIS - 4} />
          ${wide > 84 && html`<text class="window-word" x=${x(w.to) - 6} y="17" text-anchor="end">window open</text>`}</g>`;
      })}
      ${ticksOf(span, inner).map(
        (day) => html`<g><line class="tick" x1=${x(day)} x2=${x(day)} y1="4" y2=${AXIS} />
          <text x=${x(day)} y=${AXIS + 17} text-anchor="middle">${day}</text></g>`,
      )}
      <line class="axis" x1=${LEFT} x2=${width - RIGHT} y1=${AXIS} y2=${AXIS} />
      <text x="0" y=${ROWS.dosing + 4}>Dosing</text>
      <text x="0" y=${ROWS.sessions + 4}>Sessions</text>
      <text x="0" y=${ROWS.practice + 4}>Practice</text>
      <${Marks} arm=${arm} x=${x} rows=${ROWS} inside=${inside} selected=${selected} onSelect=${onSelect} hand=${hand} />
    </svg>
  </div>`;
}
