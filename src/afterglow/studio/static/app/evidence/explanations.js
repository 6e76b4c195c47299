// @ts-check
/** The explanations: their weights, and which studies move them. */
import { useFetched } from "../asking.js";
import { Said, Term } from "../glossary.js";
import { html } from "../html.js";
import { numberText } from "../numbers.js";

/** @typedef {import("../shapes").Rivals} Rivals */

/** @param {{onStudy: (name: string) => void, facts: import("../shapes").EvidenceFacts | null}} props */
export function Explanations({ onStudy, facts }) {
  const [found, problem] = useFetched((one) => /** @type {Rivals} */ (one), "/api/evidence/rivals");
  if (problem && !found) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  /** @param {string} text */
  const named = (text) => found.rivals.reduce((said, r) => said.replaceAll(r.id, `“${r.label.toLowerCase()}”`), text);
  const nameOf = (/** @type {string} */ id) => found.rivals.find((r) => r.id === id)?.label ?? id.replaceAll("_", " ");
  return html`<section class="card"><h2>${named(found.verdict)}</h2><p><${Said} text=${found.sentence} /></p>
      ${facts && html`<p class="source"><${Said} text=${facts.sentences[1] ?? ""} /></p>`}
      <div class="scroll" tabindex="0" role="region" aria-label="Weights of the explanations"><table><thead><tr><th scope="col">Explanation</th><th scope="col">Weight</th><th scope="col"><${Term} word="log predictive density">Log predictive density<//></th><th scope="col">Behind the best</th></tr></thead>
        <tbody>${found.rivals.map(
          (r) => html`<tr><th scope="row">${r.label}<br /><span class="source">${r.sentence}</span></th>
            <td><meter min="0" max="1" value=${r.weight} aria-label=${`Weight of ${r.label}`}></meter> ${Math.round(100 * r.weight)} %</td>
            <td>${numberText(r.log_density, 1)}</td><td>${r.behind ? `${numberText(r.behind, 1)} ± ${numberText(r.behind_se, 1)}` : "best"}</td></tr>`,
        )}</tbody></table></div></section>
    <section class="card"><h2>Studies that move it</h2><div class="scroll tall" tabindex="0" role="region" aria-label="Studies that move the weights"><table>
      <thead><tr><th scope="col">Study</th><th scope="col" class="left">Favours</th><th scope="col" class="left">Over</th><th scope="col"><${Term} word="log ratio">Log ratio<//></th></tr></thead>
      <tbody>${found.studies.map(
        (s) => html`<tr><th scope="row"><button type="button" class="quiet" onClick=${() => onStudy(s.study)}>${s.label}</button></th><td class="left">${nameOf(s.favours)}</td><td class="left">${nameOf(s.over)}</td><td>${numberText(s.log_ratio, 1)}</td></tr>`,
      )}</tbody></table></div></section>`;
}
