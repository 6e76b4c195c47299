// @ts-check
/** The timeline: sessions as markers and practice as a bar, dragged by pointer or keys, the open window behind. */
import { html, useEffect, useRef, useState } from "./html.js";

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").PlannedSession} PlannedSession */

const LEFT = 12;
const ROW = 34;
const HEIGHT = 176;
const MARKS = /** @type {Record<string, string>} */ ({
  preparation: "M-7,0 L6,-7 L6,7 Z",
  integration: "M0,-8 A8,8 0 1 1 0,8 A8,8 0 1 1 0,-8 Z",
  psychotherapy: "M-7,-7 H7 V7 H-7 Z",
  training: "M0,-8 L8,7 L-8,7 Z",
  education: "M0,8 L8,-7 L-8,-7 Z",
});

/** @param {number} day */
const snapped = (day) => Math.round(day);

/**
 * @param {{arm: ArmDesign, first: number, last: number, windows: {from: number, to: number}[],
 *   onChange: (arm: ArmDesign) => void, selected: number, onSelect: (k: number) => void}} props
 */
export function Timeline({ arm, first, last, windows, onChange, selected, onSelect }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const [width, setWidth] = useState(600);
  const drag = useRef(/** @type {{what: string, k: number, start: number, from: ArmDesign} | null} */ (null));

  useEffect(() => {
    const own = box.current?.parentElement;
    if (!own) return undefined;
    const watch = new ResizeObserver(() => setWidth(Math.max(280, own.clientWidth)));
    watch.observe(own);
    return () => watch.disconnect();
  }, []);

  const inner = width - 2 * LEFT;
  /** @param {number} day */
  const x = (day) => LEFT + ((day - first) / (last - first)) * inner;
  /** @param {number} pixel */
  const dayOf = (pixel) => first + ((pixel - LEFT) / inner) * (last - first);
  /** @param {number} day */
  const inRange = (day) => Math.min(Math.max(day, -180), last - 1);

  /** @param {PointerEvent} event */
  const at = (event) => dayOf(event.clientX - (box.current?.getBoundingClientRect().left ?? 0));

  /** @param {string} what @param {number} k */
  const grab = (what, k) => (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    drag.current = { what, k, start: at(event), from: arm };
    box.current?.setPointerCapture(event.pointerId);
    if (what === "session") onSelect(k);
    /** @type {any} */ (event.currentTarget)?.focus();
  };

  /** @param {PointerEvent} event */
  const move = (event) => {
    const held = drag.current;
    if (!held) return;
    const by = snapped(at(event) - held.start);
    onChange(moved(held.from, held.what, held.k, by, inRange));
  };

  const drop = () => {
    drag.current = null;
  };

  /** @param {string} what @param {number} k */
  const keys = (what, k) => (/** @type {KeyboardEvent} */ event) => {
    const step = event.shiftKey ? 7 : 1;
    const by = /** @type {Record<string, number>} */ ({ ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step })[event.key];
    if (by) {
      event.preventDefault();
      onChange(moved(arm, what, k, by, inRange));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onChange(
        what === "session"
          ? { ...arm, sessions: arm.sessions.filter((_, j) => j !== k) }
          : { ...arm, practice: arm.practice.filter((_, j) => j !== k) },
      );
    }
  };

  const ticks = ticksOf(first, last, width);
  const inside = (/** @type {number} */ day) => windows.some((w) => w.from <= day && day <= w.to);
  const dosings = arm.medicine === "none" ? [] : Array.from({ length: arm.dosings }, (_, k) => k * arm.every_days);
  return html`<div class="timeline">
    <svg ref=${box} width=${width} height=${HEIGHT} role="group" aria-label="Timeline of dosings, sessions and practice"
      onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${drop}>
      ${windows.map(
        (w) => html`<rect class="open-window" x=${x(Math.max(w.from, first))} y="4"
          width=${Math.max(0, x(Math.min(w.to, last)) - x(Math.max(w.from, first)))} height=${HEIGHT - 30} />`,
      )}
      ${ticks.map(
        (day) => html`<g><line class="tick" x1=${x(day)} x2=${x(day)} y1="4" y2=${HEIGHT - 26} />
          <text class="tick-label" x=${x(day)} y=${HEIGHT - 8} text-anchor="middle">${day}</text></g>`,
      )}
      <text class="row-label" x=${LEFT} y="16">Dosing</text>
      <text class="row-label" x=${LEFT} y=${16 + ROW + 10}>Sessions</text>
      <text class="row-label" x=${LEFT} y=${16 + 2 * ROW + 26}>Practice</text>
      ${dosings.map(
        (day) => html`<g transform=${`translate(${x(day)},28)`}>
          <path class="dose" d="M-5,-8 H5 V3 L0,9 L-5,3 Z" /><title>Dosing on day ${day}</title></g>`,
      )}
      ${arm.practice.map((p, k) => {
        const [a, b] = [x(p.from_day), x(Math.min(p.to_day, last))];
        const y = 2 * ROW + 50;
        return html`<g class="practice">
          <rect class="bar" data-testid="practice-bar" x=${a} y=${y} width=${Math.max(8, b - a)} height="18" rx="4" tabindex="0"
            role="slider" aria-label=${`Practice, ${p.hours_per_week} hours a week, first day`} aria-valuemin=${-180}
            aria-valuemax=${last} aria-valuenow=${p.from_day}
            aria-valuetext=${`from day ${p.from_day} to day ${p.to_day}`}
            onPointerDown=${grab("practice", k)} onKeyDown=${keys("practice", k)} />
          <rect class="handle" x=${b - 7} y=${y} width="10" height="18" rx="3" tabindex="0" role="slider"
            aria-label="Practice, last day" aria-valuemin=${p.from_day + 1} aria-valuemax=${last} aria-valuenow=${p.to_day}
            aria-valuetext=${`until day ${p.to_day}`}
            onPointerDown=${grab("practice-end", k)} onKeyDown=${keys("practice-end", k)} />
        </g>`;
      })}
      ${arm.sessions.map((s, k) => {
        const name = `${s.kind[0].toUpperCase()}${s.kind.slice(1)}, ${s.hours} hours`;
        const where = s.day < 0 ? "" : inside(s.day) ? ", in the open window" : ", outside the window";
        return html`<g class=${`session ${s.kind} ${k === selected ? "selected" : ""}`} data-testid="session-marker" tabindex="0"
          role="slider" aria-label=${name} aria-valuemin=${-180} aria-valuemax=${last} aria-valuenow=${s.day}
          aria-valuetext=${`day ${s.day}${where}`} transform=${`translate(${x(s.day)},${16 + ROW + 26})`}
          onPointerDown=${grab("session", k)} onKeyDown=${keys("session", k)} onFocus=${() => onSelect(k)}>
          <circle class="hit" r="14" /><path d=${MARKS[s.kind]} /><title>${name}, day ${s.day}${where}</title>
        </g>`;
      })}
    </svg>
  </div>`;
}

/** @param {ArmDesign} arm @param {string} what @param {number} k @param {number} by @param {(day: number) => number} inRange */
function moved(arm, what, k, by, inRange) {
  if (what === "session") {
    const sessions = arm.sessions.map((s, j) => (j === k ? { ...s, day: inRange(s.day + by) } : s));
    return { ...arm, sessions };
  }
  const practice = arm.practice.map((p, j) => {
    if (j !== k) return p;
    if (what === "practice-end") return { ...p, to_day: Math.max(p.from_day + 1, inRange(p.to_day + by)) };
    const from = inRange(p.from_day + by);
    return { ...p, from_day: from, to_day: Math.max(from + 1, inRange(p.to_day + by)) };
  });
  return { ...arm, practice };
}

/** @param {number} first @param {number} last @param {number} width */
function ticksOf(first, last, width) {
  const most = Math.max(3, Math.floor(width / 60));
  const step = [1, 2, 7, 14, 28, 56, 91, 182, 365].find((s) => (last - first) / s <= most) ?? 365;
  const found = [];
  for (let day = Math.ceil(first / step) * step; day <= last; day += step) found.push(day);
  return found;
}
