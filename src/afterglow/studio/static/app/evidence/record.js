// @ts-check
/** Predictions on record: what was foretold of trials that have not reported, with date and fingerprint. */
import { useFetched } from "../asking.js";
import { datesIn, dateText } from "../dates.js";
import { Said } from "../glossary.js";
import { html, useRef, useWidth } from "../html.js";
import { inOwnNumbers, numberText, signed } from "../numbers.js";
import { Spans } from "./spans.js";

/** @typedef {import("../shapes").RecordedTrial} RecordedTrial */
/** @typedef {import("../shapes").Span} Span */

export function Record() {
  const [found, problem] = useFetched((one) => /** @type {RecordedTrial[]} */ (one), "/api/evidence/record");
  if (problem && !found) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<p>Loading.</p>`;
  return html`<p class="lead">Foretold before the trials reported, kept as it was made, and scored when they are published. No result of these trials was looked for or read.</p>
    ${found.map((trial) => html`<${Trial} key=${trial.number} trial=${trial} />`)}`;
}

/** @param {Span} span */
const share = (span) => `${Math.round(100 * span.value)} % (${Math.round(100 * span.low)} to ${Math.round(100 * span.high)})`;
/** @param {Span} span */
const points = (span) => `${signed(span.value)} (${signed(span.low)} to ${signed(span.high)})`;

/** @param {{trial: RecordedTrial}} props */
function Trial({ trial }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const width = useWidth(() => place.current, 520);
  const first = trial.contrasts.find((c) => c.primary && c.explanation === "weighted") ?? trial.contrasts[0];
  const primary = trial.contrasts.filter((c) => c.primary);
  const others = trial.contrasts.filter((c) => !c.primary && c.explanation === "weighted");
  const ordered = [...primary.filter((c) => c !== first), first];
  const { low, high } = first.difference;
  const telling = low < 0 && high > 0 ? "The interval holds zero: which arm does better is not told." : low < 0 ? "All of the interval favours the first arm." : "All of the interval favours the second arm.";
  const told = ordered.map((c) => `${c.label}: ${points(c.difference)}`).join("; ");
  return html`<section class="card recorded" aria-label=${trial.title} data-testid="recorded">
    <h2>${trial.title}</h2>
    <p class="source"><a href=${trial.url} rel="noreferrer">${trial.number}</a>. Foretold on <strong>${dateText(trial.made_on)}</strong> by ${trial.made_by}. Registration read on ${datesIn(trial.read_on)}.</p>
    <div class="recorded-body">
      <div>
        <div class="answer">
          <p class="big">${numberText(100 * first.positive.value, 0)} %</p>
          <div><p class="what">chance of a positive trial</p>
            <p class="range">90 % interval over draws and explanations ${numberText(100 * first.positive.low, 0)} to ${numberText(100 * first.positive.high, 0)} %</p>
            <p class="verdict">Positive means: ${inOwnNumbers(trial.positive)}. ${telling}</p></div>
        </div>
        <figure class="chart" ref=${place}>
          <figcaption>${inOwnNumbers(`${first.arm} against ${first.versus}`)}, ${trial.scale} points on day ${trial.day}; left of zero the first does better. The interval is that of what the trial will find.</figcaption>
          <${Spans} rows=${ordered.map((c) => ({ label: c.label, span: c.difference, kind: c === first ? "all" : "predicted" }))} none=${0} names=${132} width=${width} row=${26} label=${`Difference foretold: ${told}`} />
        </figure>
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label=${`Numbers foretold of ${trial.number}`}>
        <table><caption>Differences, ${trial.scale} points</caption>
          <thead><tr><th scope="col">Explanation</th><th scope="col">Difference, 90 %</th><th scope="col">Chance of positive</th></tr></thead>
          <tbody>${[first, ...primary.filter((c) => c !== first)].map((c) => html`<tr><th scope="row">${c.label}</th><td>${points(c.difference)}</td><td>${share(c.positive)}</td></tr>`)}
            ${others.map((c) => html`<tr><th scope="row">${inOwnNumbers(`${c.arm} against ${c.versus}`)}, weighted</th><td>${points(c.difference)}</td><td>${share(c.positive)}</td></tr>`)}</tbody></table>
        <table><caption>Arms, weighted</caption>
          <thead><tr><th scope="col">Arm</th><th scope="col">n</th><th scope="col">Change</th><th scope="col">Response</th><th scope="col">Remission</th></tr></thead>
          <tbody>${trial.arms.map((a) => html`<tr><th scope="row">${inOwnNumbers(a.label)}</th><td>${a.n}</td><td>${points(a.change)}</td><td>${share(a.response)}</td><td>${a.remission ? share(a.remission) : "–"}</td></tr>`)}</tbody></table>
      </div>
    </div>
    <p>Fingerprint <code>${trial.digest}</code>: ${trial.whole ? "it fits, so nothing was changed since." : html`<strong>it does not fit: the forecast was changed after it was made.</strong>`}
      ${" "}<a href=${`/api/evidence/record/${trial.number}`} download=${`${trial.number}.json`}>The forecast as a file</a></p>
    <div class="recorded-more">
      <details open><summary>How it will be scored</summary><ul>${trial.scoring.map((s) => html`<li><${Said} text=${s.replaceAll("`unit`", "the change between people").replace("(gneiting2007)", "(Gneiting 2007)")} /></li>`)}</ul></details>
      <details><summary>What the registration leaves open and was assumed (${trial.assumed.length})</summary><ul>${trial.assumed.map((s) => html`<li>${inOwnNumbers(s)}</li>`)}</ul></details>
    </div>
  </section>`;
}
