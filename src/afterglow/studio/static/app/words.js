// @ts-check
/** Panels of words: the day under the cursor, how sure the model is, cautions. */
import { Said } from "./glossary.js";
import { html } from "./html.js";
import { dayText, inOwnNumbers } from "./numbers.js";

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
/** A small number in words. @param {number} count */
export const inWords = (count) => NUMBERS[count] ?? String(count);

const TOPICS = /** @type {Record<string, string>} */ ({
  brain: "In the brain",
  work: "In the work of integration",
  pattern: "Old and new pattern",
  caution: "Take care",
});

/** @param {{sources: import("./shapes").Source[]}} props */
export function Sources({ sources }) {
  if (!sources.length) return html`<span class="source">Assumed by the model.</span>`;
  return html`<span class="source">Source:${" "}
    ${sources.map(
      (s, k) => html`${k ? "; " : ""}${s.url
        ? html`<a href=${s.url} title=${s.citation} rel="noreferrer">${shortly(s)}</a>`
        : html`<span title=${s.citation}>${shortly(s)}</span>`}`,
    )}</span>`;
}

/** Who and when: from the key where it says so, else from the reference. @param {import("./shapes").Source} source */
function shortly(source) {
  const found = /^([a-z]+?)(\d{4})/.exec(source.key);
  if (found) return `${found[1][0].toUpperCase()}${found[1].slice(1)} ${found[2]}`;
  const [who] = source.citation.split(/[.,;]/);
  const year = /\b(?:19|20)\d\d\b/.exec(source.citation);
  return who && !who.startsWith("Authors not") ? `${who.slice(0, 60).trim()}${year ? ` ${year[0]}` : ""}` : source.key;
}

/** @param {number} day */
function dayName(day) {
  if (day <= 0 || day >= 1) return `Day ${dayText(day)}`;
  const hours = Math.max(1, Math.round(24 * day));
  return `Day 0, hour ${hours}`;
}

/** @param {{arm: import("./shapes").ArmCourse, day: number, first: number, last: number, onDay: (day: number) => void}} props */
export function Story({ arm, day, first, last, onDay }) {
  const told = arm.story.filter((p) => p.from_day <= day && (day < p.to_day || (day >= last && p.to_day >= last)));
  const open = arm.windows.some((w) => w.opens !== null && w.opens <= day && (w.closes === null || day <= w.closes));
  const opens = !open && arm.windows.some((w) => w.opens !== null && w.opens > day && w.opens < Math.floor(day) + 1 && Math.floor(day) === w.dose_day);
  const state = open ? "window open" : opens ? "window opens today" : "window closed";
  return html`<section class="card story" data-testid="story" aria-label="This day in plain words">
    <h2>${dayName(day)} <span class=${open || opens ? "pill open" : "pill"}>${state}</span></h2>
    <label for="day-slider" class="no-print">Move to another day, or point at a curve</label>
    <input id="day-slider" data-testid="day-slider" type="range" min=${Math.ceil(first)} max=${Math.floor(last)} step="1" value=${Math.round(day)}
      aria-valuetext=${`${dayName(day)}, ${state}`}
      onInput=${(/** @type {any} */ e) => onDay(Number(e.currentTarget.value))} />
    ${Object.entries(TOPICS).map(([topic, title]) => {
      const own = told.filter((p) => p.topic === topic);
      if (!own.length) return null;
      return html`<h3>${title}</h3>
        ${own.map((p) => html`<p><${Said} text=${p.text} /> <${Sources} sources=${p.sources.flatMap((key) => arm.sources.filter((s) => s.key === key))} /></p>`)}`;
    })}
  </section>`;
}

/** @param {{warnings: import("./shapes").Course["warnings"]}} props */
export function Cautions({ warnings }) {
  if (!warnings.length) return null;
  return html`<details class="card" data-testid="cautions">
    <summary>Cautions from published safety facts (${warnings.length})</summary>
    <ul>${warnings.map((w) => html`<li>${inOwnNumbers(w.sentence)} ${w.source && html`<span class="source">Source: ${w.source}</span>`}</li>`)}</ul>
  </details>`;
}
