// @ts-check
/** The picture: the score with integration and without, the gap between them, the open window, and the work beneath. */
import { Numbers, ticksOf, valueAt } from "../chart.js";
import { Glow } from "../glow.js";
import { html, PRINTED, useMemo, useWidth } from "../html.js";
import { Marks, useMarks } from "../marks.js";
import { dayText, signed, tidy } from "../numbers.js";
import { lastClosing } from "../windows.js";

/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {import("../shapes").ArmCourse} ArmCourse */
/** @typedef {import("../shapes").Course} Course */
/** @typedef {import("../chart.js").Span} Span */
/** @typedef {{from: number, to: number, left: number, right: number}} Across days, and the pixels they are drawn between */

const TOP = 40;
const DOT = 3.4;

/**
 * @param {{course: Course, seen: ArmCourse, arm: ArmDesign, windows: Span[], gap: {difference: number, low: number, high: number} | null,
 *   span: Span, day: number, onDay: (day: number) => void, selected: number, onSelect: (k: number) => void,
 *   onChange: (arm: ArmDesign) => void, onHold: (held: boolean) => void, stale: boolean, doseText: string}} props
 */
export function Hero({ course, seen, arm, windows, gap, span, day, onDay, selected, onSelect, onChange, onHold, stale, doseText }) {
  const shape = { left: 0, right: 0 };
  /** @param {MouseEvent} event */
  const at = (event) => {
    const left = hand.box.current?.getBoundingClientRect().left ?? 0;
    return span.from + ((event.clientX - left - shape.left) / (shape.right - shape.left)) * (span.to - span.from);
  };
  const rows = { dosing: 0, sessions: 0, practice: 0 };
  const hand = useMarks({ arm, at, rows, onChange, onSelect, onHold });
  const width = useWidth(() => hand.box.current?.parentElement, 900, PRINTED);
  const wide = width >= 640;
  const height = wide ? 396 : 268;
  const base = height - 66;
  Object.assign(shape, { left: wide ? 46 : 30, right: width - (wide ? 236 : 46) });
  Object.assign(rows, { dosing: base - 22, sessions: base, practice: base + 28 });
  const floor = base - 36;
  /** @param {number} d */
  const x = (d) => shape.left + ((Math.min(Math.max(d, span.from), span.to) - span.from) / (span.to - span.from)) * (shape.right - shape.left);

  const own = seen.curves.severity_score.mean;
  const without = seen.twin?.curves.severity_score ?? null;
  const { low } = course.scale;
  const top = useMemo(() => {
    const most = Math.max(...own, ...(without ?? []), ...(seen.band?.high ?? []), ...seen.people.map((p) => p.score));
    return Math.min(course.scale.high, Math.ceil((most + 0.03 * (course.scale.high - low)) / 5) * 5);
  }, [seen]);
  /** @param {number} score */
  const y = (score) => floor - ((Math.min(Math.max(score, low), top) - low) / (top - low)) * (floor - TOP);
  const places = useMemo(() => within(seen.days, span), [seen.days, span.from, span.to]);
  /** @param {number[]} values */
  const points = (values) => places.map((k) => `${x(seen.days[k]).toFixed(1)},${y(values[k]).toFixed(1)}`);
  const line = (/** @type {number[]} */ values) => `M${points(values).join("L")}`;
  const area = (/** @type {number[]} */ a, /** @type {number[]} */ b) => `M${points(a).join("L")}L${points(b).reverse().join("L")}Z`;
  const last = places[places.length - 1];
  const inside = (/** @type {number} */ d) => windows.some((w) => w.from <= d && d <= w.to);

  /** @param {PointerEvent} event */
  const look = (event) => {
    hand.move(event);
    if (hand.held) return;
    const pointed = at(event);
    const found = pointed > 0 && pointed < 1 ? Math.round(pointed * 24) / 24 : Math.round(pointed);
    if (found !== day && found >= seen.days[0] && found <= course.last_day) onDay(found);
  };
  const here = { own: valueAt(seen.days, own, day) ?? 0, without: without && valueAt(seen.days, without, day) };
  const said =
    `On day ${dayText(day)} the mean score is ${tidy(here.own)}` +
    `${here.without === null ? "" : `, the same people without integration ${tidy(here.without)}`}; ` +
    `on day ${dayText(seen.days[last])} ${tidy(own[last])}${without ? ` and ${tidy(without[last])}` : ""}.`;
  return html`<figure class=${`hero ${stale ? "pending" : ""}`} data-testid="scale-chart">
    <div class="timeline">
      <svg ref=${hand.box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" class=${hand.held ? "held" : ""} data-testid="hero"
        aria-label=${`${course.scale.id} over days, with dosings, sessions and practice beneath. ${said}`}
        onPointerMove=${look} onPointerDown=${look} onPointerUp=${hand.drop} onPointerCancel=${hand.drop} onDblClick=${hand.make}>
        <${Glow} id="glow" seen=${seen} x=${x} span=${span} top=${20} base=${base} />
        ${scoreTicks(low, top, wide).map(
          (score) => html`<g><line class="tick" x1=${shape.left} x2=${shape.right} y1=${y(score)} y2=${y(score)} />
            <text x=${shape.left - 8} y=${y(score) + 4} text-anchor="end">${score}</text></g>`,
        )}
        <text x=${wide ? 2 : 0} y="14" class="axis-word">${course.scale.id}${wide ? ", points; lower is better" : ""}</text>
        ${seen.band && html`<path class="mean-band" d=${area(seen.band.low, seen.band.high)} />`}
        ${without && html`<path class="gap" d=${area(own, without)} /><path class="line without" d=${line(without)} />`}
        <path class="line own" d=${line(own)} />
        ${day >= span.from && day <= span.to &&
        html`<g class="pointed"><line class="cursor" x1=${x(day)} x2=${x(day)} y1=${TOP} y2=${base} />
          ${here.without !== null && html`<circle class="without" cx=${x(day)} cy=${y(here.without)} r="3.5" />`}
          <circle class="own" cx=${x(day)} cy=${y(here.own)} r="4.5" />
          <text x=${x(day) + (x(day) > shape.right - 70 ? -7 : 7)} y=${TOP + 10} text-anchor=${x(day) > shape.right - 70 ? "end" : "start"}>day ${dayText(day)}: ${tidy(here.own)}</text></g>`}
        <line class="axis" x1=${shape.left} x2=${shape.right} y1=${base} y2=${base} />
        ${ticksOf(span, shape.right - shape.left).map(
          (d) => html`<g><line class="axis" x1=${x(d)} x2=${x(d)} y1=${base} y2=${base + 5} />
            <text x=${x(d)} y=${height - 6} text-anchor="middle">${d}</text></g>`,
        )}
        ${wide && html`<text x=${shape.right + 26} y=${height - 6}>days from the first dosing</text>`}
        ${arm.medicine !== "none" && seen.dosing_days.length > 0 && html`<${DoseWord} days=${seen.dosing_days} x=${x} y=${rows.dosing + 2} text=${doseText} />`}
        <${Closing} seen=${seen} x=${x} span=${span} wide=${wide} />
        <${Marks} arm=${arm} x=${x} rows=${rows} inside=${inside} selected=${selected} onSelect=${onSelect} hand=${hand} />
        ${wide
          ? html`<${Ends} own=${y(own[last])} without=${without && y(without[last])} values=${[own[last], without ? without[last] : null]}
              gap=${gap} left=${shape.right} floor=${floor} />`
          : html`<g class="ends">
              ${without && html`<path class="bracket" d=${`M${shape.right + 2},${y(own[last])}h4V${y(without[last])}h-4`} />
                <text class="without" x=${shape.right - 4} y=${Math.min(y(without[last]), y(own[last])) - 8} text-anchor="end">without integration</text>`}
              <text class="own" x=${shape.right - 4} y=${Math.max(y(own[last]), without ? y(without[last]) : 0) + 18} text-anchor="end">${without ? "with integration" : "as planned"}</text></g>`}
        <${People} people=${seen.people} y=${y} from=${wide ? width - 84 : shape.right + 10} to=${width - 4} wide=${wide} shown=${seen.days[last] >= course.last_day - 1} />
      </svg>
    </div>
    <figcaption class="key">
      <span><i class="swatch own"></i>${without ? "with integration" : "as planned"}${seen.band ? ", shaded: 90 % interval of the mean" : ""}</span>
      ${without && html`<span><i class="swatch without"></i>the same people without</span>`}
      <span><i class="swatch glow"></i>window open, the darker in more people</span>
    </figcaption>
    <${Numbers} title=${course.scale.id} days=${seen.days} unit="points; in brackets the 90 % interval of the mean" said=${said}
      lines=${[
        { label: without ? "With integration" : "As planned", values: own, low: seen.band?.low, high: seen.band?.high, colour: "arm-1" },
        ...(without ? [{ label: "Same people without", values: without, colour: "twin" }] : []),
      ]} />
  </figure>`;
}

/** Days within a span, and one beyond each end. @param {number[]} days @param {Span} span */
function within(days, span) {
  const found = days.map((_, k) => k).filter((k) => days[k] >= span.from && days[k] <= span.to);
  return found.length > 1 ? found : [0, days.length - 1];
}

/** @param {number} low @param {number} top @param {boolean} wide */
function scoreTicks(low, top, wide) {
  const step = [5, 10, 20, 40].find((s) => (top - low) / s <= (wide ? 6 : 5)) ?? 40;
  const found = [];
  for (let score = Math.ceil(low / step) * step; score <= top; score += step) found.push(score);
  return found;
}

const DOSE_WORD = 84;

/** The dose, beside the last of the arrows that stand too close for a word. @param {{days: number[], x: (d: number) => number, y: number, text: string}} props */
function DoseWord({ days, x, y, text }) {
  const crowd = 1 + days.slice(1).findIndex((day, k) => x(day) - x(days[k]) > DOSE_WORD);
  const count = crowd || days.length;
  return html`<text class="dose-word" x=${x(days[count - 1]) + 9} y=${y}>${count > 1 ? `${count} × ` : ""}${text}</text>`;
}

/** When the last window closes, and how far people differ in it. @param {{seen: ArmCourse, x: (d: number) => number, span: Span, wide: boolean}} props */
function Closing({ seen, x, span, wide }) {
  const closing = lastClosing(seen);
  if (!closing || closing.closes === null || closing.closes < span.from || closing.closes > span.to) return null;
  const [low, high] = [closing.closes_low ?? closing.closes, closing.closes_high ?? span.to];
  const [a, m, b] = [x(low), x(closing.closes), x(high)];
  const words = `${seen.dosing_days.length > 1 ? "last " : ""}window closes day ${dayText(Math.round(closing.closes))}${wide ? `, in nine of ten people between day ${dayText(Math.round(low))} and ${high >= span.to ? "later" : dayText(Math.round(high))}` : ""}`;
  return html`<g class="closing"><path d=${`M${a},${26}v8M${a},30H${b}M${b},26v8`} /><circle cx=${m} cy="30" r="4" />
    <text x=${wide ? b + 8 : Math.max(a, 96)} y=${wide ? 34 : 14}>${words}</text></g>`;
}

/**
 * Names of the lines at their ends, and what lies between them.
 * @param {{own: number, without: number | null, values: (number | null)[], gap: {difference: number, low: number, high: number} | null, left: number, floor: number}} props
 */
function Ends({ own, without, values, gap, left, floor }) {
  const [a, b] = [values[0] ?? 0, values[1]];
  const rows = [{ at: own, text: `${without === null ? "as planned" : "with integration"} ${tidy(a)}`, kind: "own" }];
  if (without !== null && b !== null) {
    rows.push({ at: without, text: `without ${tidy(b)}`, kind: "without" });
    rows.push({ at: (own + without) / 2, text: `${signed(gap ? gap.difference : a - b)}${gap ? ` (${signed(gap.low)} to ${signed(gap.high)})` : ""}`, kind: "between" });
  }
  rows.sort((one, other) => one.at - other.at);
  const apart = 17;
  const middle = rows.reduce((sum, row) => sum + row.at, 0) / rows.length;
  const start = Math.min(Math.max(middle - ((rows.length - 1) * apart) / 2, 50), floor - (rows.length - 1) * apart);
  return html`<g class="ends">
    ${without !== null && html`<path class="bracket" d=${`M${left + 2},${own}h5V${without}h-5`} />`}
    ${rows.map((row, k) => {
      const at = rows.length === 3 && Math.abs(own - (without ?? own)) > 2.2 * apart ? row.at : start + k * apart;
      return html`<text class=${row.kind} x=${left + 12} y=${at + 4} data-testid=${row.kind === "between" ? "gap-number" : undefined}>${row.text}</text>`;
    })}
  </g>`;
}

/** People of the last day as dots; those who respond are filled. @param {{people: {score: number, responds: boolean}[], y: (s: number) => number, from: number, to: number, wide: boolean, shown: boolean}} props */
function People({ people, y, from, to, wide, shown }) {
  if (!shown || !people.length) return null;
  const middle = (from + to) / 2;
  /** @type {{x: number, y: number, responds: boolean}[]} */
  const placed = [];
  for (const person of people) {
    const at = y(person.score);
    let k = 0;
    const side = (/** @type {number} */ n) => middle + (n % 2 ? 1 : -1) * Math.ceil(n / 2) * 2.2 * DOT;
    while (k < 40 && placed.some((p) => Math.hypot(p.x - side(k), p.y - at) < 2.1 * DOT)) k += 1;
    placed.push({ x: side(k), y: at, responds: person.responds });
  }
  const responding = people.filter((p) => p.responds).length;
  return html`<g class="people"><title>${responding} of ${people.length} people respond</title>
    ${placed.map((p) => html`<circle class=${p.responds ? "responds" : ""} cx=${p.x.toFixed(1)} cy=${p.y.toFixed(1)} r=${DOT} />`)}
    ${wide && html`<text x=${to} y="16" text-anchor="end" data-testid="people-respond">${responding} of ${people.length} respond</text>`}
  </g>`;
}
