// @ts-check
/** The scores as lines to type on: when, which scale, how many points; what is wrong stands beneath its line. */
import { html, useRef, useState } from "../html.js";
import { inOwnNumbers, tidy } from "../numbers.js";
import { dateOf } from "./days.js";

/** @typedef {import("../shapes").FollowLine} FollowLine */
/** @typedef {import("../shapes").LineRead} LineRead */
/** @typedef {FollowLine & {key: number, own?: boolean}} Typed `own` where somebody chose its scale */
/** @typedef {{key: number, when: string}} Held a day or date that is being typed, and what it was before */

let made = 0;
/** @param {Partial<Typed>} [line] @returns {Typed} */
export const freshLine = (line = {}) => ({ when: "", what: "PHQ-9", value: "", ...line, key: (made += 1) });

/** @param {FollowLine} line */
export const isEmpty = (line) => !line.when.trim() && !line.value.trim();

/** Lines with one to type on at the end, on the scale of the line before. @param {Typed[]} lines @param {string} usual @returns {Typed[]} */
export function withRoom(lines, usual) {
  const last = lines[lines.length - 1];
  const free = last && isEmpty(last);
  const before = [...lines].reverse().find((line) => !isEmpty(line) && line.what !== "given")?.what ?? usual;
  if (!free) return [...lines, freshLine({ what: before })];
  return last.own || last.what === before ? lines : [...lines.slice(0, -1), { ...last, what: before }];
}

/**
 * @param {{lines: Typed[], read: Map<number, LineRead>, start: string | null, scales: string[], withPlan: boolean,
 *   onChange: (make: (lines: Typed[]) => Typed[]) => void, onPaste: (text: string) => void, onHold: (held: Held | null) => void, off: (key: number) => boolean}} props
 */
export function Lines({ lines, read, start, scales, withPlan, onChange, onPaste, onHold, off }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [inside, setInside] = useState(-1);
  /** @param {number} key @param {Partial<Typed>} part */
  const change = (key, part) => onChange((all) => all.map((line) => (line.key === key ? { ...line, ...part } : line)));
  /** @param {number} k */
  const focus = (k) => requestAnimationFrame(() => /** @type {HTMLElement | null} */ (box.current?.querySelectorAll(".line .when")[k])?.focus());
  /** @param {number} k */
  const remove = (k) => {
    onChange((all) => all.filter((_, j) => j !== k));
    focus(Math.max(0, k - 1));
  };
  /** Several lines or cells are a list, not a value. @param {ClipboardEvent} event */
  const paste = (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    onPaste(text);
  };
  return html`<ol class="score-lines" ref=${box} onPaste=${paste}>
    ${lines.map((line, k) => {
      const own = read.get(line.key);
      const name = `line ${k + 1}`;
      const wrong = own?.state === "wrong" && inside !== line.key;
      const given = line.what.toLowerCase() === "given";
      const known = given || scales.includes(line.what);
      return html`<li key=${line.key} class=${`line ${off(line.key) ? "off" : ""}`} onFocusIn=${() => setInside(line.key)}
        onFocusOut=${(/** @type {any} */ e) => e.currentTarget.contains(e.relatedTarget) || setInside(-1)}>
        <input class="when" type="text" autocomplete="off" inputmode="text" aria-label=${`Day or date, ${name}`} placeholder="day or date" value=${line.when}
          aria-invalid=${wrong ? "true" : "false"} aria-describedby=${`said-${line.key}`} maxlength="60"
          onFocus=${() => onHold({ key: line.key, when: line.when })} onBlur=${() => onHold(null)} onInput=${(/** @type {any} */ e) => change(line.key, { when: e.currentTarget.value })}
          onKeyDown=${(/** @type {any} */ e) => e.key === "Enter" && e.currentTarget.closest("li").querySelector(".value").focus()} />
        <select aria-label=${`Scale, ${name}`} value=${line.what} onChange=${(/** @type {any} */ e) => change(line.key, { what: e.currentTarget.value, own: true })}>
          ${!known && html`<option value=${line.what} selected>${line.what || "no scale"}</option>`}
          ${scales.map((s) => html`<option value=${s} selected=${s === line.what}>${s}</option>`)}
          ${(withPlan || given) && html`<option value="given" selected=${given}>given or done</option>`}
        </select>
        <input class="value" type="text" autocomplete="off" aria-label=${`${given ? "What was given" : "Score or answers"}, ${name}`} placeholder=${given ? "psilocybin 25 mg oral" : "score"}
          value=${line.value} maxlength="300" aria-invalid=${wrong ? "true" : "false"} aria-describedby=${`said-${line.key}`}
          onInput=${(/** @type {any} */ e) => change(line.key, { value: e.currentTarget.value })}
          onKeyDown=${(/** @type {KeyboardEvent} */ e) => e.key === "Enter" && focus(k + 1)} />
        <button type="button" class="quiet" aria-label=${`Remove ${name}`} disabled=${lines.length === 1 || (k === lines.length - 1 && isEmpty(line))} onClick=${() => remove(k)}>×</button>
        <p id=${`said-${line.key}`} class=${wrong ? "wrong" : "how"}>${wrong ? inOwnNumbers(own?.said ?? "") : howRead(line, own, start)}</p>
      </li>`;
    })}
  </ol>`;
}

/** How a line was read, where that is not plain from the line. @param {FollowLine} line @param {LineRead | undefined} own @param {string | null} start */
function howRead(line, own, start) {
  if (!own || own.state !== "read" || own.day === null) return "";
  if (!start && String(own.day) === line.when.trim() && String(own.score) === line.value.trim()) return "";
  const when = start ? `day ${tidy(own.day)}, ${dateOf(start, own.day, true)}` : `day ${tidy(own.day)}`;
  const points = own.score !== null && String(own.score) !== line.value.trim() ? `, ${tidy(own.score)} points` : "";
  return `${when}${points}`;
}
