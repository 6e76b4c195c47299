// @ts-check
/** Swim lanes: what each arm gives, on the same days as the picture above; everything on them can be dragged. */
import { ticksOf } from "../chart.js";
import { Glow } from "../glow.js";
import { html, PRINTED, useRef, useWidth } from "../html.js";
import { Marks, useMarks } from "../marks.js";
import { tidy } from "../numbers.js";
import { openDays } from "../windows.js";
import { nameOf, shortened, Swatch } from "./arms.js";
import { margins } from "./scores.js";

/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {import("../shapes").Course} Course */
/** @typedef {import("../chart.js").Span} Span */

const HEIGHT = 62;
const ROWS = { dosing: 13, sessions: 32, practice: 50 };

/**
 * @param {{arms: ArmDesign[], course: Course | null, span: Span, open: number, selected: number, onSelect: (arm: number, part: number) => void,
 *   onChange: (k: number, arm: ArmDesign) => void, onHold: (held: boolean) => void}} props `open` is the arm that is edited
 */
export function Lanes({ arms, course, span, open, selected, onSelect, onChange, onHold }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const width = useWidth(() => box.current, 900, PRINTED);
  return html`<div class="lanes" ref=${box} data-testid="lanes">
    ${arms.map((arm, k) => html`<${Lane} key=${k} arm=${arm} k=${k} seen=${course?.arms[k]} last=${course?.last_day ?? span.to} span=${span} width=${width} current=${k === open}
      selected=${k === open ? selected : -1} onSelect=${onSelect} onChange=${onChange} onHold=${onHold} />`)}
    <p class="source">An arrow is a dosing, a mark a session, a bar practice, the glow the share of people whose window is open. <span class="no-print">Drag them, or use the arrow keys; a double click in the middle row adds a session, Delete removes one.</span></p>
  </div>`;
}

/**
 * @param {{arm: ArmDesign, k: number, seen: import("../shapes").ArmCourse | undefined, last: number, span: Span, width: number, current: boolean, selected: number,
 *   onSelect: (arm: number, part: number) => void, onChange: (k: number, arm: ArmDesign) => void, onHold: (held: boolean) => void}} props
 */
function Lane({ arm, k, seen, last, span, width, current, selected, onSelect, onChange, onHold }) {
  const { wide, left, right } = margins(width);
  const end = width - right;
  /** @param {MouseEvent} event */
  const at = (event) => span.from + ((event.clientX - (hand.box.current?.getBoundingClientRect().left ?? 0) - left) / (end - left)) * (span.to - span.from);
  const hand = useMarks({ arm, at, rows: ROWS, onChange: (next) => onChange(k, next), onSelect: (part) => onSelect(k, part), onHold });
  /** @param {number} day */
  const x = (day) => left + ((Math.min(Math.max(day, span.from), span.to) - span.from) / (span.to - span.from)) * (end - left);
  const windows = seen ? openDays(seen, last) : [];
  const inside = (/** @type {number} */ day) => windows.some((w) => w.from <= day && day <= w.to);
  const hours = seen ? `${tidy(seen.therapy_hours)} h of therapy` : "";
  const name = nameOf(arm, k);
  return html`<div class=${`lane timeline ${current ? "current" : ""}`} role="group" aria-label=${`Arm ${k + 1}, ${name}`}>
    <button type="button" class="lane-name quiet" aria-pressed=${current} onClick=${() => onSelect(k, -1)} title=${`${name}: edit`}><${Swatch} k=${k} />${shortened(name, 34)}</button>
    <svg ref=${hand.box} width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`} role="group" aria-label=${`Dosings, sessions and practice of ${name}`} class=${hand.held ? "held" : ""}
      onPointerMove=${hand.move} onPointerUp=${hand.drop} onPointerCancel=${hand.drop} onDblClick=${hand.make}>
      ${seen && html`<${Glow} id=${`glow-${k}`} seen=${seen} x=${x} span=${span} top=${2} base=${HEIGHT - 2} />`}
      ${ticksOf(span, end - left).map((day) => html`<line class="tick" x1=${x(day)} x2=${x(day)} y1="0" y2=${HEIGHT} />`)}
      <line class="axis" x1=${left} x2=${end} y1=${ROWS.sessions} y2=${ROWS.sessions} />
      ${wide && html`<text x=${end + 12} y=${ROWS.sessions + 4}>${hours}</text>`}
      <${Marks} arm=${arm} x=${x} rows=${ROWS} inside=${inside} selected=${selected} onSelect=${(/** @type {number} */ part) => onSelect(k, part)} hand=${hand} />
    </svg>
  </div>`;
}
