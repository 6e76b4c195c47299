// @ts-check
/** The one picture of the story: the mean score, a guess, and what the model says. */
import { ticksOf } from "../chart.js";
import { html } from "../html.js";
import { numberText } from "../numbers.js";

/** @typedef {{days: number[], own: number[], without: number[] | null, low: number[] | null, high: number[] | null}} Lines */

/**
 * @param {{box: any, width: number, height: number, scale: import("../shapes").ScaleFacts, first: number, last: number, top: number,
 *   lines: Lines | null, shown: number, shares: number[] | null, guess: number | null, guessed: boolean, onGuess: ((score: number) => void) | null, start: number, said: string}} props
 *   `shown` is the share of the course that has been drawn
 */
export function StoryPicture({ box, width, height, scale, first, last, top, lines, shown, shares, guess, guessed, onGuess, start, said }) {
  const [left, right, up, down] = [44, width - 104, 28, height - 30];
  /** @param {number} d */
  const x = (d) => left + ((d - first) / (last - first)) * (right - left);
  /** @param {number} s */
  const y = (s) => down - ((Math.min(Math.max(s, scale.low), top) - scale.low) / (top - scale.low)) * (down - up);
  const end = first + shown * (last - first);
  const places = lines ? lines.days.map((_, k) => k).filter((k) => lines.days[k] <= end) : [];
  /** @param {number[]} values */
  const points = (values) => places.map((k) => `${x(lines ? lines.days[k] : 0).toFixed(1)},${y(values[k]).toFixed(1)}`);
  const step = [5, 10, 20].find((s) => (top - scale.low) / s <= 6) ?? 20;
  const ticks = [];
  for (let s = Math.ceil(scale.low / step) * step; s <= top; s += step) ticks.push(s);
  /** @param {PointerEvent} event */
  const point = (event) => {
    if (!onGuess || !(event.buttons & 1)) return;
    const above = box.current?.getBoundingClientRect();
    const unit = above ? height / above.height : 1;
    const score = scale.low + ((down - (event.clientY - (above?.top ?? 0)) * unit) / (down - up)) * (top - scale.low);
    onGuess(Math.round(Math.min(top, Math.max(scale.low, score))));
  };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key] ?? 0;
    const far = event.key === "Home" ? scale.low : event.key === "End" ? top : null;
    if (!onGuess || guess === null || (!by && far === null)) return;
    event.preventDefault();
    event.stopPropagation();
    onGuess(far ?? Math.min(top, Math.max(scale.low, guess + by)));
  };
  const lastPlace = places[places.length - 1];
  return html`<svg class="story-picture hero" ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label=${said}
    onPointerDown=${point} onPointerMove=${point} data-testid="story-picture">
    ${lines && shares &&
    html`<defs><linearGradient id="story-glow" gradientUnits="userSpaceOnUse" x1=${left} x2=${right} y1="0" y2="0">
      ${lines.days.map((d, k) => html`<stop class="glow" offset=${((d - first) / (last - first)).toFixed(4)} stop-opacity=${(0.4 * shares[k] * Math.min(1, shown * 8)).toFixed(3)} />`)}
      </linearGradient></defs><rect x=${left} y=${up} width=${right - left} height=${down - up} fill="url(#story-glow)" />`}
    ${ticks.map((s) => html`<g><line class="tick" x1=${left} x2=${right} y1=${y(s)} y2=${y(s)} /><text x=${left - 8} y=${y(s) + 4} text-anchor="end">${s}</text></g>`)}
    ${ticksOf({ from: first, to: last }, right - left).map((d) => html`<text x=${x(d)} y=${height - 8} text-anchor="middle">${d}</text>`)}
    <text x=${right + 22} y=${height - 8}>days</text>
    <text class="axis-word" x="2" y="12">${scale.id}, lower is better</text>
    <circle class="begin" cx=${x(first)} cy=${y(start)} r="5" />
    ${lines?.low && lines.high && places.length > 1 && html`<path class="mean-band" d=${`M${points(lines.low).join("L")}L${points(lines.high).reverse().join("L")}Z`} />`}
    ${lines?.without && places.length > 1 &&
    html`<path class="gap" d=${`M${points(lines.own).join("L")}L${points(lines.without).reverse().join("L")}Z`} /><path class="line without" d=${`M${points(lines.without).join("L")}`} />
      <text class="end-word" x=${right + 16} y=${y(lines.without[lastPlace]) - 4}>${shown >= 1 ? `without ${numberText(lines.without[lastPlace], 1)}` : ""}</text>`}
    ${lines && places.length > 1 &&
    html`<path class="line own" d=${`M${points(lines.own).join("L")}`} />
      <text class="end-word own" x=${right + 16} y=${y(lines.own[lastPlace]) + 14}>${shown >= 1 ? numberText(lines.own[lastPlace], 1) : ""}</text>`}
    ${guess !== null && html`<g class="guess" tabindex=${onGuess ? 0 : -1} role="slider" aria-label="Your guess of the mean score on the last day" aria-valuemin=${scale.low} aria-valuemax=${top}
      aria-valuenow=${guess} aria-disabled=${onGuess ? "false" : "true"} onKeyDown=${keys} data-testid="guess">
      <line x1=${x(first)} y1=${y(start)} x2=${right} y2=${y(guess)} /><circle cx=${right} cy=${y(guess)} r="9" />
      <text x=${right - 14} y=${y(guess) + (lines && lastPlace !== undefined && guess <= (lines.without ?? lines.own)[lastPlace] ? 24 : -12)} text-anchor="end">${!onGuess ? `you said ${guess}` : guessed ? `your guess: ${guess}` : "drag to guess"}</text>
    </g>`}
  </svg>`;
}
