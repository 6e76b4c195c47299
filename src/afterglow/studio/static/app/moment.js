// @ts-check
/** Fields for a date and a time of day, as the reader's language writes them. Nothing is taken before it is finished. */
import { dateField, isDate, readDate, readTime, timeText, today } from "./dates.js";
import { useTyped } from "./fields.js";
import { html, useRef, useState } from "./html.js";

let count = 0;
const fresh = () => `moment-${(count += 1)}`;

/**
 * A text that is taken on Enter or on leaving the field; what cannot be read stays, with a sentence.
 * @param {{label: string, shown: string, take: (text: string) => string, bare?: boolean, word?: boolean, size?: number, empty?: string, children?: unknown}} props
 *   `take` returns a sentence where the text cannot be taken
 */
function Typed({ label, shown, take, bare = false, word = false, size = 11, empty = "", children }) {
  const [id] = useState(fresh);
  const [said, setSaid] = useState("");
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  // What somebody is typing just now stays, also where an answer that comes late would show something else.
  const typing = (/** @type {string} */ typed, /** @type {string} */ before) => typed !== before && document.activeElement === input.current;
  const [text, setText] = useTyped(shown, (typed, before) => (typing(typed, before) ? typed : shown), () => setSaid(""));
  const finish = () => {
    if (text === shown) return setSaid("");
    const wrong = take(text);
    setSaid(wrong);
    if (!wrong) setText(shown);
  };
  /** @param {KeyboardEvent} e */
  const keys = (e) => {
    if (e.key === "Enter") finish();
    if (e.key === "Escape" && text !== shown) {
      e.stopPropagation();
      setText(shown);
      setSaid("");
    }
  };
  const typed = html`<input ref=${input} id=${id} type="text" class=${word ? "word" : ""} autocomplete="off" size=${word ? Math.max(2, (text || empty).length) : size} placeholder=${empty} value=${text} aria-label=${bare ? label : undefined}
    aria-invalid=${said ? "true" : "false"} aria-describedby=${said ? `${id}-said` : undefined}
    onInput=${(/** @type {any} */ e) => setText(e.currentTarget.value)} onKeyDown=${keys} onBlur=${finish} />`;
  const wrong = said && html`<span id=${`${id}-said`} class="wrong" role="status">${said}</span>`;
  const field = html`<span class="moment">${typed}${children}${wrong}</span>`;
  return bare ? field : html`<div class="field"><label for=${id}>${label}</label>${field}</div>`;
}

/**
 * @param {{label: string, value: string, onChange: (date: string) => void, bare?: boolean, word?: boolean, empty?: string, past?: boolean, refuse?: (date: string) => string}} props
 *   `empty` stands where there is no date, which is then one of the answers; a date without a year is the next, or where it is `past` the last;
 *   `refuse` returns a sentence where a date cannot be taken
 */
export function DateField({ label, value, onChange, bare, word, empty = "", past = false, refuse = () => "" }) {
  const picker = useRef(/** @type {HTMLInputElement | null} */ (null));
  const take = (/** @type {string} */ text) => {
    const { date, said } = empty && !text.trim() ? { date: "", said: "" } : readDate(text, today(), past);
    const wrong = said || refuse(date);
    if (!wrong && date !== value) onChange(date);
    return wrong;
  };
  const pick = () => {
    try {
      picker.current?.showPicker();
    } catch {
      picker.current?.focus();
    }
  };
  return html`<${Typed} label=${label} shown=${value ? dateField(value) : ""} take=${take} bare=${bare} word=${word} empty=${empty} size=${10}>
    <span class="picker no-print"><button type="button" class="quiet" aria-label=${`${label}: choose in a calendar`} title="Choose in a calendar" onClick=${pick}>
        <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true"><path d="M2,3.5H14V14H2Z M2,6.5H14 M5,1.5V4.5 M11,1.5V4.5" fill="none" stroke="currentColor" stroke-width="1.4" /></svg></button>
      <input ref=${picker} type="date" tabindex="-1" aria-hidden="true" value=${value} min="1950-01-01" max="2199-12-31"
        onChange=${(/** @type {any} */ e) => isDate(e.currentTarget.value) && onChange(e.currentTarget.value)} /></span>
  <//>`;
}

/** @param {{label: string, value: string | null, onChange: (time: string | null) => void, bare?: boolean, word?: boolean, empty?: string}} props */
export function TimeField({ label, value, onChange, bare, word, empty }) {
  const take = (/** @type {string} */ text) => {
    const { time, said } = readTime(text);
    if (!said && time !== value) onChange(time);
    return said;
  };
  return html`<${Typed} label=${label} shown=${value ? timeText(value) : ""} take=${take} bare=${bare} word=${word} empty=${empty} size=${7} />`;
}
