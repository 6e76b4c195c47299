// @ts-check
/** Design: how large a trial of two arms must be, under each explanation, and what guessing does to it. */
import { download, save } from "../api.js";
import { Figure, Numeric, Word } from "../fields.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Progress, useJob } from "../jobs.js";
import { numberText, readList, signed, tidy } from "../numbers.js";
import { savePng, saveSlide } from "../picture.js";
import { addressOf, pairingText, WEIGHTED } from "../state.js";
import { dayName, nameOf } from "../compare/arms.js";
import { seats } from "../compare/seats.js";
import { Guesses } from "./guesses.js";
import { PowerPicture } from "./power.js";
import { percentText, saidOf } from "./words.js";

/** @typedef {import("../shapes").TrialPower} TrialPower */
/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../state.js").TrialPlan} TrialPlan */
/** @typedef {import("../state.js").Pairing} Pairing */

const ANALYSES = [{ id: "mmrm", label: "a mixed model of all visits" }, { id: "ancova", label: "analysis of covariance" }, { id: "responders", label: "shares of responders" }];
const LOOKS = [
  { id: "none", label: "no interim look" }, { id: "half", label: "a look at half (O'Brien–Fleming)" },
  { id: "thirds", label: "looks at thirds (O'Brien–Fleming)" }, { id: "pocock", label: "a look at half (Pocock)" },
];
const DAYS = [7, 14, 21, 28, 42, 56, 84, 112, 140, 182, 364];
const MOST_SIZES = 10;

/**
 * @param {{design: Design, choices: import("../shapes").Choices, onChange: (design: Design) => void, pairing: Pairing, onPair: (pairing: Pairing) => void,
 *   plan: TrialPlan, onPlan: (plan: TrialPlan) => void}} props
 */
export function TrialDesign({ design, choices, onChange, pairing, onPair, plan, onPlan }) {
  const names = design.arms.map(nameOf);
  const [a, b] = seats(pairing, names.length);
  const days = DAYS.filter((d) => d < design.horizon_days).concat(design.horizon_days);
  const at = days.reduce((best, d) => (Math.abs(d - pairing.at) < Math.abs(best - pairing.at) ? d : best));
  const asked = { design, active: a, control: b, day: at, ...plan };
  const job = useJob("trial", JSON.stringify(asked));
  const found = /** @type {TrialPower | null} */ (job.result);
  const picture = useRef(/** @type {SVGSVGElement | null} */ (null));
  const change = (/** @type {Partial<TrialPlan>} */ more) => onPlan({ ...plan, ...more });
  const address = `${addressOf(design)}${pairingText(pairing, design)}`;
  useEffect(() => {
    document.documentElement.dataset.ready = "true";
  }, []);
  if (names.length < 2) {
    return html`<main id="main" tabindex="-1"><h1>A trial needs two arms</h1><p>This design has one. <a href=${`/compare?${address}`}>Compare adds another.</a></p></main>`;
  }
  return html`<main id="main" class="exploring designing" tabindex="-1">
    <div class="opening">
      <div>
        <h1>How large must the trial be, if we do not know which explanation holds?</h1>
        <${Asked} design=${design} choices=${choices} names=${names} a=${a} b=${b} at=${at} days=${days} plan=${plan} onChange=${onChange} onPlan=${change}
          onPair=${(/** @type {Partial<Pairing>} */ more) => onPair({ ...pairing, arm: a, versus: b, at, ...more })} />
      </div>
      <${Answer} found=${found} job=${job} />
    </div>
    <section class="card picture" aria-label="Power against size">
      ${found ? html`<${PowerPicture} box=${picture} found=${found} />`
        : html`<div class="power waiting"><p>${job.running ? "The people of the trial are simulated once in both arms; then trials are drawn from them, and analysed as yours would be." : "Nothing has been calculated for this trial yet."}</p></div>`}
      <div class="run no-print">
        <${Numeric} label="Trials of each size" value=${plan.trials} low=${50} high=${10_000} step=${50} whole onChange=${(/** @type {number} */ trials) => change({ trials })} />
        <${Numeric} label="Virtual people to draw from" value=${plan.people} low=${32} high=${4096} step=${32} whole onChange=${(/** @type {number} */ people) => change({ people })} />
        <button type="button" class="main" disabled=${job.running} onClick=${() => job.start(asked)}>${job.failed ? "Start again" : `Simulate ${plan.trials * plan.sizes.length} trials`}</button>
        ${job.running && html`<button type="button" onClick=${job.cancel}>Cancel</button>`}
      </div>
      <${Progress} of=${job} testid="trial-progress" />
      <p class="source no-print">It takes from half a minute to many minutes, the longer the larger; other pages can be used meanwhile, and this tab finds it again.</p>
    </section>
    ${found && html`<${Guesses} found=${found} />`}
    ${found && html`<${Sizes} found=${found} />`}
    <${Take} asked=${asked} found=${found} picture=${picture} title=${`${names[a]} against ${names[b]}`} />
    <p class="no-print"><a class="button" href=${`/compare?${address}`}>Compare these arms</a></p>
  </main>`;
}

/** @param {{found: TrialPower | null, job: ReturnType<typeof useJob>}} props */
function Answer({ found, job }) {
  if (!found) {
    return html`<div class="answer" aria-busy=${job.running}><p class="big">…</p><div><p class="what">people in the control arm for 90 % weighted power</p>
      <p class="verdict">${job.running && job.job ? `Calculating, ${Math.round(100 * job.job.progress)} %.` : "Start the calculation beneath."}</p></div></div>`;
  }
  const last = found.sizes[found.sizes.length - 1];
  const own = found.sizes.find((s) => s.n === found.reached) ?? last;
  const below = found.sizes[found.sizes.indexOf(own) - 1];
  return html`<div class="answer"><p class="big" data-testid="big-number">${found.reached === null ? `>${last.n}` : found.reached}</p>
    <div><p class="what">${found.reached === null ? `not reached by ${last.n} people in the control arm` : "people in the control arm"} for ${Math.round(100 * found.wanted)} % weighted power</p>
      <p class="range" data-testid="big-interval">at ${own.n}: ${percentText(own.assurance)} (Monte-Carlo error)${found.reached !== null && below ? `; at ${below.n}: ${percentText(below.assurance)}` : ""}</p>
      <p class="verdict" data-testid="verdict">${found.reached === null ? "Where an explanation by which the arms hardly differ has weight, no size reaches it." : "The smallest of the sizes tried; the true one may lie below it."}
        ${" "}${found.trials} trials of each size, seed ${found.seed}.</p></div></div>`;
}

/**
 * @param {{design: Design, choices: import("../shapes").Choices, names: string[], a: number, b: number, at: number, days: number[], plan: TrialPlan,
 *   onChange: (design: Design) => void, onPlan: (more: Partial<TrialPlan>) => void, onPair: (more: Partial<Pairing>) => void}} props
 */
function Asked({ design, choices, names, a, b, at, days, plan, onChange, onPlan, onPair }) {
  const [sizes, setSizes] = useState(plan.sizes.join("; "));
  const read = readList(sizes, MOST_SIZES);
  const wrong = read.said || (read.values.some((v) => v < 4 || v > 1000 || !Number.isInteger(v)) ? "Sizes are whole numbers from 4 to 1000." : "");
  const take = (/** @type {string} */ text) => {
    setSizes(text);
    const next = readList(text, MOST_SIZES);
    if (!next.said && next.values.every((v) => v >= 4 && v <= 1000 && Number.isInteger(v))) onPlan({ sizes: next.values });
  };
  const arms = names.map((label, k) => ({ id: String(k), label }));
  const rivals = [{ id: WEIGHTED, label: "all explanations by their weights" }, ...choices.rivals.map((r) => ({ id: r.id, label: `“${r.label}” alone` }))];
  return html`<p class="sentence" data-testid="asked">
    ${"A "}<${Word} label="Blinding" value=${design.blinded ? "blinded" : "open"} options=${[{ id: "open", label: "open" }, { id: "blinded", label: "blinded" }]} onChange=${(/** @type {string} */ id) => onChange({ ...design, blinded: id === "blinded" })} />
    ${" trial of "}<${Word} label="Active arm" value=${String(a)} options=${arms} onChange=${(/** @type {string} */ id) => onPair({ arm: Number(id), versus: Number(id) === b ? a : b })} />
    ${" against "}<${Word} label="Control arm" value=${String(b)} options=${arms.filter((o) => o.id !== String(a))} onChange=${(/** @type {string} */ id) => onPair({ versus: Number(id) })} />
    ${" with "}<span class="figure"><input class="word" type="text" autocomplete="off" aria-label="People in the control arm" size=${Math.max(6, sizes.length)} value=${sizes}
      aria-invalid=${wrong ? "true" : "false"} onInput=${(/** @type {any} */ e) => take(e.currentTarget.value)} />${wrong && html`<span class="wrong" role="status">${wrong}</span>`}</span>
    ${" people in the control arm and as many in the other, of whom "}<${Figure} label="Dropout, percent" value=${Math.round(100 * plan.dropout)} low=${0} high=${60} onChange=${(/** @type {number} */ v) => onPlan({ dropout: v / 100 })} />
    ${" % are lost, judged on "}<${Word} label="Day" value=${String(at)} options=${days.map((d) => ({ id: String(d), label: dayName(d) }))} onChange=${(/** @type {string} */ id) => onPair({ at: Number(id) })} />
    ${" by "}<${Word} label="Analysis" value=${plan.analysis} options=${ANALYSES} onChange=${(/** @type {string} */ analysis) => onPlan({ analysis })} />,
    ${" with "}<${Word} label="Looks" value=${plan.looks} options=${LOOKS} onChange=${(/** @type {string} */ looks) => onPlan({ looks })} />
    ${" and a one-sided level of "}<${Word} label="Level" value=${String(plan.alpha)} options=${[0.025, 0.05].map((level) => ({ id: String(level), label: `${tidy(100 * level)} %` }))} onChange=${(/** @type {string} */ id) => onPlan({ alpha: Number(id) })} />,
    ${" under "}<${Word} label="Explanation" value=${design.rival} options=${rivals} onChange=${(/** @type {string} */ rival) => onChange({ ...design, rival })} />.
  </p>`;
}

/** @param {{found: TrialPower}} props */
function Sizes({ found }) {
  const points = (/** @type {TrialPower["sizes"][number]["bias"]} */ e) => (e.value === null ? "–" : `${signed(e.value)}${e.se === null ? "" : ` ± ${numberText(e.se, 2)}`}`);
  return html`<section class="card" aria-label="Each size"><div class="scroll" tabindex="0" role="region" aria-label="Sizes as a table" data-testid="trial-table"><table>
    <caption>${found.trials} trials of each size; after ± the Monte-Carlo error; points of ${found.scale} on ${dayName(found.day)}</caption>
    <thead><tr><th scope="col">Control arm</th><th scope="col">Both arms</th><th scope="col">Weighted power (assurance)</th>${found.rivals.map((r) => html`<th scope="col">${r.label}</th>`)}
      <th scope="col">Type I error</th><th scope="col">Expected size</th><th scope="col">Mean estimate</th><th scope="col">What is true</th><th scope="col">Unblinding adds</th><th scope="col">Right guesses</th></tr></thead>
    <tbody>${found.sizes.map((s) => html`<tr><th scope="row">${s.n}</th><td>${s.people}</td><td>${percentText(s.assurance)}</td>${found.rivals.map((r) => html`<td>${percentText(s.power.find((p) => p.rival === r.id) ?? { value: null, se: null })}</td>`)}
      <td>${s.type1.value === null ? "–" : `${numberText(100 * s.type1.value, 1)} % ± ${numberText(100 * (s.type1.se ?? 0), 1)}`}</td><td>${s.expected_n.value === null ? "–" : tidy(s.expected_n.value)}</td><td>${points(s.estimate)}</td><td>${points(s.truth)}</td><td>${points(s.bias)}</td><td>${percentText(s.correct_guess)}</td></tr>`)}</tbody>
  </table></div>
  <p class="source">Type I error: how often the trial says that the active arm is better when ${found.null}; futility is not counted on. An explanation of little weight has few trials; where they all end alike, its error shows as 0.</p></section>`;
}

/** @param {{asked: object, found: TrialPower | null, picture: {current: SVGSVGElement | null}, title: string}} props */
function Take({ asked, found, picture, title }) {
  const [said, setSaid] = useState("");
  /** @param {string} done @param {() => unknown} work */
  const guarded = (done, work) => async () => {
    try {
      await work();
      setSaid(done);
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  const drawn = (/** @type {(svg: SVGSVGElement, words: string) => unknown} */ work) => () => picture.current && found && work(picture.current, saidOf(found));
  return html`<section class="card no-print" aria-label="Take it with you"><h2>Take it with you</h2>
    <div class="buttons">
      <button type="button" disabled=${!found} onClick=${guarded("The picture is saved.", drawn((svg, words) => savePng(svg, title, words, "afterglow-power.png")))}>Picture, PNG 1920 × 1080</button>
      <button type="button" disabled=${!found} onClick=${guarded("The picture is saved.", drawn((svg, words) => saveSlide(svg, title, words, "afterglow-power.svg")))}>Picture, SVG</button>
      <button type="button" disabled=${!found} onClick=${guarded("The numbers are saved.", () => save(new Blob([JSON.stringify(found, null, 1)], { type: "application/json" }), "afterglow-power.json"))}>Numbers, JSON</button>
      <button type="button" onClick=${guarded("The trial is saved.", () => download("/api/export/trial", asked, "trial.yaml"))}>Trial, YAML</button>
    </div>
    ${found && html`<p class="source">The same numbers on the command line: <code>${found.command}</code></p>`}
    <p role="status">${said}</p></section>`;
}
