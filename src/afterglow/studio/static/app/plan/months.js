// @ts-check
/** Months of a plan: what is on each day, the open window, holidays. A click opens an entry, moves it, or adds one. */
import { dateText, daysOfMonth, firstWeekday, later, monthsFrom, monthText, today, weekdayNames, weekdayOf } from "../dates.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { SHAPES, shortTitle } from "./items.js";

/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").Plan} PlanAnswer */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 });

/**
 * @param {{plan: PlanAnswer, items: PlanItem[], selected: string, onSelect: (id: string) => void, onMove: (item: PlanItem, date: string) => void,
 *   onAdd: (date: string) => void}} props
 */
export function Months({ plan, items, selected, onSelect, onMove, onAdd }) {
  const days = items.map((i) => i.date);
  const ends = plan.windows.map((w) => w.date_to);
  const first = days.reduce((a, b) => (a < b ? a : b), plan.dates[0]);
  const last = [...days, ...ends].reduce((a, b) => (a > b ? a : b), plan.dates[0]);
  const months = monthsFrom(first, last);
  const holidays = new Map(plan.holidays.map((h) => [h.date, h.name]));
  const [at, setAt] = useState(plan.dates[0]);
  const reachable = at >= months[0] && at < later(months[months.length - 1], 31) ? at : plan.dates[0];
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // On a narrow page months stand side by side; that of the first dosing is shown.
    const month = place.current?.querySelector(`[data-date="${plan.dates[0]}"]`)?.closest("table");
    if (month && place.current) place.current.scrollLeft = month.offsetLeft - place.current.offsetLeft;
  }, [plan.dates[0]]);
  const held = useRef(/** @type {PlanItem | null} */ (null));
  const chosen = items.find((i) => i.id === selected);
  useEffect(() => {
    if (chosen) setAt(chosen.date);
  }, [chosen?.date]);
  /** @param {string} date */
  const press = (date) => {
    setAt(date);
    const own = items.filter((i) => i.date === date && i.kind !== "practice");
    if (own.length) {
      const next = own[(own.findIndex((i) => i.id === selected) + 1) % own.length];
      onSelect(next.id);
    } else if (chosen) onMove(chosen, date);
    else onAdd(date);
  };
  /** @param {KeyboardEvent} event @param {string} date */
  const keys = (event, date) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const to = later(date, step);
    const button = place.current?.querySelector(`[data-date="${to}"]`);
    if (!(button instanceof HTMLElement)) return;
    setAt(to);
    button.focus();
  };
  /** @param {string} date */
  const opened = (date) => {
    const has = (/** @type {"date_to" | "date_to_low" | "date_to_high"} */ end) => plan.windows.some((w) => w.date_from <= date && date <= w[end]);
    return has("date_to_low") ? "open-most" : has("date_to") ? "open-half" : has("date_to_high") ? "open-few" : "";
  };
  const lead = firstWeekday();
  const names = weekdayNames("short");
  const long = weekdayNames("long");
  const columns = Array.from({ length: 7 }, (_, k) => (k + lead) % 7);
  return html`<div class="months no-print" ref=${place} data-testid="months">
    ${months.map((month) => {
      const blanks = (weekdayOf(month) - lead + 7) % 7;
      const cells = [...Array.from({ length: blanks }, () => ""), ...Array.from({ length: daysOfMonth(month) }, (_, k) => later(month, k))];
      const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, k) => cells.slice(7 * k, 7 * k + 7));
      return html`<table key=${month} class="month">
        <caption>${monthText(month)}</caption>
        <thead><tr>${columns.map((day) => html`<th scope="col" abbr=${long[day]}>${names[day]}</th>`)}</tr></thead>
        <tbody>${weeks.map(
          (week) => html`<tr>${columns.map((_, k) => {
            const date = week[k];
            if (!date) return html`<td></td>`;
            const own = items.filter((i) => i.date === date && i.kind !== "practice");
            const practised = items.some((i) => i.kind === "practice" && i.date <= date && date <= (i.until ?? i.date));
            const holiday = holidays.get(date);
            const what = own.map((i) => shortTitle(i)).join(", ");
            const act = own.length ? "" : chosen ? `. Move ${shortTitle(chosen)} here` : ". Add a meeting";
            const kind = opened(date);
            const state = [kind && "window open", holiday && `holiday, ${holiday}`, date === today() && "today"].filter(Boolean).join(", ");
            return html`<td class=${[kind, holiday ? "holiday" : "", weekdayOf(date) > 4 ? "weekend" : "", date === today() ? "today" : "", practised ? "practised" : ""].join(" ")}>
              <button type="button" data-date=${date} tabindex=${date === reachable ? 0 : -1} class=${own.some((i) => i.id === selected) ? "chosen" : ""}
                title=${[what, holiday].filter(Boolean).join("; ")} aria-label=${`${dateText(date)}${what ? `: ${what}` : ""}${state ? ` (${state})` : ""}${act}`}
                draggable=${own.length > 0} onDragStart=${() => (held.current = own[0] ?? null)} onDragOver=${(/** @type {Event} */ e) => e.preventDefault()}
                onDrop=${(/** @type {Event} */ e) => { e.preventDefault(); if (held.current) onMove(held.current, date); held.current = null; }}
                onClick=${() => press(date)} onKeyDown=${(/** @type {KeyboardEvent} */ e) => keys(e, date)}>
                <span class="number">${Number(date.slice(8))}${holiday ? html`<i class="star" aria-hidden="true">*</i>` : ""}</span>
                <span class="marks">${own.map((i) => html`<svg viewBox="-9 -9 18 18" width="15" height="15" aria-hidden="true"><path class=${i.kind} d=${SHAPES[i.kind]} /></svg>`)}</span>
              </button></td>`;
          })}</tr>`,
        )}</tbody>
      </table>`;
    })}
  </div>`;
}

/** What the marks and shades of the months mean. @param {{plan: PlanAnswer, items: PlanItem[]}} props */
export function MonthKey({ plan, items }) {
  const kinds = Object.keys(SHAPES).filter((kind) => kind !== "practice" && items.some((i) => i.kind === kind));
  const said = plan.windows.map((w) => `${dateText(w.date_from, false)} to ${dateText(w.date_to)}`).join("; ");
  const edges = plan.windows.length === 1 ? `, in nine of ten people until a day from ${dateText(plan.windows[0].date_to_low, false)} to ${dateText(plan.windows[0].date_to_high, false)}` : "";
  return html`<p class="source no-print">
    ${kinds.map((kind) => html`<span class="sign"><svg viewBox="-9 -9 18 18" width="14" height="14" aria-hidden="true"><path class=${kind} d=${SHAPES[kind]} /></svg> ${kind}</span> `)}
    <span class="sign"><i class="shade open-half"></i> window open, the darker the more people</span>
    ${items.some((i) => i.kind === "practice") && html` <span class="sign"><i class="shade practised"></i> practice</span>`}
    ${plan.holidays.length > 0 && html` <span class="sign">* public holiday</span>`}
    <br />${said ? `In the median virtual person the window is open from ${said}${edges}.` : "By this model the dose opens no window in most people."}
  </p>`;
}
