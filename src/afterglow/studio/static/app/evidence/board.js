// @ts-check
/** The board of stylised facts: what the field agrees on, beside what the model says of it. */
import { useFetched } from "../asking.js";
import { Said, Term } from "../glossary.js";
import { html, useState } from "../html.js";
import { inOwnNumbers, numberText } from "../numbers.js";
import { Spans } from "./spans.js";

/** @typedef {import("../shapes").FactsBoard} FactsBoard */
/** @typedef {import("../shapes").BoardFact} BoardFact */
/** @typedef {import("../shapes").Span} Span */

/** @param {{onStudy: (name: string) => void}} props */
export function Board({ onStudy }) {
  const [found, problem] = useFetched((one) => /** @type {FactsBoard} */ (one), "/api/evidence/board");
  const [missed, setMissed] = useState(false);
  if (problem && !found) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  const facts = missed ? found.facts.filter((f) => !f.passed) : found.facts;
  const topics = [...new Set(facts.map((f) => f.topic))];
  return html`<section class="card answer" aria-label="Facts that pass">
      <p class="big" data-testid="big-number">${found.passed} of ${found.facts.length}</p>
      <div><p class="what"><${Term} word="stylised facts" /> pass</p>
        <p class="verdict"><${Said} text=${found.sentence} /></p>
        <p class="source"><${Said} text=${found.rule} /> ${inOwnNumbers(found.made)}.</p></div>
    </section>
    <div class="segments" role="group" aria-label="Facts shown">
      <button type="button" aria-pressed=${!missed} onClick=${() => setMissed(false)}>All ${found.facts.length}</button>
      <button type="button" aria-pressed=${missed} onClick=${() => setMissed(true)}>The ${found.facts.length - found.passed} that miss</button>
    </div>
    <ul class="legend roomy">
      <li><svg width="26" height="12" aria-hidden="true"><line x1="0" x2="26" y1="6" y2="6" stroke="var(--muted)" stroke-width="2" /><path d="M9,2h8v8h-8Z" fill="var(--muted)" /></svg>published, 95 %</li>
      <li><svg width="26" height="12" aria-hidden="true"><line x1="0" x2="26" y1="6" y2="6" stroke="var(--arm-1)" stroke-width="4" opacity="0.5" /><circle cx="13" cy="6" r="4.5" fill="var(--arm-1)" /></svg>what the model says, 90 %</li>
      <li>dashed: no effect</li>
    </ul>
    ${topics.map((topic) => html`<section class="card"><h2>${topic}</h2>
      <ul class="facts">${facts.filter((f) => f.topic === topic).map((f) => html`<${Fact} key=${f.id} fact=${f} onStudy=${onStudy} />`)}</ul>
    </section>`)}`;
}

/** @param {Span} span @param {string} unit */
function shown(span, unit) {
  const digits = unit === "points" || unit === "days" ? 1 : 2;
  const [value, low, high] = [span.value, span.low, span.high].map((v) => numberText(v, digits));
  return `${value} (${low} to ${high})${unit ? ` ${unit}` : ""}`;
}

/** @param {{fact: BoardFact, onStudy: (name: string) => void}} props */
function Fact({ fact, onStudy }) {
  const predicted = fact.predicted ? shown(fact.predicted, fact.unit) : "could not be simulated";
  const verdict = fact.passed ? (fact.clear ? "passes, clear" : "passes") : `misses: ${fact.why}`;
  const said = `Published ${shown(fact.published, fact.unit)}; the model says ${predicted}; ${verdict}.`;
  return html`<li class=${fact.passed ? "" : "missed"}>
    <div><p class="words">${inOwnNumbers(fact.words)}</p>
      <p class="source">${inOwnNumbers(fact.asked)}. ${fact.study ? html`<button type="button" class="link" onClick=${() => onStudy(fact.study)}>${fact.label}</button>` : fact.label}: ${inOwnNumbers(fact.where)}.</p></div>
    <${Spans} rows=${[{ label: "published", span: fact.published, kind: "published" }, ...(fact.predicted ? [{ label: "model", span: fact.predicted, kind: "predicted" }] : [])]} none=${fact.none} label=${said} />
    <div class="numbers-told"><p>published ${shown(fact.published, fact.unit)}</p><p>model ${predicted}</p><p class="outcome"><strong>${fact.passed ? "✓" : "✗"} ${verdict}</strong></p></div>
  </li>`;
}
