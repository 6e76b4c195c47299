// @ts-check
/** Inputs with their labels. */
import { html, useState } from "./html.js";
import { fieldText, readNumber } from "./numbers.js";

let count = 0;
/** @returns {string} */
const fresh = () => `field-${(count += 1)}`;

/**
 * What is typed, written anew when what it stands for has changed: while it is drawn, for an effect comes later, when
 * somebody may have begun to type.
 * @template V
 * @param {V} value what the text stands for @param {(text: string, before: V) => string} anew the text for it, from the text so far and what that stood for
 * @param {() => void} [changed] what else is to be done then
 * @returns {[string, (text: string) => void]}
 */
export function useTyped(value, anew, changed = () => {}) {
  const [of, setOf] = useState(value);
  const [text, setText] = useState(() => anew("", value));
  if (of !== value) {
    setOf(() => value);
    setText((text) => anew(text, of));
    changed();
  }
  return [text, setText];
}

/** A number as it is typed: what means the same stays. @param {number} value */
const useTypedNumber = (value) => useTyped(value, (text) => (readNumber(text).value === value ? text : fieldText(value)));

/** What range holds, and that what stood before stays where it lies in it. @param {number} value @param {number} low @param {number} high */
const rangeText = (value, low, high) =>
  `From ${fieldText(low)} to ${fieldText(high)}${value >= low && value <= high ? `; it stays ${fieldText(value)}` : ""}.`;

/** @param {{label: string, value: number, low: number, high: number, step: number, unit?: string, whole?: boolean, onChange: (v: number) => void}} p */
export function Slider({ label, value, low, high, step, unit = "", whole = false, onChange }) {
  const [id] = useState(fresh);
  const shown = unit ? `${label}, ${unit}` : label;
  return html`<div class="field">
    <label for=${id}>${shown}</label>
    <div class="with-number">
      <input id=${id} type="range" aria-label=${label} aria-valuetext=${`${fieldText(value)} ${unit}`} min=${low} max=${high} step=${step} value=${value}
        onInput=${(/** @type {any} */ e) => onChange(Number(e.currentTarget.value))} />
      <${Numeric} label=${`${label}, number`} value=${value} low=${low} high=${high} step=${step} whole=${whole} onChange=${onChange} bare />
    </div>
  </div>`;
}

/** @param {{label: string, value: number, low: number, high: number, step: number, onChange: (v: number) => void, whole?: boolean, bare?: boolean}} p `whole`: there are no halves of it */
export function Numeric({ label, value, low, high, step, onChange, whole = false, bare = false }) {
  const [id] = useState(fresh);
  const [text, setText] = useTypedNumber(value);
  const typed = readNumber(text);
  const outside = Number.isFinite(typed.value) && !(typed.value >= low && typed.value <= high);
  const halved = whole && !Number.isInteger(typed.value) && Number.isFinite(typed.value);
  const said = typed.said || (outside ? rangeText(value, low, high) : halved ? `Write a whole number; it stays ${fieldText(value)}.` : "");
  const take = (/** @type {string} */ next) => {
    setText(next);
    const found = readNumber(next).value;
    if (found >= low && found <= high && (!whole || Number.isInteger(found))) onChange(found);
  };
  /** @param {KeyboardEvent} e */
  const keys = (e) => {
    const steps = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    if (!steps) return;
    e.preventDefault();
    const next = Math.min(high, Math.max(low, value + steps * step));
    take(fieldText(Math.round(next * 1e6) / 1e6));
  };
  const input = html`<input id=${id} type="text" inputmode="decimal" role="spinbutton" autocomplete="off" value=${text}
    aria-valuenow=${value} aria-valuemin=${low} aria-valuemax=${high} aria-invalid=${said ? "true" : "false"}
    aria-describedby=${said ? `${id}-said` : undefined} aria-label=${bare ? label : undefined}
    onInput=${(/** @type {any} */ e) => take(e.currentTarget.value)} onKeyDown=${keys}
    onBlur=${() => said || setText(fieldText(value))} />`;
  const wrong = said && html`<p id=${`${id}-said`} class="wrong" role="status">${said}</p>`;
  return bare ? html`${input}${wrong}` : html`<div class="field"><label for=${id}>${label}</label>${input}${wrong}</div>`;
}

/** @param {{label: string, value: string, options: {id: string, label: string}[], onChange: (v: string) => void}} p */
export function Choice({ label, value, options, onChange }) {
  const [id] = useState(fresh);
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${(/** @type {any} */ e) => onChange(e.currentTarget.value)}>
      ${options.map((o) => html`<option value=${o.id} selected=${o.id === value}>${o.label}</option>`)}
    </select>
  </div>`;
}

/** @param {{label: string, value: boolean, onChange: (v: boolean) => void, title?: string}} p */
export function Tick({ label, value, onChange, title }) {
  return html`<label class="check" title=${title}>
    <input type="checkbox" checked=${value} onChange=${(/** @type {any} */ e) => onChange(e.currentTarget.checked)} />${label}
  </label>`;
}

/** @param {{label: string, type?: string, value: string, onChange: (v: string) => void, most?: number, complete?: string}} p */
export function Text({ label, type = "text", value, onChange, most = 80, complete = "off" }) {
  const [id] = useState(fresh);
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input id=${id} type=${type} value=${value} maxlength=${most} autocomplete=${complete}
      onInput=${(/** @type {any} */ e) => onChange(e.currentTarget.value)} />
  </div>`;
}

/** A choice within a sentence. @param {{label: string, value: string, options: {id: string, label: string}[], onChange: (id: string) => void}} props */
export function Word({ label, value, options, onChange }) {
  return html`<select class="word" aria-label=${label} value=${value} onChange=${(/** @type {any} */ e) => onChange(e.currentTarget.value)}>
    ${options.map((o) => html`<option value=${o.id} selected=${o.id === value}>${o.label}</option>`)}
  </select>`;
}

/** A number within the sentence. @param {{label: string, value: number, low: number, high: number, onChange: (v: number) => void}} props */
export function Figure({ label, value, low, high, onChange }) {
  const [text, setText] = useTypedNumber(value);
  const typed = readNumber(text);
  const wrong = typed.said || (typed.value >= low && typed.value <= high ? "" : rangeText(value, low, high));
  const take = (/** @type {string} */ next) => {
    setText(next);
    const found = readNumber(next).value;
    if (found >= low && found <= high) onChange(found);
  };
  return html`<span class="figure"><input class="word" type="text" inputmode="decimal" autocomplete="off" aria-label=${label} size=${Math.max(2, text.length)}
      value=${text} aria-invalid=${wrong ? "true" : "false"} onInput=${(/** @type {any} */ e) => take(e.currentTarget.value)} />
    ${wrong && html`<span class="wrong" role="status">${wrong}</span>`}</span>`;
}
