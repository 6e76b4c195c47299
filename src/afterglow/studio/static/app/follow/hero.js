// @ts-check
/** The picture: a person's scores as points, where they are likely to go as a fan, and how people who began alike go. */
import { ticksOf } from "../chart.js";
import { html, useEffect, useRef, useState, useWidth } from "../html.js";
import { dayText, tidy } from "../numbers.js";
import { dateOf, dayWords } from "./days.js";

/** @typedef {import("../shapes").Outlook} Outlook */
/** @typedef {import("../shapes").FollowBand} Band */
/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {{day: number, score: number}} Point */

const TOP = 30;
const SHARES = /** @type {const} */ ([90, 80, 50]);
const MOVED_MS = 450;
export const AHEAD = { least: 7, most: 728 };
const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -7, ArrowDown: -7, ArrowRight: 7, ArrowUp: 7, PageDown: -28, PageUp: 28 });

/**
 * @param {{told: Outlook, points: Point[], arm: ArmDesign | null, given: number[], stale: boolean, ahead: number, onAhead: (days: number) => void, box: any}} props
 */
export function FollowHero({ told, points, arm, given, stale, ahead, onAhead, box }) {
  const width = useWidth(() => box.current?.parentElement, 760);
  const [held, setHeld] = useState(/** @type {{from: number, to: number} | null} */ (null));
  const shown = useMoving(told);
  const wide = width >= 600;
  const height = wide ? 380 : 280;
  const base = height - 30;
  const floor = base - (arm ? 34 : 10);
  const [left, right] = [wide ? 44 : 30, width - (wide ? 172 : 14)];
  const end = told.last_day + ahead;
  const span = held ?? reach(told, points, arm, wide ? end : end * 1.03);
  /** @param {number} d */
  const x = (d) => left + ((Math.min(Math.max(d, span.from), span.to) - span.from) / (span.to - span.from)) * (right - left);
  const highest = Math.max(...told.bands.map((b) => b.high90), ...told.expected.map((b) => b.high80), ...points.map((p) => p.score));
  const top = Math.min(told.scale_high, Math.ceil((highest + 0.04 * (told.scale_high - told.scale_low)) / 5) * 5);
  /** @param {number} s */
  const y = (s) => floor - ((Math.min(Math.max(s, told.scale_low), top) - told.scale_low) / (top - told.scale_low)) * (floor - TOP);
  const last = shown.bands[shown.bands.length - 1];
  const final = told.bands[told.bands.length - 1];
  const said = `${points.length} ${points.length === 1 ? "score" : "scores"} so far; on ${dayWords(told.start, final.day)} the middle of what is likely is ${final.median}, `
    + SHARES.map((s) => `${s} of 100 between ${lowOf(final, s)} and ${highOf(final, s)}`).reverse().join(", ") + ".";
  /** @param {PointerEvent} event */
  const dayAt = (event) => span.from + ((event.clientX - (box.current?.getBoundingClientRect().left ?? 0) - left) / (right - left)) * (span.to - span.from);
  const choose = (/** @type {number} */ day) => onAhead(Math.min(AHEAD.most, Math.max(AHEAD.least, Math.round(day - told.last_day))));
  /** @param {PointerEvent} event */
  const grab = (event) => {
    event.preventDefault();
    box.current?.setPointerCapture(event.pointerId);
    setHeld({ from: span.from, to: span.to + 0.25 * (span.to - span.from) });
  };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    const far = { Home: AHEAD.least, End: AHEAD.most }[event.key];
    const by = STEPS[event.key];
    if (!by && !far) return;
    event.preventDefault();
    choose(told.last_day + (far ?? ahead + by));
  };
  const ticks = ticksOf(span, (right - left) * (told.start ? 0.75 : 1));
  return html`<figure class=${`hero following-hero ${stale ? "pending" : ""}`} data-testid="follow-hero">
    <div class="timeline"><svg ref=${box} viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="group" data-testid="hero"
      aria-label=${`${told.scale} of one person over days. ${said}`} class=${held ? "held" : ""}
      onPointerMove=${(/** @type {PointerEvent} */ e) => held && choose(dayAt(e))} onPointerUp=${() => setHeld(null)} onPointerCancel=${() => setHeld(null)}>
      ${scoreTicks(told.scale_low, top, wide).map(
        (s) => html`<g><line class="tick" x1=${left} x2=${right} y1=${y(s)} y2=${y(s)} /><text x=${left - 8} y=${y(s) + 4} text-anchor="end">${s}</text></g>`,
      )}
      <text class="axis-word" x=${wide ? 2 : 0} y="14">${told.scale}${wide ? ", points; lower is better" : ""}</text>
      <path class="began" d=${area(told.expected, 80, x, y)} />
      ${/** @type {const} */ (["low80", "high80"]).map((edge) => html`<path class="began-edge" d=${lineOf(told.expected, edge, x, y)} />`)}
      <${Aims} told=${told} left=${left} right=${right} y=${y} top=${top} wide=${wide} />
      ${SHARES.map((s) => html`<path class=${`fan of-${s}`} d=${area(shown.bands, s, x, y)} />`)}
      <path class="line own" d=${lineOf(shown.bands, "median", x, y)} />
      <${AlikeWord} told=${told} x=${x} y=${y} span=${span} wide=${wide} />
      <path class="so-far" d=${points.length > 1 ? `M${points.map((p) => `${x(p.day).toFixed(1)},${y(p.score).toFixed(1)}`).join("L")}` : ""} />
      ${points.map((p, k) => html`<g class=${`score ${k === points.length - 1 ? "latest" : ""}`}>
        ${k === points.length - 1 && told.track.verdict === "off track" && html`<circle class="alarm" cx=${x(p.day)} cy=${y(p.score)} r="10" />`}
        <circle cx=${x(p.day)} cy=${y(p.score)} r="5" /><title>${p.score} on ${dayWords(told.start, p.day)}</title>
        ${(points.length < 8 || k === points.length - 1) && html`<text x=${x(p.day)} y=${y(p.score) - 11} text-anchor="middle">${tidy(p.score)}</text>`}</g>`)}
      <line class="axis" x1=${left} x2=${right} y1=${base - 8} y2=${base - 8} />
      ${arm && html`<${Given} arm=${arm} given=${given} now=${told.last_day} x=${x} y=${base - 22} span=${span} />`}
      ${ticks.map((d) => html`<g><line class="axis" x1=${x(d)} x2=${x(d)} y1=${base - 8} y2=${base - 3} />
        <text x=${x(d)} y=${height - 8} text-anchor="middle">${told.start ? dateOf(told.start, d) : d}</text></g>`)}
      ${wide && html`<text x=${width - 2} y=${height - 8} text-anchor="end">${told.start ? `day 0: ${dateOf(told.start, 0)}` : arm ? "days from dosing" : "days"}</text>`}
      <g class="chosen" tabindex="0" role="slider" aria-label="Day forecast to" aria-valuemin=${told.last_day + AHEAD.least} aria-valuemax=${told.last_day + AHEAD.most}
        aria-valuenow=${end} aria-valuetext=${dayWords(told.start, end)} onPointerDown=${grab} onKeyDown=${keys} data-testid="chosen-day">
        <line x1=${x(end)} x2=${x(end)} y1="20" y2=${base - 8} /><circle class="hit" cx=${x(end)} cy=${base - 8} r="16" /><circle class="grip" cx=${x(end)} cy=${base - 8} r="7" />
        <text x=${x(end)} y="14" text-anchor=${wide ? "middle" : "end"}>day ${dayText(end)}</text></g>
      ${wide && html`<${Ends} last=${last} final=${final} left=${x(end) + 12} y=${y} floor=${floor} />`}
    </svg></div>
    <figcaption class="key">
      <span><i class="swatch score"></i>scores so far</span><span><i class="swatch own"></i>middle of what is likely</span>
      <span><i class="swatch fan"></i>holds 50, 80 and 90 of 100 people like this one</span><span><i class="swatch alike"></i>80 of 100 people who began alike</span>
    </figcaption>
    ${!wide && html`<p class="range">${SHARES.map((s) => `${s} of 100: ${lowOf(final, s)} to ${highOf(final, s)}`).reverse().join(" · ")}</p>`}
  </figure>`;
}

/** @param {Band} band @param {50 | 80 | 90} share */
export const lowOf = (band, share) => band[`low${share}`];
/** @param {Band} band @param {50 | 80 | 90} share */
export const highOf = (band, share) => band[`high${share}`];

/** Days that hold all there is. @param {Outlook} told @param {Point[]} points @param {ArmDesign | null} arm @param {number} end */
function reach(told, points, arm, end) {
  const days = [...points.map((p) => p.day), told.expected[0].day, ...(arm && arm.medicine !== "none" ? [0] : []), told.last_day];
  const from = Math.min(...days);
  return { from: from - 0.03 * Math.max(end - from, 14), to: end };
}

/** @param {Band[]} bands @param {keyof Band} name @param {(d: number) => number} x @param {(s: number) => number} y */
const lineOf = (bands, name, x, y) => (bands.length > 1 ? `M${bands.map((b) => `${x(b.day).toFixed(1)},${y(b[name]).toFixed(1)}`).join("L")}` : "");

/** @param {Band[]} bands @param {50 | 80 | 90} share @param {(d: number) => number} x @param {(s: number) => number} y */
function area(bands, share, x, y) {
  if (bands.length < 2) return "";
  const at = (/** @type {Band} */ b, /** @type {number} */ s) => `${x(b.day).toFixed(1)},${y(s).toFixed(1)}`;
  return `M${bands.map((b) => at(b, highOf(b, share))).join("L")}L${[...bands].reverse().map((b) => at(b, lowOf(b, share))).join("L")}Z`;
}

/** @param {number} low @param {number} top @param {boolean} wide */
function scoreTicks(low, top, wide) {
  const step = [5, 10, 20, 40].find((s) => (top - low) / s <= (wide ? 6 : 5)) ?? 40;
  const found = [];
  for (let s = Math.ceil(low / step) * step; s <= top; s += step) found.push(s);
  return found;
}

/** Scores that count as response and remission. @param {{told: Outlook, left: number, right: number, y: (s: number) => number, top: number, wide: boolean}} props */
function Aims({ told, left, right, y, top, wide }) {
  const rows = [
    ["remission", told.remission_at],
    ["response", told.response_at],
  ].filter((row) => typeof row[1] === "number" && row[1] >= told.scale_low && row[1] <= top);
  return html`<g class="aims">${rows.map(
    ([name, at]) => html`<line x1=${left} x2=${right} y1=${y(Number(at))} y2=${y(Number(at))} />
      ${wide && html`<text x=${left + 4} y=${y(Number(at)) + (name === "response" ? -4 : 13)}>${name}: ${tidy(Math.floor(Number(at)))} or less</text>`}`,
  )}</g>`;
}

/** @param {{told: Outlook, x: (d: number) => number, y: (s: number) => number, span: {from: number, to: number}, wide: boolean}} props */
function AlikeWord({ told, x, y, span, wide }) {
  if (!wide || told.expected.length < 2) return null;
  const at = told.expected[Math.floor(told.expected.length * 0.55)];
  return html`<text class="alike-word" x=${x(Math.min(at.day, span.to))} y=${y(at.high80) - 7} text-anchor="middle">people who began alike, 80 of 100</text>`;
}

/**
 * What the plan gives; what was given until now stands in place of what was planned until then.
 * @param {{arm: ArmDesign, given: number[], now: number, x: (d: number) => number, y: number, span: {from: number, to: number}}} props
 */
function Given({ arm, given, now, x, y, span }) {
  const from = given.length ? Math.max(now, ...given) : -Infinity;
  const inside = (/** @type {number} */ d) => d >= span.from && d <= span.to && d > from;
  const dosings = arm.medicine === "none" ? [] : arm.dosing_days;
  return html`<g class="given">
    ${arm.practice.filter((p) => p.to_day > from).map((p) => html`<rect x=${x(Math.max(p.from_day, from))} width=${Math.max(3, x(p.to_day) - x(Math.max(p.from_day, from)))} y=${y + 5} height="5" rx="2"><title>Practice planned, ${p.hours_per_week} h a week, day ${p.from_day} to ${p.to_day}</title></rect>`)}
    ${dosings.filter(inside).map((d) => html`<path class="dose" transform=${`translate(${x(d)},${y})`} d="M-5,-9 H5 V3 L0,10 L-5,3 Z"><title>Dosing planned, day ${d}</title></path>`)}
    ${arm.sessions.filter((s) => inside(s.day)).map((s) => html`<circle cx=${x(s.day)} cy=${y - 2} r="4.5"><title>${s.kind} planned, day ${s.day}</title></circle>`)}
    ${given.map((d) => html`<rect class="was" x=${x(d) - 4.5} y=${y - 6} width="9" height="9"><title>Given or done, day ${d}</title></rect>`)}
  </g>`;
}

/** What the bands hold on the chosen day, beside their ends. @param {{last: Band, final: Band, left: number, y: (s: number) => number, floor: number}} props */
function Ends({ last, final, left, y, floor }) {
  const rows = [
    { at: y(last.median), text: `middle ${tidy(final.median)}`, kind: "own" },
    ...SHARES.map((s) => ({ at: y(highOf(last, s)), text: `${s} of 100: ${lowOf(final, s)} to ${highOf(final, s)}`, kind: "band" })),
  ].sort((a, b) => a.at - b.at);
  const apart = 18;
  let before = 26 - apart;
  const placed = rows.map((row) => (before = Math.max(row.at, before + apart)));
  for (let k = rows.length - 1, most = floor; k >= 0; k -= 1, most -= apart) placed[k] = Math.min(placed[k], most);
  return html`<g class="ends">${rows.map((row, k) => html`<text class=${row.kind} x=${left} y=${placed[k] + 4}>${row.text}</text>`)}</g>`;
}

/** Bands that move from one answer to the next, where both have as many days. @param {Outlook} told @returns {{bands: Band[]}} */
function useMoving(told) {
  const [bands, setBands] = useState(told.bands);
  const now = useRef(told.bands);
  const scale = useRef(told.scale);
  useEffect(() => {
    const from = now.current;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || scale.current !== told.scale || !from.length;
    scale.current = told.scale;
    if (still || from === told.bands) {
      now.current = told.bands;
      setBands(told.bands);
      return undefined;
    }
    const begun = performance.now();
    let frame = 0;
    const step = () => {
      const share = Math.min(1, (performance.now() - begun) / MOVED_MS);
      const eased = 1 - (1 - share) ** 3;
      now.current = share === 1 ? told.bands : told.bands.map((band, k) => between(from[Math.round((k * (from.length - 1)) / Math.max(1, told.bands.length - 1))], band, eased));
      setBands(now.current);
      if (share < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [told]);
  return { bands };
}

/** @param {Band} a @param {Band} b @param {number} share @returns {Band} */
function between(a, b, share) {
  const found = { ...b };
  for (const key of /** @type {(keyof Band)[]} */ (Object.keys(b))) found[key] = a[key] + share * (b[key] - a[key]);
  return found;
}
