// @ts-check
/** Dosings, sessions and practice as marks on an axis of days, moved by pointer or keys. */
import { dosingDays, EARLIEST, earliestOf, freeDay, LATEST, withDosingMoved } from "./design.js";
import { html, useRef, useState } from "./html.js";
import { fieldText } from "./numbers.js";

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./chart.js").Span} Span */
/** @typedef {"dosing" | "session" | "practice" | "practice-start" | "practice-end"} Part */
/** @typedef {{dosing: number, sessions: number, practice: number}} Rows heights of the middles of the three rows */

const CLOSE = 17;
const MARKS = /** @type {Record<string, string>} */ ({
  preparation: "M-8,0 L6,-8 L6,8 Z",
  integration: "M0,-8.5 A8.5,8.5 0 1 1 0,8.5 A8.5,8.5 0 1 1 0,-8.5 Z",
  psychotherapy: "M-7,-7 H7 V7 H-7 Z",
  training: "M0,-8 L8,7 L-8,7 Z",
  education: "M0,8 L8,-7 L-8,-7 Z",
});
const ARROW = "M-5,-9 H5 V3 L0,10 L-5,3 Z";
const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7 });

/** How a selected practice is told from a selected session. @param {number} k */
export const practiceNumber = (k) => -2 - k;

/** @param {Part} what @param {number} k */
const numberOf = (what, k) => (what === "dosing" ? -1 : what === "session" ? k : practiceNumber(k));

/**
 * What a picture with marks does with pointer and keys.
 * @param {{arm: ArmDesign, at: (event: MouseEvent) => number, rows: Rows, onChange: (arm: ArmDesign) => void,
 *   onSelect: (k: number) => void, onHold?: (held: boolean) => void}} props `at` is the day under the pointer
 */
export function useMarks({ arm, at, rows, onChange, onSelect, onHold }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const [held, setHeld] = useState("");
  const drag = useRef(/** @type {{what: Part, k: number, start: number, from: ArmDesign, by: number} | null} */ (null));

  /** @param {Part} what @param {number} k */
  const grab = (what, k) => (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    drag.current = { what, k, start: at(event), from: arm, by: 0 };
    box.current?.setPointerCapture(event.pointerId);
    onSelect(numberOf(what, k));
    setHeld(`${what}${k}`);
    onHold?.(true);
    /** @type {any} */ (event.currentTarget)?.focus();
  };
  /** @param {PointerEvent} event */
  const move = (event) => {
    const own = drag.current;
    if (!own) return;
    const by = Math.round(at(event) - own.start);
    if (by === own.by) return;
    own.by = by;
    onChange(moved(own.from, own.what, own.k, by));
  };
  const drop = () => {
    if (!drag.current) return;
    drag.current = null;
    setHeld("");
    onHold?.(false);
  };
  /** @param {Part} what @param {number} k */
  const keys = (what, k) => (/** @type {KeyboardEvent} */ event) => {
    const by = (STEPS[event.key] ?? 0) * (event.shiftKey && event.key.startsWith("Arrow") ? 7 : 1);
    const far = { Home: EARLIEST - LATEST, End: LATEST - EARLIEST }[event.key] ?? 0;
    if (by || far) {
      event.preventDefault();
      onChange(moved(arm, what, k, by || far));
    } else if (event.key === "Escape") {
      onSelect(-1);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onSelect(-1);
      onChange(removed(arm, what, k));
      requestAnimationFrame(() => focusOn(box.current, what, k));
    }
  };
  /** A double click in the row of sessions makes one there. @param {MouseEvent} event */
  const make = (event) => {
    const y = event.clientY - (box.current?.getBoundingClientRect().top ?? 0);
    if (Math.abs(y - rows.sessions) > 22 || /** @type {Element} */ (event.target).closest(".session")) return;
    const wished = Math.round(at(event));
    if (wished < EARLIEST || wished >= LATEST) return;
    const kind = wished < 0 ? "preparation" : "integration";
    const format = /** @type {const} */ ("individual");
    const tasks = /** @type {("insights" | "steps" | "practice")[]} */ (["insights", "steps", "practice"]);
    onChange({ ...arm, sessions: [...arm.sessions, { day: freeDay(arm, wished), kind, hours: 1.5, format, tasks }] });
    onSelect(arm.sessions.length);
  };
  return { box, held, grab, move, drop, keys, make };
}

/**
 * The marks themselves, for an `svg` of class "timeline".
 * @param {{arm: ArmDesign, x: (day: number) => number, rows: Rows, inside: (day: number) => boolean, selected: number,
 *   onSelect: (k: number) => void, hand: ReturnType<typeof useMarks>}} props
 */
export function Marks({ arm, x, rows, inside, selected, onSelect, hand }) {
  const { grab, keys } = hand;
  const heights = staggered(arm, x);
  return html`<g>
    ${dosingDays(arm).map((day, k) => {
      const where = `translate(${x(day)},${rows.dosing})`;
      if (k === 0) return html`<g transform=${where}><path class="dose" d=${ARROW} /><title>First dosing, day 0</title></g>`;
      return html`<g class="dosing" data-testid="dosing-marker" data-part=${`dosing${k}`} tabindex="0" role="slider" transform=${where}
        aria-label=${`Dosing ${k + 1}`} aria-valuemin="0" aria-valuemax=${LATEST} aria-valuenow=${day} aria-valuetext=${`day ${fieldText(day)}`}
        onPointerDown=${grab("dosing", k)} onKeyDown=${keys("dosing", k)} onFocus=${() => onSelect(-1)}>
        <circle class="hit" r="12" /><path class="dose" d=${ARROW} /><title>Dosing ${k + 1}, day ${fieldText(day)}</title></g>`;
    })}
    ${arm.practice.map((p, k) => {
      const [a, b] = [x(p.from_day), x(p.to_day)];
      const y = rows.practice - 9;
      const week = `${fieldText(p.hours_per_week)} hours a week`;
      const limits = { "aria-valuemin": EARLIEST, "aria-valuemax": LATEST };
      return html`<g class=${`practice ${selected === practiceNumber(k) ? "selected" : ""}`}>
        <rect class="bar" data-testid="practice-bar" data-part=${`practice${k}`} x=${a} y=${y} width=${Math.max(8, b - a)} height="18" rx="5" tabindex="0"
          role="slider" aria-label=${`Practice, ${week}: move`} ...${limits} aria-valuenow=${p.from_day}
          aria-valuetext=${`from day ${fieldText(p.from_day)} to day ${fieldText(p.to_day)}`}
          onPointerDown=${grab("practice", k)} onKeyDown=${keys("practice", k)} onFocus=${() => onSelect(practiceNumber(k))} />
        ${b - a > 158
          ? html`<text class="in-bar" x=${(a + b) / 2} y=${rows.practice + 4} text-anchor="middle">practice, ${fieldText(p.hours_per_week)} h a week</text>`
          : b - a > 104 && html`<text class="in-bar" x=${(a + b) / 2} y=${rows.practice + 4} text-anchor="middle">${fieldText(p.hours_per_week)} h a week</text>`}
        ${/** @type {[Part, number, number, string][]} */ ([
          ["practice-start", a, p.from_day, "first day"],
          ["practice-end", b, p.to_day, "last day"],
        ]).map(
          ([part, where, value, word]) => html`<g class="handle" data-part=${part + k} tabindex="0" role="slider" aria-label=${`Practice, ${word}`} ...${limits}
            aria-valuenow=${value} aria-valuetext=${`day ${fieldText(value)}`} onPointerDown=${grab(part, k)} onKeyDown=${keys(part, k)} onFocus=${() => onSelect(practiceNumber(k))}>
            <rect class="reach" x=${where - 9} y=${y - 4} width="18" height="26" /><rect class="grip" x=${where - 3} y=${y} width="6" height="18" rx="3" />
          </g>`,
        )}
      </g>`;
    })}
    ${arm.sessions.map((s, k) => {
      const name = `${s.kind[0].toUpperCase()}${s.kind.slice(1)}, ${fieldText(s.hours)} hours`;
      const where = s.day < 0 ? "" : inside(s.day) ? ", in the open window" : ", outside the window";
      const chosen = k === selected;
      return html`<g class=${`session ${s.kind} ${chosen ? "selected" : ""}`} data-testid="session-marker" data-part=${`session${k}`} tabindex="0"
        role="slider" aria-label=${name} aria-valuemin=${earliestOf(arm, s.kind)} aria-valuemax=${LATEST} aria-valuenow=${s.day}
        aria-valuetext=${`day ${fieldText(s.day)}${where}`} transform=${`translate(${x(s.day)},${rows.sessions + heights[k]})`}
        onPointerDown=${grab("session", k)} onKeyDown=${keys("session", k)} onFocus=${() => onSelect(k)}>
        <circle class="hit" r="13" /><path d=${MARKS[s.kind]} /><title>${name}, day ${fieldText(s.day)}${where}</title>
        ${chosen && html`<text class="day-word" y=${heights[k] > 0 ? 25 : -16} text-anchor="middle">day ${fieldText(s.day)}</text>`}
      </g>`;
    })}
  </g>`;
}

/** Marks too close to each other stand one higher, one lower. @param {ArmDesign} arm @param {(day: number) => number} x */
function staggered(arm, x) {
  const order = arm.sessions.map((_, k) => k).sort((a, b) => arm.sessions[a].day - arm.sessions[b].day);
  const found = arm.sessions.map(() => 0);
  order.forEach((k, place) => {
    const before = order[place - 1];
    if (before === undefined || x(arm.sessions[k].day) - x(arm.sessions[before].day) >= CLOSE) return;
    if (found[before] === 0) found[before] = -8;
    found[k] = -found[before];
  });
  return found;
}

/** @param {SVGSVGElement | null} box @param {Part} what @param {number} k */
function focusOn(box, what, k) {
  const kind = what.split("-")[0];
  const next = box?.querySelector(`[data-part="${kind}${k}"]`) ?? box?.querySelector(`[data-part="${kind}${k - 1}"]`) ?? box?.querySelector("[data-part]");
  if (next instanceof SVGElement) next.focus();
}

/** @param {ArmDesign} arm @param {Part} what @param {number} k */
function removed(arm, what, k) {
  if (what === "dosing") return { ...arm, dosing_days: arm.dosing_days.filter((_, j) => j !== k) };
  return what === "session"
    ? { ...arm, sessions: arm.sessions.filter((_, j) => j !== k) }
    : { ...arm, practice: arm.practice.filter((_, j) => j !== k) };
}

/** @param {ArmDesign} arm @param {Part} what @param {number} k @param {number} by days */
function moved(arm, what, k, by) {
  const held = (/** @type {number} */ day) => Math.min(Math.max(day, EARLIEST), LATEST - 1);
  if (what === "dosing") return { ...arm, dosing_days: withDosingMoved(arm.dosing_days, k, by) };
  if (what === "session") {
    return { ...arm, sessions: arm.sessions.map((s, j) => (j === k ? { ...s, day: Math.max(earliestOf(arm, s.kind), held(s.day + by)) } : s)) };
  }
  const practice = arm.practice.map((p, j) => {
    if (j !== k) return p;
    if (what === "practice-end") return { ...p, to_day: Math.max(p.from_day + 1, held(p.to_day + by)) };
    if (what === "practice-start") return { ...p, from_day: Math.min(p.to_day - 1, held(p.from_day + by)) };
    const from = Math.min(held(p.from_day + by), LATEST - 1 - (p.to_day - p.from_day));
    return { ...p, from_day: from, to_day: from + p.to_day - p.from_day };
  });
  return { ...arm, practice };
}

/**
 * The days to show: the weeks of work with some room to drag into, or the whole course.
 * @param {ArmDesign[]} arms @param {Span[]} windows @param {number} horizon @param {boolean} whole @returns {Span}
 */
export function daysShown(arms, windows, horizon, whole) {
  const from = Math.min(-7, ...arms.flatMap((arm) => arm.sessions.map((s) => s.day))) - 2;
  if (whole) return { from, to: horizon };
  const ends = arms.flatMap((arm) => [...dosingDays(arm).map((d) => d + 14), ...arm.sessions.map((s) => s.day), ...arm.practice.map((p) => p.to_day)]);
  return { from, to: Math.min(horizon, Math.ceil((1.15 * Math.max(56, ...ends, ...windows.map((w) => w.to))) / 14) * 14) };
}
