// @ts-check
/** Every published number against what the other studies foretell of it: the picture, and how well that goes. */
import { useFetched } from "../asking.js";
import { Said, Term } from "../glossary.js";
import { html, useState } from "../html.js";
import { dayText, numberText } from "../numbers.js";
import { GROUPS, Scatter } from "./scatter.js";

/** @typedef {import("../shapes").Foretold} Foretold */
/** @typedef {import("../shapes").ForetoldNumber} ForetoldNumber */
/** @typedef {import("../shapes").GroupGain} GroupGain */

/** @param {{onStudy: (name: string) => void}} props */
export function ForetoldPart({ onStudy }) {
  const [found, problem] = useFetched((one) => /** @type {Foretold} */ (one), "/api/evidence/foretold");
  if (problem && !found) return html`<p class="warn" role="alert">${problem}</p>`;
  if (!found) return html`<section class="card foretold-waiting"><p>Loading.</p></section>`;
  return html`<${Whole} found=${found} onStudy=${onStudy} />`;
}

/** @param {ForetoldNumber} one @param {number} value */
const inUnit = (one, value) => (one.unit === "share" ? `${numberText(100 * value, 0)} %` : numberText(value, one.unit === "SDs" ? 2 : 1));

/** What a number says of itself. @param {ForetoldNumber} one */
function told(one) {
  const unit = one.unit === "share" ? "" : ` ${one.unit}`;
  return `published ${inUnit(one, one.published)}, foretold ${inUnit(one, one.predicted)} (${inUnit(one, one.low)} to ${inUnit(one, one.high)})${unit}, ${one.inside ? "inside" : "outside"} the interval`;
}

/** @param {ForetoldNumber} one */
const named = (one) => `${one.what}, ${one.arm || "all"}, ${one.scale}, day ${dayText(one.day)}`;

/** @param {{found: Foretold, onStudy: (name: string) => void}} props */
function Whole({ found, onStudy }) {
  const [group, setGroup] = useState("all");
  const [at, setAt] = useState(-1);
  const [study, setStudy] = useState(-1);
  const numbers = found.numbers;
  const shown = numbers.map((_, k) => k).filter((k) => group === "all" || numbers[k].group === group);
  const one = at >= 0 ? numbers[at] : null;
  const lead = found.gains.find((g) => g.group === "differences");
  /** @param {number} k */
  const point = (k) => {
    setAt(k);
    if (study >= 0 && k >= 0 && numbers[k].study !== study) setStudy(-1);
  };
  /** @param {number} k */
  const choose = (k) => {
    setAt(k);
    setStudy(k < 0 ? -1 : numbers[k].study);
  };
  /** @param {number} next */
  const chooseStudy = (next) => {
    setStudy(next);
    setAt(next < 0 ? -1 : numbers.findIndex((n, k) => n.study === next && shown.includes(k)));
  };
  const place = Math.max(0, shown.indexOf(at));
  const inside = shown.filter((k) => numbers[k].inside).length;
  const said = `${inside} of ${shown.length} published numbers lie inside the interval foretold from the other studies.`;
  return html`<div class="foretold">
      <section class="card" aria-label="Foretold against published">
        <div class="heading"><h2>Foretold against published</h2>
          <div class="segments" role="group" aria-label="Numbers shown">
            ${[["all", "All"], ...GROUPS.map((g) => [g.id, g.short])].map(
              ([id, title]) => html`<button type="button" aria-pressed=${group === id} onClick=${() => { setGroup(id); choose(-1); }}>${title}</button>`,
            )}
          </div></div>
        <${Scatter} numbers=${numbers} shown=${shown} at=${at} study=${study} onPoint=${point} onChoose=${choose} label=${`Published against foretold. ${said}`} tall />
        <p>${said} <span class="source">Each bar is the <${Term} word="90 % interval" /> of one published number; on the dashed line both are the same. All in <${Term} word="SDs between people" />, better upwards; shares and relapse as the share itself, over what one SD would shift it.</span></p>
      </section>
      <div>
        ${lead && html`<${Lead} gain=${lead} />`}
        <section class="card no-print" aria-label="Find a number">
          <h2>Find a number</h2>
          <div class="field"><label for="foretold-study">Study</label>
            <select id="foretold-study" value=${String(study)} onChange=${(/** @type {any} */ e) => chooseStudy(Number(e.currentTarget.value))}>
              <option value="-1" selected=${study < 0}>all, or point at the picture</option>
              ${found.studies.map((s, k) => html`<option value=${k} selected=${k === study}>${s.label}</option>`)}
            </select></div>
          <div class="field"><label for="foretold-number">Number by number</label>
            <input id="foretold-number" data-testid="foretold-number" type="range" min="0" max=${shown.length - 1} step="1" value=${place}
              aria-valuetext=${one ? `${found.studies[one.study].label}: ${named(one)}: ${told(one)}` : "none chosen"}
              onInput=${(/** @type {any} */ e) => choose(shown[Number(e.currentTarget.value)])} /></div>
          <div data-testid="foretold-told" class="told">
            ${one
              ? html`<p><strong>${found.studies[one.study].label}</strong><br />${named(one)}</p>
                <p>${told(one)}${one.n ? `; n ${one.n}` : ""}.</p>
                <p><button type="button" onClick=${() => onStudy(found.studies[one.study].name)}>Open this study</button></p>`
              : html`<p class="source">Point at the picture, choose a study, or move the slider with the arrow keys.</p>`}
          </div>
        </section>
      </div>
    </div>
    <${Beside} found=${found} />
    <${Measures} found=${found} onStudy=${onStudy} />`;
}

/** @param {string} text */
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** @param {{gain: GroupGain}} props */
function Lead({ gain }) {
  return html`<section class="card answer" aria-label="How far off">
    <p class="big" data-testid="big-number">${numberText(gain.error, 2)}</p>
    <div>
      <p class="what"><${Term} word="SDs between people" />: how far foretold differences between <${Term} word="arms" /> lie from the published ones</p>
      <p class="range" data-testid="big-interval">${capital(gain.baseline_label)} errs by ${numberText(gain.baseline, 2)}. Each study counts once. Less by ${numberText(gain.gain, 2)}, 90 % interval ${numberText(gain.low, 2)} to ${numberText(gain.high, 2)}</p>
      <p class="verdict"><${Said} text=${gain.sentence} /></p>
    </div>
  </section>`;
}

/** Differences beside means: the second is easier, as most people get better anyhow. @param {{found: Foretold}} props */
function Beside({ found }) {
  return html`<section class="card" aria-label="Differences beside means">
    <h2>Differences beside means</h2>
    <p>Most people get better in any arm, so means are easy to foretell. What a treatment adds is the difference between arms.</p>
    <div class="halves">${["differences", "means"].map((group) => {
      const gain = found.gains.find((g) => g.group === group);
      const shown = found.numbers.map((_, k) => k).filter((k) => found.numbers[k].group === group);
      return gain && html`<figure class="chart">
        <figcaption><h3>${capital(gain.label)}</h3></figcaption>
        <${Scatter} numbers=${found.numbers} shown=${shown} at=${-1} study=${-1} label=${`${gain.label}: error ${numberText(gain.error, 2)}, ${gain.baseline_label} ${numberText(gain.baseline, 2)}. ${gain.sentence}`} />
        <p>Error a study ${numberText(gain.error, 2)}, against ${numberText(gain.baseline, 2)} for ${gain.baseline_label}: less by ${numberText(gain.gain, 2)} (${numberText(gain.low, 2)} to ${numberText(gain.high, 2)}). <${Said} text=${gain.sentence} /></p>
      </figure>`;
    })}</div>
  </section>`;
}

/** @param {{found: Foretold, onStudy: (name: string) => void}} props */
function Measures({ found, onStudy }) {
  const [open, setOpen] = useState(false);
  return html`<section class="card"><h2>All measures</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="All measures"><table>
      <thead><tr><th scope="col">Which</th><th scope="col">Numbers</th><th scope="col">Studies</th><th scope="col">Inside 90 %</th><th scope="col">Error a study, SDs</th><th scope="col"><${Term} word="CRPS" /></th></tr></thead>
      <tbody>${found.measures.map(
        (m) => html`<tr><th scope="row">${capital(m.label)}</th><td>${m.rows}</td><td>${m.studies}</td><td>${Math.round(100 * m.coverage90)} %</td><td>${numberText(m.mae_sd_by_study, 2)}</td><td>${numberText(m.crps, 2)}</td></tr>`,
      )}</tbody></table></div>
    <ul>${found.gains.map((g) => html`<li>${capital(g.label)}: error less by ${numberText(g.gain, 2)}, 90 % interval ${numberText(g.low, 2)} to ${numberText(g.high, 2)}. <${Said} text=${g.sentence} /></li>`)}</ul>
    <details onToggle=${(/** @type {any} */ e) => setOpen(e.currentTarget.open)}>
      <summary>Every number as a table (${found.numbers.length})</summary>
      ${open && html`<div class="scroll" tabindex="0" role="region" aria-label="Every number"><table>
        <thead><tr><th scope="col">Study</th><th scope="col" class="left">Number</th><th scope="col">Published</th><th scope="col">Foretold</th><th scope="col">90 %</th><th scope="col">Inside</th></tr></thead>
        <tbody>${found.numbers.map(
          (n) => html`<tr><th scope="row"><button type="button" class="quiet" onClick=${() => onStudy(found.studies[n.study].name)}>${found.studies[n.study].label}</button></th>
            <td class="left">${named(n)}</td><td>${inUnit(n, n.published)}</td><td>${inUnit(n, n.predicted)}</td><td>${inUnit(n, n.low)} to ${inUnit(n, n.high)}</td><td>${n.inside ? "yes" : html`<strong>no</strong>`}</td></tr>`,
        )}</tbody></table></div>`}
    </details></section>`;
}
