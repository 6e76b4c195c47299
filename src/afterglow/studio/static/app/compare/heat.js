// @ts-check
/** Dose by hours: one arm at up to 25 doses and hours of integration, all with the same people and draws. */
import { Choice, useTyped } from "../fields.js";
import { html, useEffect, useRef, useState, useWidth } from "../html.js";
import { Progress, useJob } from "../jobs.js";
import { fieldText, numberText, readList, signed, tidy } from "../numbers.js";
import { dayName } from "./arms.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").Grid} Grid */

const MOST = 5;
/** With fewer pixels for a cell its signs stand above its number. */
const LEAST_WIDE = 76;

/**
 * @param {{design: Design, choices: import("../shapes").Choices, arm: number, versus: number, day: number, names: string[], onFound: (asked: object | null) => void}} props
 */
export function Heat({ design, choices, arm, versus, day, names, onFound }) {
  const varied = design.arms[arm];
  const medicine = choices.medicines.find((m) => m.id === varied.medicine);
  const way = medicine?.ways.find((w) => w.id === varied.route) ?? medicine;
  const meetings = varied.sessions.filter((s) => s.kind === "integration");
  const total = meetings.reduce((sum, s) => sum + s.hours, 0);
  const [doses, setDoses] = useTyped(`${varied.medicine} ${varied.route}`, () => {
    const usual = way?.unit ? way.usual_dose : 0;
    const rounded = (/** @type {number} */ v) => Math.round(v / (way?.step || 1)) * (way?.step || 1);
    return [...new Set([0.4, 0.6, 0.8, 1, 1.2].map((f) => Math.max(way?.low ?? 0, rounded(f * usual))))].map((v) => fieldText(Math.round(v * 1000) / 1000)).join("; ");
  });
  const [hours, setHours] = useTyped(total, () => (total ? [0, 0.5, 1, 1.5, 2].map((f) => fieldText(Math.round(10 * f * total) / 10)).join("; ") : ""));
  const [shows, setShows] = useState("mean");
  const [d, h] = [readList(doses, MOST), readList(hours, MOST)];
  const asked = { design, arm, versus, doses: d.values, hours: h.values, day };
  const job = useJob("grid", JSON.stringify(asked));
  const found = /** @type {Grid | null} */ (job.result);
  useEffect(() => onFound(found ? asked : null), [found]);
  const cells = d.values.length * h.values.length;
  const why = !way?.unit ? "This arm gives no dose that could be varied; choose another arm above." : !meetings.length ? "This arm has no integration session whose hours could be varied; add one first." : "";
  return html`<section class=${`card heat ${found ? "" : "no-print"}`} aria-label="Dose and hours" data-testid="heat">
    <h2>Dose by hours of integration: ${names[arm]}</h2>
    ${why ? html`<p>${why}</p>` : html`<p class="no-print">Meetings keep their days and share the hours evenly. All cells have the same people and draws.</p>
      <div class="run no-print">
        <${List} label=${`Doses, ${way?.unit}`} text=${doses} said=${d.said} onChange=${setDoses} />
        <${List} label="Hours of integration in all" text=${hours} said=${h.said} onChange=${setHours} />
        <button type="button" class="main" disabled=${job.running || !cells} onClick=${() => job.start(asked)}>${job.failed ? "Start again" : `Run ${cells} cells`}</button>
        ${job.running && html`<button type="button" onClick=${job.cancel}>Cancel</button>`}
      </div>
      <${Progress} of=${job} testid="grid-progress" />
      ${found && html`<div class="no-print narrow"><${Choice} label="Each cell shows" value=${shows} onChange=${setShows}
          options=${[{ id: "mean", label: `mean ${found.scale}` }, { id: "versus", label: `difference to ${names[versus]}` }, { id: "best", label: "difference to the lowest cell" }]} /></div>
        <${Map} found=${found} shows=${shows} unit=${way?.unit ?? ""} versus=${names[versus]} />`}`}
  </section>`;
}

/** @param {{label: string, text: string, said: string, onChange: (text: string) => void}} props */
function List({ label, text, said, onChange }) {
  const id = `list-${label.replace(/\W+/g, "-")}`;
  return html`<div class="field"><label for=${id}>${label}</label>
    <input id=${id} type="text" autocomplete="off" maxlength="80" value=${text} aria-invalid=${said ? "true" : "false"} onInput=${(/** @type {any} */ e) => onChange(e.currentTarget.value)} />
    ${said && html`<p class="wrong" role="status">${said}</p>`}</div>`;
}

/** @param {{found: Grid, shows: string, unit: string, versus: string}} props */
function Map({ found, shows, unit, versus }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = Math.min(860, useWidth(() => box.current?.parentElement, 620));
  const doses = [...new Set(found.cells.map((c) => c.dose))];
  const hours = [...new Set(found.cells.map((c) => c.hours))];
  const [left, top] = [58, 34];
  const [w, h] = [(width - left - 4) / doses.length, 58];
  const near = w < LEAST_WIDE;
  const height = top + h * hours.length + 44;
  const means = found.cells.map((c) => c.mean);
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const best = found.cells[found.best];
  const alike = found.cells.filter((c) => !c.told_apart).length;
  const where = (/** @type {Grid["cells"][number]} */ c) => `${tidy(c.dose)} ${unit} with ${tidy(c.hours)} h`;
  const verdict = alike === 1 ? `Lowest: ${where(best)}, ${tidy(best.mean)}; the model tells it from every other cell.`
    : `${alike} of ${found.cells.length} cells (≈) cannot be told from the lowest, ${where(best)}: the intervals of their differences to it hold zero.`;
  const words = (/** @type {Grid["cells"][number]} */ c) =>
    shows === "mean" ? [tidy(c.mean), `${tidy(c.low)} to ${tidy(c.high)}`]
    : shows === "best" ? [signed(c.behind), `${signed(c.behind_low)} to ${signed(c.behind_high)}`]
    : [signed(c.difference ?? 0), `${signed(c.difference_low ?? 0)} to ${signed(c.difference_high ?? 0)}`];
  const title = shows === "mean" ? `Mean ${found.scale}` : shows === "best" ? "Difference to the lowest cell, points" : `Difference to ${versus}, points`;
  return html`<figure><p data-testid="heat-verdict">${title} on ${dayName(found.day)}; ${near ? "the table has" : "beneath each"} the 90 % interval. ${verdict}</p>
    <svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`${title} by dose and hours. ${verdict}`}>
      <text class="axis-word" x="0" y="14">Hours of integration</text>
      ${hours.map((value, j) => html`<text x=${left - 8} y=${top + h * (hours.length - 1 - j) + h / 2 + 4} text-anchor="end">${tidy(value)} h</text>`)}
      ${doses.map((value, k) => html`<text x=${left + w * (k + 0.5)} y=${top + h * hours.length + 18} text-anchor="middle">${tidy(value)}</text>`)}
      <text class="axis-word" x=${left + (w * doses.length) / 2} y=${height - 6} text-anchor="middle">Dose, ${unit}</text>
      ${found.cells.map((c) => {
        const [k, j] = [doses.indexOf(c.dose), hours.length - 1 - hours.indexOf(c.hours)];
        const [value, range] = words(c);
        const [x, y] = [left + w * k, top + h * j];
        const signs = [c.told_apart ? "" : "≈", c.extrapolated ? "†" : ""].filter(Boolean);
        const deep = 0.06 + 0.4 * (most > least ? (most - c.mean) / (most - least) : 0);
        return html`<g class=${`cell ${c.told_apart ? "" : "alike"}`}><rect x=${x + 2} y=${y + 2} width=${w - 4} height=${h - 4} rx="5" fill-opacity=${deep.toFixed(3)} />
          ${near && signs.length > 0 && html`<text class="sign" x=${x + w / 2} y=${y + 21} text-anchor="middle">${signs.join(" ")}</text>`}
          <text class=${`value ${near ? "near" : ""}`} x=${x + w / 2} y=${y + (near ? 38 : 27)} text-anchor="middle">${near || c.told_apart ? "" : "≈ "}${value}${!near && c.extrapolated ? " †" : ""}</text>
          ${!near && html`<text class="small" x=${x + w / 2} y=${y + 44} text-anchor="middle">${range}</text>`}</g>`;
      })}
    </svg>
    ${found.cells.some((c) => c.extrapolated) && html`<p class="source">† above the largest dose whose kinetics were studied: an extrapolation.</p>`}
    <p class="source">${found.participants} people, ${found.draws} draws of the parameters; the bluer, the lower. Draws tell cells apart, chance in a small trial would not.</p>
    <details class="numbers"><summary>The numbers as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Cells as a table"><table data-testid="heat-table">
      <thead><tr><th scope="col">Dose, ${unit}</th><th scope="col">Hours</th><th scope="col">Mean</th><th scope="col">Minus ${versus}</th><th scope="col">Minus the lowest</th><th scope="col">Told apart</th></tr></thead>
      <tbody>${found.cells.map((c) => html`<tr><td>${tidy(c.dose)}</td><td>${tidy(c.hours)}</td><td>${numberText(c.mean, 1)} (${numberText(c.low, 1)} to ${numberText(c.high, 1)})</td>
        <td>${c.difference === null ? "–" : `${signed(c.difference)} (${signed(c.difference_low ?? 0)} to ${signed(c.difference_high ?? 0)})`}</td>
        <td>${signed(c.behind)} (${signed(c.behind_low)} to ${signed(c.behind_high)})</td><td>${c.told_apart ? "yes" : "no"}</td></tr>`)}</tbody></table></div></details>
  </figure>`;
}
