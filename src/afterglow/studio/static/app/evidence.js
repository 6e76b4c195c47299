// @ts-check
/** Evidence: the trials behind it, how well they are foretold, the rivals' weights, every constant with its source. */
import { get } from "./api.js";
import { tidy } from "./numbers.js";
import { Choice, Text } from "./fields.js";
import { html, useEffect, useMemo, useState } from "./html.js";
import { Points } from "./points.js";
import { Sources } from "./words.js";

/** @typedef {import("./shapes").StudySummary} StudySummary */
/** @typedef {import("./shapes").StudyDetail} StudyDetail */
/** @typedef {import("./shapes").Measure} Measure */
/** @typedef {import("./shapes").ParameterRow} ParameterRow */

const PARTS = [
  ["studies", "Studies"],
  ["scoreboard", "Scoreboard"],
  ["rivals", "Rivals"],
  ["parameters", "Constants"],
];

export function Evidence() {
  const query = new URLSearchParams(location.search);
  const [part, setPart] = useState(query.get("part") ?? "studies");
  const [study, setStudy] = useState(query.get("study") ?? "goodwin2022-comp001");
  const [facts] = useFetched(/** @type {(found: any) => import("./shapes").EvidenceFacts} */ (same), "/api/evidence/facts");
  useEffect(() => {
    if (location.pathname === "/evidence") history.replaceState(null, "", `/evidence?part=${part}${part === "studies" ? `&study=${encodeURIComponent(study)}` : ""}`);
  }, [part, study]);
  return html`<main id="main" tabindex="-1">
    <h1>What the model rests on</h1>
    <p class="lead">Published numbers beside what the model foretells of each study from all the others, and every constant with its source.
      ${facts && ` ${facts.sentences[0] ?? ""}`}</p>
    <div class="pages" role="group" aria-label="Parts">
      ${PARTS.map(([id, title]) => html`<button type="button" aria-pressed=${part === id} onClick=${() => setPart(id)}>${title}</button>`)}
    </div>
    ${part === "studies" && html`<${Studies} study=${study} onStudy=${setStudy} />`}
    ${part === "scoreboard" && html`<${Scoreboard} />`}
    ${part === "rivals" && html`<${Rivals} />`}
    ${part === "parameters" && html`<${Parameters} />`}
  </main>`;
}

/** @param {any} found */
const same = (found) => found;

/**
 * What an address answers, and what went wrong.
 * @template T
 * @param {(found: any) => T} as names the shape
 * @param {string} path
 * @returns {[T | null, string]}
 */
function useFetched(as, path) {
  const [found, setFound] = useState(/** @type {{path: string, answer: T} | null} */ (null));
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let stale = false;
    get(path).then(
      (answer) => {
        if (stale) return;
        setFound({ path, answer: as(answer) });
        setProblem("");
        document.documentElement.dataset.ready = "true";
      },
      (/** @type {Error} */ error) => {
        if (!stale) setProblem(error.message);
      },
    );
    return () => {
      stale = true;
    };
  }, [path]);
  return [found?.path === path ? found.answer : null, problem];
}

/** @param {{study: string, onStudy: (name: string) => void}} props */
function Studies({ study, onStudy }) {
  const [list, problem] = useFetched(/** @type {(found: any) => StudySummary[]} */ (same), "/api/evidence/studies");
  const [words, setWords] = useState("");
  const [standing, setStanding] = useState("all");
  const shown = useMemo(() => {
    const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
    return (list ?? []).filter((s) => {
      const text = `${s.name} ${s.citation} ${s.condition} ${s.medicines.join(" ")}`.toLowerCase();
      return asked.every((w) => text.includes(w)) && (standing === "all" || s.standing === standing || (standing === "fitted" && s.fitted));
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
            options=${[{ id: "all", label: "all" }, ...standings.map((s) => ({ id: s, label: s }))]} />
        </div>
        <div class="scroll tall" tabindex="0" role="region" aria-label="List of studies">
          <table>
            <thead><tr><th scope="col">Study</th><th scope="col" class="left">Condition</th><th scope="col" class="left">Medicines</th><th scope="col">n</th><th scope="col" class="left">Standing</th></tr></thead>
            <tbody>
              ${shown.map(
                (s) => html`<tr>
                  <td><button type="button" class="quiet" aria-pressed=${s.name === study} onClick=${() => onStudy(s.name)}>${s.name}</button></td>
                  <td class="left">${s.condition.replaceAll("_", " ")}</td><td class="left">${s.medicines.join(", ")}</td><td>${s.n ?? "–"}</td>
                  <td class="left" title=${s.why}>${s.standing}</td></tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
      <${Study} name=${study} />
    </div>`;
}

/** @param {{name: string}} props */
function Study({ name }) {
  const [found, problem] = useFetched(/** @type {(found: any) => StudyDetail} */ (same), `/api/evidence/studies/${encodeURIComponent(name)}`);
  if (problem) return html`<section class="card"><p class="warn" role="alert">${problem}</p></section>`;
  if (!found) return html`<section class="card"><p>Loading ${name}.</p></section>`;
  const { study, rows, sources, notes } = found;
  const foretold = rows.filter((r) => r.prediction && r.published !== null);
  return html`<section class="card" aria-label="Study">
    <h2>${study.name}</h2>
    <p>${study.citation} ${study.url && html`<a href=${study.url} rel="noreferrer">Source</a>`}</p>
    ${study.why && html`<p class="note">Not fitted to: ${study.why}.</p>`}
    <${Points} found=${found} />
    <details open=${foretold.length === 0}>
      <summary>All published numbers (${rows.length})</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Published numbers">
        <table>
          <thead><tr><th scope="col">What</th><th scope="col">Published</th><th scope="col">Foretold, 90 %</th><th scope="col" class="left">Read where</th></tr></thead>
          <tbody>
            ${rows.map(
              (r) => html`<tr>
                <td>${r.what}</td><td>${r.as_published}</td>
                <td>${r.prediction ? `${tidy(r.prediction.predicted)} (${tidy(r.prediction.low)} to ${tidy(r.prediction.high)})` : html`<span class="source">${r.why_not}</span>`}</td>
                <td class="left">${r.verified ? "read: " : "recalled: "}${r.where} ${r.url && html`<a href=${r.url} rel="noreferrer">page</a>`}</td></tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
    ${notes && html`<details><summary>Notes</summary><p>${notes}</p></details>`}
    <details><summary>Pages read (${sources.length})</summary><ul>${sources.map((s) => html`<li><a href=${s} rel="noreferrer">${s}</a></li>`)}</ul></details>
  </section>`;
}

function Scoreboard() {
  const [found, problem] = useFetched(/** @type {(found: any) => import("./shapes").Scoreboard} */ (same), "/api/evidence/scoreboard");
  if (problem) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  const measures = (/** @type {Measure[]} */ rows) => html`<thead><tr><th scope="col">Which</th><th scope="col">Rows</th><th scope="col">Inside 90 %</th><th scope="col">Error, SD</th><th scope="col">CRPS</th></tr></thead>
    <tbody>${rows.map(
      (m) => html`<tr><th scope="row">${m.label}</th><td>${m.rows}</td><td>${Math.round(100 * m.coverage90)} %</td><td>${m.mae_sd.toFixed(2)}</td><td>${m.crps.toFixed(2)}</td></tr>`,
    )}</tbody>`;
  return html`<section class="card"><h2>Each study foretold from the others</h2><p>${found.sentence}</p>
      <table>${measures(found.measures)}</table>
      <p class="source">${Object.values(found.units).map((u) => `${u[0].toUpperCase()}${u.slice(1)}. `)}</p></section>
    <section class="card"><h2>By study</h2><div class="scroll" tabindex="0" role="region" aria-label="By study"><table>${measures(found.studies)}</table></div></section>
    <section class="card"><h2>Every mean</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="Every mean"><table>
        <thead><tr><th scope="col">Study and arm</th><th scope="col">Scale</th><th scope="col">Day</th><th scope="col">Published</th><th scope="col">Foretold</th><th scope="col">90 %</th><th scope="col">Inside</th></tr></thead>
        <tbody>${found.rows.map(
          (r) => html`<tr><th scope="row">${r.study}, ${r.arm}</th><td>${r.scale}</td><td>${tidy(r.day)}</td><td>${tidy(r.published)}</td>
            <td>${tidy(r.predicted)}</td><td>${tidy(r.low)} to ${tidy(r.high)}</td><td>${r.inside ? "yes" : html`<strong>no</strong>`}</td></tr>`,
        )}</tbody></table></div></section>`;
}

function Rivals() {
  const [found, problem] = useFetched(/** @type {(found: any) => import("./shapes").Rivals} */ (same), "/api/evidence/rivals");
  if (problem) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  /** @param {string} text */
  const named = (text) => found.rivals.reduce((said, r) => said.replaceAll(r.id, `“${r.label.toLowerCase()}”`), text);
  const nameOf = (/** @type {string} */ id) => found.rivals.find((r) => r.id === id)?.label ?? id.replaceAll("_", " ");
  return html`<section class="card"><h2>${named(found.verdict)}</h2><p>${found.sentence}</p>
      <table><thead><tr><th scope="col">Explanation</th><th scope="col">Weight</th><th scope="col">Log predictive density</th><th scope="col">Behind the best</th></tr></thead>
        <tbody>${found.rivals.map(
          (r) => html`<tr><th scope="row">${r.label}<br /><span class="source">${r.sentence}</span></th>
            <td><meter min="0" max="1" value=${r.weight} aria-label=${`Weight of ${r.label}`}></meter> ${r.weight.toFixed(2)}</td>
            <td>${r.log_density.toFixed(1)}</td><td>${r.behind ? `${r.behind.toFixed(1)} ± ${r.behind_se.toFixed(1)}` : "best"}</td></tr>`,
        )}</tbody></table></section>
    <section class="card"><h2>Studies that move it</h2><div class="scroll tall" tabindex="0" role="region" aria-label="Studies that move the weights"><table>
      <thead><tr><th scope="col">Study</th><th scope="col" class="left">Favours</th><th scope="col" class="left">Over</th><th scope="col">Log ratio</th></tr></thead>
      <tbody>${found.studies.map(
        (s) => html`<tr><th scope="row">${s.study}</th><td class="left">${nameOf(s.favours)}</td><td class="left">${nameOf(s.over)}</td><td>${s.log_ratio.toFixed(1)}</td></tr>`,
      )}</tbody></table></div></section>`;
}

function Parameters() {
  const [found, problem] = useFetched(/** @type {(found: any) => ParameterRow[]} */ (same), "/api/evidence/parameters");
  const [words, setWords] = useState("");
  const [fitted, setFitted] = useState("fitted");
  if (problem) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  const shown = found.filter(
    (p) =>
      (fitted === "all" || p.posterior) && `${p.name} ${p.meaning} ${p.part}`.toLowerCase().includes(words.toLowerCase()),
  );
  return html`<section class="card">
    <h2>${shown.length} constants</h2>
    <div class="row">
      <${Text} label="Search" type="search" value=${words} onChange=${setWords} />
      <${Choice} label="Which" value=${fitted} onChange=${setFitted} options=${[{ id: "fitted", label: "in the calibration" }, { id: "all", label: "all" }]} />
    </div>
    <div class="scroll tall" tabindex="0" role="region" aria-label="Constants"><table>
      <thead><tr><th scope="col">Constant</th><th scope="col">Value</th><th scope="col" class="left">Prior (grey) and posterior, 5 to 95 %</th><th scope="col" class="left">Source</th></tr></thead>
      <tbody>${shown.map(
        (p) => html`<tr>
          <td><strong>${p.name}</strong><br /><span class="source">${p.meaning}</span></td>
          <td>${tidy((p.posterior ?? p).value)} ${p.unit}</td>
          <td class="left"><${Interval} row=${p} />${p.rests_on_prior && html` <span class="source">Rests on its prior.</span>`}</td>
          <td class="left">${p.assumed ? html`<span class="source">Assumed: ${p.where.replace(/^assumed: /, "")}</span>` : html`<${Sources} sources=${p.sources} /> <span class="source">${p.where}</span>`}</td>
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
