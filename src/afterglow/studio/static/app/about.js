// @ts-check
/** About: what it is for, what it is not, how to cite. */
import { useFetched } from "./asking.js";
import { GLOSSARY } from "./glossary.js";
import { html } from "./html.js";
import { inOwnNumbers } from "./numbers.js";

export function About() {
  const [about, problem] = useFetched((found) => /** @type {import("./shapes").About} */ (found), "/api/about");
  const words = [...GLOSSARY].sort(([a], [b]) => a.localeCompare(b));
  return html`<main id="main" tabindex="-1">
    <h1>The drug opens a door. The work afterwards decides what stays. Perhaps.</h1>
    <p class="lead">Afterglow computes that story, and its rivals, so that they can be weighed.</p>
    ${problem && !about && html`<p class="warn" role="alert">${problem}</p>`}
    <section class="card">
      <h2>What it is for</h2>
      <ul>
        <li>Designing trials: dose, spacing, sessions, follow-up, durability.</li>
        <li>Planning integration around a dosing day, together with a professional.</li>
        <li>Teaching how medicine, brain plasticity, therapy and practice may act together.</li>
      </ul>
      <h2>What it is not</h2>
      <ul>
        <li>Not medical advice; it neither diagnoses nor prescribes. Several of these medicines are controlled and can do harm.</li>
        <li>Not a forecast for one person: these pages simulate virtual cohorts.</li>
        <li>Not proof that therapy makes the effect last. The published record is mixed, and four rival explanations fit it about equally well.</li>
        <li>How long a learning window is open in people is not known. The number comes from mice and is moved by trials.</li>
      </ul>
    </section>
    ${about &&
    html`<section class="card">
      <h2>How to cite</h2>
      <p>${about.citation}</p>
      <p class="source">Version ${about.version}, licence ${about.licence}. Calibrated on ${about.calibrated.studies} published studies with
        ${" "}${about.calibrated.rows} numbers. Please cite also the sources that a run relied on: the Evidence page and the report list them.</p>
      <p>${about.purpose}</p>
    </section>`}
    <section class="card"><h2>Words</h2>
      <p>On the pages these are underlined with dots, and explain themselves when pressed.</p>
      <dl class="words">${words.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${inOwnNumbers(meaning)}</dd></div>`)}</dl>
    </section>
  </main>`;
}
