// @ts-check
/** What guessing does: the effect against the share of right guesses, and what unblinding adds. */
import { html, useRef, useWidth } from "../html.js";
import { numberText, signed } from "../numbers.js";

/** @typedef {import("../shapes").TrialPower} TrialPower */

const TOP = 26;

/** @param {{found: TrialPower}} props */
export function Guesses({ found }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = Math.min(760, useWidth(() => box.current?.parentElement, 620));
  const row = found.sizes[found.sizes.length - 1];
  const curve = row.curve.filter((p) => p.value !== null).map((p) => ({ share: p.share, value: Number(p.value), se: p.se ?? 0 }));
  const points = (/** @type {{value: number | null, se: number | null}} */ e) => (e.value === null ? "not known" : `${signed(e.value)}${e.se === null ? "" : ` ± ${numberText(e.se, 1)}`}`);
  const bias = `Unblinding adds ${row.bias.value === null ? "nothing that is known" : `${signed(row.bias.value)} ± ${numberText(row.bias.se ?? 0, 2)} points`} to the difference of mean scores, against the same people if everybody guessed by a toss of a coin; below zero it favours the active arm.`;
  const guessed = row.correct_guess.value === null ? "" : `${Math.round(100 * row.correct_guess.value)} % of those who name an arm name the right one. `;
  if (curve.length < 2) {
    return html`<section class="card" aria-label="Guesses" data-testid="guesses"><h2>What guessing does</h2><p>${guessed}All name the same arm, or all know theirs, so that there is no curve of right guesses. ${bias}</p></section>`;
  }
  const height = 260;
  const [left, end, base] = [48, width - 26, height - 42];
  const ends = [0, ...curve.flatMap((p) => [p.value - p.se, p.value + p.se])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  /** @param {number} v */
  const x = (v) => left + v * (end - left);
  /** @param {number} v */
  const y = (v) => TOP + ((high - v) / (high - low || 1)) * (base - TOP);
  const step = [0.5, 1, 2, 5, 10, 20].find((s) => (high - low) / s <= 6) ?? 20;
  const levels = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) levels.push(v);
  const half = row.at_half.value === null ? "" : ` Where half of the guesses are right, so that they say nothing, the effect is ${points(row.at_half)} points; as the trials were, ${points(row.observed)}.`;
  const said = `${guessed}${half} ${bias}`;
  return html`<section class="card guesses" aria-label="Guesses" data-testid="guesses"><h2>What guessing does, with ${row.n} people in the control arm</h2>
    <div class="two"><figure><svg ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`Effect against the share of right guesses. ${said}`}>
      <text class="axis-word" x="0" y="13">Difference of changes, ${found.scale} points${width > 460 ? "; lower favours the active arm" : ""}</text>
      ${levels.map((v) => html`<g><line class=${v === 0 ? "zero" : "tick"} x1=${left} x2=${end} y1=${y(v)} y2=${y(v)} /><text x=${left - 6} y=${y(v) + 4} text-anchor="end">${numberText(v, step < 1 ? 1 : 0)}</text></g>`)}
      <path class="band" d=${`M${curve.map((p) => `${x(p.share)},${y(p.value + p.se)}`).join("L")}L${[...curve].reverse().map((p) => `${x(p.share)},${y(p.value - p.se)}`).join("L")}Z`} />
      <path class="line" d=${`M${curve.map((p) => `${x(p.share)},${y(p.value)}`).join("L")}`} />
      <line class="half" x1=${x(0.5)} x2=${x(0.5)} y1=${TOP} y2=${base} /><text x=${x(0.5) + 6} y=${TOP + 10}>one half: ${points(row.at_half)}</text>
      ${[0, 0.25, 0.5, 0.75, 1].map((v) => html`<text x=${x(v)} y=${base + 18} text-anchor="middle">${Math.round(100 * v)} %</text>`)}
      <line class="axis" x1=${left} x2=${end} y1=${base} y2=${base} />
      <text class="axis-word" x=${(left + end) / 2} y=${height - 4} text-anchor="middle">Right guesses</text>
    </svg></figure>
    <p>${said}</p></div>
    <details class="numbers"><summary>The numbers as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Effect by right guesses"><table><thead><tr><th scope="col">Right guesses</th><th scope="col">Effect, points</th></tr></thead>
      <tbody>${curve.map((p) => html`<tr><th scope="row">${Math.round(100 * p.share)} %</th><td>${points(p)}</td></tr>`)}</tbody></table></div></details>
  </section>`;
}
