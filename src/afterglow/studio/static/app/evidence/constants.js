// @ts-check
/** Every constant of the model: what it means, what was believed of it, what the trials say, and its source. */
import { useFetched } from "../asking.js";
import { Choice, Text } from "../fields.js";
import { Said, Term } from "../glossary.js";
import { html, useState } from "../html.js";
import { inOwnNumbers, tidy } from "../numbers.js";
import { Sources } from "../words.js";

/** @typedef {import("../shapes").ParameterRow} ParameterRow */

/** @param {{facts: import("../shapes").EvidenceFacts | null}} props */
export function Constants({ facts }) {
  const [found, problem] = useFetched((one) => /** @type {ParameterRow[]} */ (one), "/api/evidence/parameters");
  const [words, setWords] = useState("");
  const [fitted, setFitted] = useState("fitted");
  if (problem && !found) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  const shown = found.filter(
    (p) =>
      (fitted === "all" || p.posterior) && `${p.name} ${p.meaning} ${p.part}`.toLowerCase().includes(words.toLowerCase()),
  );
  return html`<section class="card">
    <h2>${shown.length} constants</h2>
    ${facts && html`<p><${Said} text=${facts.sentences[2] ?? ""} /></p>`}
    <div class="row">
      <${Text} label="Search" type="search" value=${words} onChange=${setWords} />
      <${Choice} label="Which" value=${fitted} onChange=${setFitted} options=${[{ id: "fitted", label: "in the calibration" }, { id: "all", label: "all" }]} />
    </div>
    <div class="scroll tall" tabindex="0" role="region" aria-label="Constants"><table>
      <thead><tr><th scope="col">Constant</th><th scope="col">Value</th><th scope="col" class="left"><${Term} word="prior">Prior<//> (grey) and <${Term} word="posterior" />, 5 to 95 %</th><th scope="col" class="left">Source</th></tr></thead>
      <tbody>${shown.map(
        (p) => html`<tr>
          <td><strong>${inOwnNumbers(p.meaning)}</strong><br /><code>${p.name}</code></td>
          <td>${tidy((p.posterior ?? p).value)} ${p.unit}</td>
          <td class="left"><${Interval} row=${p} />${p.rests_on_prior && html` <span class="source">Rests on its prior.</span>`}</td>
          <td class="left">${p.assumed ? html`<span class="source">Assumed: ${inOwnNumbers(p.where.replace(/^assumed: /, ""))}</span>` : html`<${Sources} sources=${p.sources} /> <span class="source">${inOwnNumbers(p.where)}</span>`}</td>
        </tr>`,
      )}</tbody></table></div>
  </section>`;
}

/** @param {{row: ParameterRow}} props */
function Interval({ row }) {
  if (!row.prior) return html`<span class="source">as published</span>`;
  const both = [row.prior, ...(row.posterior ? [row.posterior] : [])];
  const all = both.flatMap((i) => [i.low, i.high]);
  const log = row.scale === "log" && Math.min(...all) > 0;
  const f = (/** @type {number} */ v) => (log ? Math.log(v) : v);
  const [low, high] = [Math.min(...all.map(f)), Math.max(...all.map(f))];
  const x = (/** @type {number} */ v) => 4 + ((f(v) - low) / (high - low || 1)) * 184;
  const said = both.map((i) => `${tidy(i.value)} (${tidy(i.low)} to ${tidy(i.high)})`).join(", then ");
  return html`<svg class="interval" viewBox="0 0 192 20" role="img" aria-label=${`${row.name}: ${said}`}>
      <line x1=${x(row.prior.low)} x2=${x(row.prior.high)} y1="6" y2="6" stroke="var(--muted)" stroke-width="4" opacity="0.5" />
      ${row.posterior && html`<line x1=${x(row.posterior.low)} x2=${x(row.posterior.high)} y1="14" y2="14" stroke="var(--arm-1)" stroke-width="4" />
        <circle cx=${x(row.posterior.value)} cy="14" r="4" fill="var(--arm-1)" />`}
    </svg><span class="source">${said}.</span>`;
}
