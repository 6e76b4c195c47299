// @ts-check
/** A plan as compact rows, each edited where it stands. */
import { dateText, timeText, today } from "../dates.js";
import { Numeric } from "../fields.js";
import { html, useEffect, useRef } from "../html.js";
import { DateField, TimeField } from "../moment.js";
import { inOwnNumbers, tidy } from "../numbers.js";
import { Sources } from "../words.js";
import { refusal, SHAPES, shortTitle, titleOf } from "./items.js";

/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../planned/address.js").Change} Change */

/**
 * @param {{items: PlanItem[], dates: string[], selected: string, onSelect: (id: string) => void, onChange: (item: PlanItem, part: Change) => void,
 *   onRemove: (item: PlanItem) => void, flags: Record<string, string[]>}} props
 */
export function Rows({ items, dates, selected, onSelect, onChange, onRemove, flags }) {
  // While an entry is edited every row stays where it is.
  const order = useRef(/** @type {string[]} */ ([]));
  if (!selected) order.current = items.map((i) => i.id);
  const place = (/** @type {PlanItem} */ item) => (order.current.indexOf(item.id) + order.current.length + 1) % (order.current.length + 1);
  const rows = selected ? [...items].sort((a, b) => place(a) - place(b)) : items;
  const years = new Set(items.map((i) => i.date.slice(0, 4))).size > 1;
  return html`<ol class=${`plan-rows no-print ${years ? "years" : ""}`} data-testid="plan-items">
    ${rows.map(
      (item) => html`<${Row} key=${item.id} item=${item} dates=${dates} open=${item.id === selected} onOpen=${(/** @type {boolean} */ on) => onSelect(on ? item.id : "")}
        onChange=${(/** @type {Change} */ part) => onChange(item, part)} onRemove=${() => onRemove(item)} flags=${flags[item.id] ?? []} />`,
    )}
  </ol>`;
}

/** @param {PlanItem} item */
const lasting = (item) => (item.hours ? `${tidy(item.hours)} h${item.kind === "practice" ? " a week" : ""}` : "");

/**
 * @param {{item: PlanItem, dates: string[], open: boolean, onOpen: (on: boolean) => void, onChange: (part: Change) => void, onRemove: () => void,
 *   flags: string[]}} props
 */
function Row({ item, dates, open, onOpen, onChange, onRemove, flags }) {
  const line = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const was = useRef(open);
  useEffect(() => {
    if (open) line.current?.closest("li")?.scrollIntoView({ block: "nearest" });
    else if (was.current && document.activeElement === document.body) line.current?.focus({ preventScroll: true });
    was.current = open;
  }, [open]);
  const close = () => {
    onOpen(false);
    requestAnimationFrame(() => line.current?.focus());
  };
  const past = (item.until ?? item.date) < today();
  return html`<li class=${`${item.kind} ${open ? "edited" : ""}`}>
    <button type="button" class="row-line" ref=${line} aria-expanded=${open} onClick=${() => onOpen(!open)}>
      <svg viewBox="-9 -9 18 18" width="17" height="17" aria-hidden="true"><path class=${item.kind} d=${SHAPES[item.kind]} /></svg>
      <span class="on">${dateText(item.date, item.date.slice(0, 4) !== dates[0].slice(0, 4))}</span>${" "}
      <span class="at">${item.start ? timeText(item.start) : item.until ? "" : "–"}</span>${" "}
      <span class="title">${titleOf(item)}<span class="long">, ${lasting(item)}${item.until ? `, until ${dateText(item.until, false)}` : ""}</span></span>${" "}
      <span class="pills">
        ${item.in_window && item.kind !== "dosing" && item.kind !== "practice" && html`<span class="pill open">window</span>`}
        ${past && html`<span class="pill wrong">past</span>`}
        ${flags.length > 0 && html`<span class="pill wrong" title=${flags.join(" ")}>conflict</span>`}
      </span>
    </button>
    ${open &&
    html`<div class="editor" onKeyDown=${(/** @type {KeyboardEvent} */ e) => e.key === "Escape" && close()}>
      ${flags.map((flag) => html`<p class="wrong">${flag}</p>`)}
      <div class="fields">
        <${DateField} label=${item.kind === "practice" ? "From" : "Date"} value=${item.date} onChange=${(/** @type {string} */ date) => onChange({ date })}
          refuse=${(/** @type {string} */ date) => refusal(item, date, dates)} />
        ${item.kind === "practice"
          ? html`<${DateField} label="Until" value=${item.until ?? item.date} onChange=${(/** @type {string} */ until) => onChange({ until })}
              refuse=${(/** @type {string} */ until) => (until < item.date ? "That is before it begins." : "")} />`
          : html`<${TimeField} label="Time" value=${item.start} onChange=${(/** @type {string | null} */ start) => onChange({ start })} />`}
        <${Numeric} label=${item.kind === "practice" ? "Hours a week" : "Hours"} value=${item.hours ?? 1} low=${0.25} high=${item.kind === "practice" ? 40 : 12} step=${0.25}
          onChange=${(/** @type {number} */ hours) => onChange({ hours })} />
      </div>
      ${item.why && html`<p class="why">${inOwnNumbers(item.why)} <${Sources} sources=${item.sources} /></p>`}
      <div class="buttons">
        <button type="button" class="main" onClick=${close}>Done</button>
        ${(item.kind !== "dosing" || dates.length > 1) && html`<button type="button" aria-label=${`Remove ${shortTitle(item)}`} onClick=${onRemove}>Remove</button>`}
        ${item.kind === "dosing" && html`<span class="hint">Moving a dosing lays the plan around it.</span>`}
      </div>
    </div>`}
  </li>`;
}
