// @ts-check
/** Every study of the package: what it gave, what it published, and what the others foretell of that. */
import { useFetched } from "../asking.js";
import { Choice, Text } from "../fields.js";
import { html, useMemo, useState } from "../html.js";
import { inOwnNumbers, tidy } from "../numbers.js";
import { Points } from "./points.js";

/** @typedef {import("../shapes").StudySummary} StudySummary */
/** @typedef {import("../shapes").StudyDetail} StudyDetail */

const STANDINGS = /** @type {Record<string, string>} */ ({
  fitted: "fitted",
  pooled: "within a pool",
  retracted: "retracted",
  apart: "kept apart",
});

/** @param {{study: string, onStudy: (name: string) => void}} props */
export function Studies({ study, onStudy }) {
  const [list, problem] = useFetched((found) => /** @type {StudySummary[]} */ (found), "/api/evidence/studies");
  const [words, setWords] = useState("");
  const [standing, setStanding] = useState("all");
  const shown = useMemo(() => {
    const asked = words.toLowerCase().split(/[\s,]+/).filter(Boolean);
    return (list ?? []).filter((s) => {
      const text = `${s.label} ${s.name} ${s.citation} ${s.condition} ${s.medicines.join(" ")}`.toLowerCase();
      return asked.every((w) => text.includes(w)) && (standing === "all" || s.standing === standing);
    });
  }, [list, words, standing]);
  const standings = [...new Set((list ?? []).map((s) => s.standing))];
  return html`${problem && html`<p class="warn" role="alert">${problem}</p>`}
    <div class="studies">
      <section class="card" aria-label="Studies">
        <h2>${list ? `${shown.length} of ${list.length} studies` : "Studies"}</h2>
        <div class="row">
          <${Text} label="Search" type="search" value=${words} onChange=${setWords} />
          <${Choice} label="Standing" value=${standing} onChange=${setStanding}
            options=${[{ id: "all", label: "all" }, ...standings.map((s) => ({ id: s, label: STANDINGS[s] }))]} />
        </div>
        <div class="scroll tall" tabindex="0" role="region" aria-label="List of studies">
          <table>
            <thead><tr><th scope="col">Study</th><th scope="col" class="left">Condition</th><th scope="col" class="left">Medicines</th><th scope="col" class="left">Standing</th></tr></thead>
            <tbody>
              ${shown.map(
                (s) => html`<tr>
                  <td><button type="button" class="quiet" aria-pressed=${s.name === study} onClick=${() => onStudy(s.name)}>${s.label}</button></td>
                  <td class="left">${s.condition.replaceAll("_", " ")}</td><td class="left">${s.medicines.join(", ")}</td>
                  <td class="left" title=${s.why}>${STANDINGS[s.standing]}</td></tr>`,
              )}
            </tbody>
          </table>
        </div>
        ${list && !shown.length && html`<p>No study has these words; <button type="button" class="quiet" onClick=${() => { setWords(""); setStanding("all"); }}>show all</button></p>`}
      </section>
      ${!list ? "" : list.some((s) => s.name === study) ? html`<${Study} name=${study} />`
        : html`<section class="card"><p class="warn" role="alert">${study ? `There is no study “${study.slice(0, 80)}” here` : "The link names no study"}; choose one from the list.</p></section>`}
    </div>`;
}

/** @param {{name: string}} props */
function Study({ name }) {
  const [found, problem] = useFetched((one) => /** @type {StudyDetail} */ (one), `/api/evidence/studies/${encodeURIComponent(name)}`);
  if (problem && !found) return html`<section class="card"><p class="warn" role="alert">${problem}</p></section>`;
  if (!found) return html`<section class="card"><p>Loading ${name}.</p></section>`;
  const { study, rows, sources, notes } = found;
  const foretold = rows.filter((r) => r.prediction && r.published !== null);
  return html`<section class="card" aria-label="Study" data-testid="study">
    <h2>${study.label}</h2>
    <p>${study.citation} ${study.url && html`<a href=${study.url} rel="noreferrer">Source</a>`}</p>
    ${study.why && html`<p class="note">Not fitted to: ${inOwnNumbers(study.why)}.</p>`}
    <${Points} found=${found} />
    <details open=${foretold.length === 0}>
      <summary>All published numbers (${rows.length})</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Published numbers">
        <table>
          <thead><tr><th scope="col">What</th><th scope="col">Published</th><th scope="col">Foretold, 90 %</th><th scope="col" class="left">Read where</th></tr></thead>
          <tbody>
            ${rows.map(
              (r) => html`<tr>
                <td>${r.what}</td><td>${inOwnNumbers(r.as_published)}</td>
                <td>${r.prediction ? `${tidy(r.prediction.predicted)} (${tidy(r.prediction.low)} to ${tidy(r.prediction.high)})` : html`<span class="source">${r.why_not}</span>`}</td>
                <td class="left">${r.verified ? "read: " : "recalled: "}${inOwnNumbers(r.where)} ${r.url && html`<a href=${r.url} rel="noreferrer">page</a>`}</td></tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
    ${notes && html`<details><summary>Notes</summary><p>${inOwnNumbers(notes)}</p></details>`}
    <details><summary>Pages read (${sources.length})</summary><ul>${sources.map((s) => html`<li><a href=${s} rel="noreferrer">${s}</a></li>`)}</ul></details>
  </section>`;
}
