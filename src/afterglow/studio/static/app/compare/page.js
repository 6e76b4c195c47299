// @ts-check
/** Compare: up to eight arms with the same people, and how sure it is that they differ. */
import { useCourse, useSettled } from "../asking.js";
import { GroupEditor, MedicineEditor, PeopleEditor, SessionEditor } from "../editor.js";
import { Numeric, Text, Word } from "../fields.js";
import { html, once, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { Progress, useJob } from "../jobs.js";
import { daysShown } from "../marks.js";
import { signed, tidy } from "../numbers.js";
import { addressOf, pairingText, USUAL_PEOPLE, WEIGHTED } from "../state.js";
import { openDays } from "../windows.js";
import { Cautions } from "../words.js";
import { dayName, isClear, nameOf, pairOf, percent, without } from "./arms.js";
import { Forest } from "./forest.js";
import { Heat } from "./heat.js";
import { Lanes } from "./lanes.js";
import { Scores } from "./scores.js";
import { seats, seatsWithout } from "./seats.js";
import { Take } from "./take.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").Course} Course */
/** @typedef {import("../shapes").Comparison} Comparison */
/** @typedef {import("../state.js").Pairing} Pairing */

const MANY_PEOPLE = 2000;

/**
 * @param {{design: Design, choices: import("../shapes").Choices, onChange: (design: Design) => void, pairing: Pairing,
 *   onPair: (pairing: Pairing) => void, undo: import("../undo.js").Undo}} props
 */
export function Compare({ design, choices, onChange, pairing, onPair, undo }) {
  const { arms } = design;
  useLayoutEffect(() => {
    if (arms.length < 2) onChange({ ...design, arms: [arms[0], without(arms[0])] });
  }, [arms.length]);
  const first = useCourse(design);
  const sure = useSettled(design, "/api/comparison", "comparison", { when: arms.length > 1, tries: first.tries });
  const usual = { ...design, participants: USUAL_PEOPLE };
  const many = useJob("compare", addressOf(usual));
  const large = /** @type {Comparison | null} */ (many.result);
  const settled = /** @type {Comparison | null} */ (sure.fresh ? sure.found : null);
  const [kept, keep] = useState(/** @type {Comparison | null} */ (null));
  const now = large ?? settled;
  useEffect(() => {
    if (now) keep(now);
  }, [now]);
  const found = now ?? (kept && kept.arms.length === arms.length ? kept : null);
  const stale = !now;
  const [open, setOpen] = useState(0);
  const [grid, setGrid] = useState(/** @type {object | null} */ (null));
  const [editing, setEditing] = useState(false);
  const [selected, setSelected] = useState(-1);
  const [held, setHeld] = useState(false);
  const [whole, setWhole] = useState(true);
  const [day, setDay] = useState(pairing.at);
  const picture = useRef(/** @type {SVGSVGElement | null} */ (null));
  const names = arms.map(nameOf);
  const course = first.course;
  const [a, b] = seats(pairing, arms.length);
  const edited = Math.min(open, arms.length - 1);
  const days = found ? found.arms[0].visits.map((v) => v.day).filter((d) => d > 0) : [42, 84, design.horizon_days];
  const [at, then] = [pairing.at, pairing.then].map((wished) => nearest(days, wished));
  const windows = useMemo(() => (course ? course.arms.flatMap((seen) => openDays(seen, course.last_day)) : []), [course]);
  const weeks = daysShown(arms, windows, design.horizon_days, false);
  const span = useKept(whole ? { ...weeks, to: design.horizon_days } : weeks, held);
  /** @param {number} k @param {import("../shapes").ArmDesign} next */
  const change = (k, next) => onChange({ ...design, arms: arms.map((arm, j) => (j === k ? next : arm)) });
  const lines = useMemo(() => linesOf(arms.map(nameOf), course, now), [course, now, names.join("\n")]);
  const drawn = course !== null && lines.length === arms.length;
  const pair = found && pairOf(found, a, b, at);
  const words = pair && found ? verdictOf(pair, names[a], names[b], at, found) : "";
  const title = `${names[a]} against ${names[b]}`;
  return html`<main id="main" class="exploring comparing" tabindex="-1">
    <div class="opening">
      <div>
        <h1>The same people in every arm: what differs comes from what is given.</h1>
        <${Asked} design=${design} choices=${choices} names=${names} a=${a} b=${b} at=${at} then=${then} days=${days} onChange=${onChange}
          onPair=${(/** @type {Partial<Pairing>} */ more) => onPair({ ...pairing, arm: a, versus: b, at, then, ...more })} />
      </div>
      <${Answer} pair=${pair} found=${found} names=${names} a=${a} b=${b} at=${at} stale=${stale} words=${words} />
    </div>
    ${first.error && html`<p class="warn" role="alert">${first.error} ${first.lost && html`What you see is of an earlier design. It is asked again by itself. <button type="button" onClick=${first.again}>Ask again</button>`}</p>`}
    ${sure.error && !first.error && html`<p class="warn" role="alert">${sure.error}</p>`}
    <section class="card picture" aria-label="Scores and lanes of all arms">
      ${course && drawn
        ? html`<${Scores} box=${picture} lines=${lines} scale=${course.scale} span=${span} chosen=${[a, b]} days=${[at, then]} day=${day} onDay=${setDay} stale=${Boolean(first.lost)} />`
        : html`<div class="scores waiting" aria-hidden="true"></div>`}
      <${Lanes} arms=${arms} course=${course && course.arms.length === arms.length ? course : null} span=${span} open=${edited} selected=${selected}
        onSelect=${(/** @type {number} */ k, /** @type {number} */ part) => { setOpen(k); setSelected(part); setEditing(true); }} onChange=${change} onHold=${setHeld} />
      <${Tools} design=${design} choices=${choices} edited=${edited} names=${names} undo=${undo} whole=${whole} onWhole=${weeks.to < design.horizon_days ? setWhole : null}
        onChange=${onChange} onOpen=${(/** @type {number} */ k) => { setOpen(k); setSelected(-1); setEditing(true); }}
        onGone=${(/** @type {number} */ k) => onPair({ ...pairing, ...seatsWithout([a, b], k) })} />
    </section>
    <details class="card editing no-print" aria-label=${`Arm ${edited + 1}`} open=${editing} onToggle=${(/** @type {any} */ e) => setEditing(e.currentTarget.open)}>
      <summary><h2>Change “${names[edited]}”</h2> <span class="hint">name, dose, sessions, people; a click on the name of a lane opens another arm</span></summary>
      <div class="thirds">
        <div><${Text} label="Name of the arm" value=${arms[edited].label} onChange=${(/** @type {string} */ label) => change(edited, { ...arms[edited], label: label.replaceAll("~", "-") })} />
          <${MedicineEditor} arm=${arms[edited]} choices=${choices} onChange=${(/** @type {any} */ next) => change(edited, next)} /></div>
        <div><${SessionEditor} arm=${arms[edited]} choices=${choices} selected=${selected} onSelect=${setSelected} onChange=${(/** @type {any} */ next) => change(edited, next)} />
          <details><summary>Group, and practice done</summary><${GroupEditor} arm=${arms[edited]} choices=${choices} onChange=${(/** @type {any} */ next) => change(edited, next)} /></details></div>
        <details><summary>People, days and explanation, for all arms</summary><${PeopleEditor} design=${design} choices=${choices} onChange=${onChange} /></details>
      </div>
    </details>
    ${found && html`<${Forest} found=${found} names=${names} versus=${b} days=${at === then ? [at] : [at, then]} stale=${stale} />`}
    ${found && html`<${Table} found=${found} names=${names} days=${at === then ? [at] : [at, then]} stale=${stale} />`}
    <${Many} many=${many} design=${design} most=${choices.limits.participants} large=${large} />
    <${Heat} design=${usual} choices=${choices} arm=${a} versus=${b} day=${at} names=${names} onFound=${setGrid} />
    <${Take} design=${{ ...design, participants: now?.participants ?? design.participants }} picture=${picture} drawn=${drawn} title=${title} words=${words}
      versus=${b} days=${at === then ? [at] : [at, then]} grid=${grid} />
    ${course && html`<${Cautions} warnings=${course.warnings} />`}
    <p class="no-print"><a class="button" href=${`/design?${addressOf(design)}${pairingText(pairing, design)}`}>How large must a trial of these arms be?</a></p>
  </main>`;
}

/** While something is dragged the days stay where they are. @param {import("../chart.js").Span} span @param {boolean} held */
function useKept(span, held) {
  const kept = useRef(span);
  if (!held) kept.current = span;
  return kept.current;
}

/** @param {number[]} days @param {number} wished */
const nearest = (days, wished) => days.reduce((best, d) => (Math.abs(d - wished) < Math.abs(best - wished) ? d : best), days[0] ?? wished);

/** @param {string[]} names @param {Course | null} course @param {Comparison | null} found */
function linesOf(names, course, found) {
  if (found && found.arms.length === names.length) return found.arms.map((arm, k) => ({ name: names[k], ...arm.curve }));
  return (course?.arms ?? []).map((arm, k) => ({ name: names[k] ?? "", days: arm.days, mean: arm.curves.severity_score.mean, low: [], high: [] }));
}

/** @param {import("./arms.js").Pair} pair @param {string} one @param {string} other @param {number} day @param {Comparison} found */
function verdictOf(pair, one, other, day, found) {
  const interval = pair.low === null || pair.high === null ? "" : `, 90 % interval ${signed(pair.low)} to ${signed(pair.high)}`;
  const told = !isClear(pair) ? "The interval holds zero: the model cannot tell which is better." : pair.difference < 0 ? `By this model “${one}” is better.` : `By this model “${other}” is better.`;
  return `${one} minus ${other} on ${dayName(day)}: ${signed(pair.difference)} ${found.scale} points${interval}. ${told}`;
}

/**
 * What is compared, as a sentence whose words are its controls.
 * @param {{design: Design, choices: import("../shapes").Choices, names: string[], a: number, b: number, at: number, then: number, days: number[],
 *   onChange: (design: Design) => void, onPair: (more: Partial<Pairing>) => void}} props
 */
function Asked({ design, choices, names, a, b, at, then, days, onChange, onPair }) {
  const arms = names.map((label, k) => ({ id: String(k), label }));
  const dayOptions = days.map((d) => ({ id: String(d), label: dayName(d) }));
  const condition = choices.conditions.find((c) => c.id === design.condition) ?? choices.conditions[0];
  const rivals = [{ id: WEIGHTED, label: "all explanations by their weights" }, ...choices.rivals.map((r) => ({ id: r.id, label: `“${r.label}” alone` }))];
  /** @param {number} k */
  const swapped = (k) => (k === b ? a : b);
  return html`<p class="sentence" data-testid="asked">
    <${Word} label="Arm" value=${String(a)} options=${arms} onChange=${(/** @type {string} */ id) => onPair({ arm: Number(id), versus: swapped(Number(id)) })} />
    ${" against "}<${Word} label="Compared with" value=${String(b)} options=${arms.filter((o) => o.id !== String(a))} onChange=${(/** @type {string} */ id) => onPair({ versus: Number(id) })} />
    ${" in "}<${Word} label="Condition" value=${design.condition} options=${choices.conditions.map((c) => ({ id: c.id, label: c.label[0].toLowerCase() + c.label.slice(1) }))}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, condition: id, scale: "", baseline_mean: null })} />,
    ${" rated by "}<${Word} label="Scale" value=${design.scale || condition.scale} options=${condition.scales} onChange=${(/** @type {string} */ id) => onChange({ ...design, scale: id === condition.scale ? "" : id })} />
    ${" on "}<${Word} label="First day" value=${String(at)} options=${dayOptions} onChange=${(/** @type {string} */ id) => onPair({ at: Number(id) })} />
    ${" and "}<${Word} label="Second day" value=${String(then)} options=${dayOptions} onChange=${(/** @type {string} */ id) => onPair({ then: Number(id) })} />,
    ${" "}<${Word} label="Blinding" value=${design.blinded ? "blinded" : "open"} options=${[{ id: "open", label: "open label" }, { id: "blinded", label: "blinded" }]}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, blinded: id === "blinded" })} />,
    ${" under "}<${Word} label="Explanation" value=${design.rival} options=${rivals} onChange=${(/** @type {string} */ rival) => onChange({ ...design, rival })} />.
  </p>`;
}

/**
 * @param {{pair: import("./arms.js").Pair | null, found: Comparison | null, names: string[], a: number, b: number, at: number, stale: boolean, words: string}} props
 */
function Answer({ pair, found, names, a, b, at, stale, words }) {
  if (!pair || !found) return html`<div class="answer" aria-busy="true"><p class="big">…</p><p>The model is asked.</p></div>`;
  const interval = pair.low === null || pair.high === null ? "" : `90 % interval ${signed(pair.low)} to ${signed(pair.high)}`;
  const told = !isClear(pair) ? "The interval holds zero: the model cannot tell which is better." : `The interval is ${pair.difference < 0 ? "below" : "above"} zero: by this model “${pair.difference < 0 ? names[a] : names[b]}” is better.`;
  return html`<div class=${`answer ${stale ? "pending" : ""}`} aria-busy=${stale}>
    <p class="big" data-testid="big-number">${signed(pair.difference)}</p>
    <div>
      <p class="what">${found.scale} points on ${dayName(at)}: “${names[a]}” minus “${names[b]}”</p>
      <p class="range" data-testid="big-interval">${interval}</p>
      <p class="verdict" data-testid="verdict">${told} ${found.participants} people, ${found.draws} draws.</p>
      <p class="visually-hidden" role="status">${stale ? "" : words}</p>
    </div>
  </div>`;
}

/**
 * @param {{design: Design, choices: import("../shapes").Choices, edited: number, names: string[], undo: import("../undo.js").Undo, whole: boolean,
 *   onWhole: ((whole: boolean) => void) | null, onChange: (design: Design) => void, onOpen: (k: number) => void, onGone: (k: number) => void}} props
 */
function Tools({ design, choices, edited, names, undo, whole, onWhole, onChange, onOpen, onGone }) {
  const { arms } = design;
  const full = arms.length >= choices.limits.arms;
  const add = (/** @type {import("../shapes").ArmDesign} */ arm) => {
    onChange({ ...design, arms: [...arms, arm] });
    onOpen(arms.length);
  };
  const drop = () => {
    onChange({ ...design, arms: arms.filter((_, k) => k !== edited) });
    onGone(edited);
    onOpen(Math.max(0, edited - 1));
  };
  return html`<div class="bar no-print">
    <div class="buttons">
      <details class="menu" onClick=${closeOnChoice}>
        <summary>Add an arm</summary>
        <div class="choices">
          <button type="button" disabled=${full} onClick=${() => add({ ...arms[edited], label: "" })}>Add a copy of ${names[edited]}</button>
          <button type="button" disabled=${full} onClick=${() => add(without(arms[edited]))}>Add it without integration</button>
          ${Object.entries(choices.starters).map(([id, starter]) => html`<button type="button" disabled=${full} onClick=${() => add(starter.arms[0])}>
            Add ${choices.medicines.find((m) => m.id === id)?.label.split(",")[0].replace(/ by mouth.*/, "")}</button>`)}
          ${full && html`<p class="source">${choices.limits.arms} arms are the most.</p>`}
        </div>
      </details>
      <button type="button" class="quiet" disabled=${arms.length < 3} onClick=${once(drop)}>Remove ${names[edited]}</button>
      <button type="button" class="quiet" disabled=${!undo.can} onClick=${undo.undo}>Undo</button>
      <button type="button" class="quiet" disabled=${!undo.canRedo} onClick=${undo.redo}>Redo</button>
    </div>
    ${onWhole && html`<div class="segments" role="group" aria-label="Days shown">
      <button type="button" aria-pressed=${!whole} onClick=${() => onWhole(false)}>Weeks of work</button>
      <button type="button" aria-pressed=${whole} onClick=${() => onWhole(true)}>Whole course</button></div>`}
  </div>`;
}

/** A menu of choices closes once one is made. @param {MouseEvent} event */
function closeOnChoice(event) {
  const chosen = event.target instanceof Element && event.target.closest("div button");
  if (chosen) /** @type {HTMLDetailsElement} */ (event.currentTarget).open = false;
}

/** @param {number | null} low @param {number | null} high @param {(v: number) => string} said */
const between = (low, high, said) => (low === null || high === null ? "" : ` (${said(low)} to ${said(high)})`);
/** @param {number} v */
const hours = (v) => (v >= 100 ? String(Math.round(v)) : tidy(v));

/** Without an upper bound nobody may last at the low end. @param {import("../shapes").ComparedArm} arm */
const hoursBand = (arm) => {
  if (arm.hours_low === null) return "";
  return arm.hours_high === null ? ` (${hours(arm.hours_low)} or more)` : between(arm.hours_low, arm.hours_high, hours);
};

/** @param {{found: Comparison, names: string[], days: number[], stale: boolean}} props */
function Table({ found, names, days, stale }) {
  const last = (/** @type {import("../shapes").ComparedArm} */ arm) => arm.relapse[arm.relapse.length - 1];
  const visit = (/** @type {import("../shapes").ComparedArm} */ arm, /** @type {number} */ day) => arm.visits.find((v) => v.day === day);
  return html`<section class=${`card ${stale ? "stale" : ""}`} aria-label="Arms as a table"><div class="scroll" tabindex="0" role="region" aria-label="Result" data-testid="compare-table">
    <table>
      <caption>${found.participants} people, ${found.draws} draws of the parameters, seed ${found.seed}; in brackets the 90 % interval</caption>
      <thead><tr><th scope="col">Arm</th>${days.map((d) => html`<th scope="col">Mean ${found.scale}, ${dayName(d)}</th><th scope="col">Respond, ${dayName(d)}, %</th>`)}
        <th scope="col">Respond from two weeks after the last dose to day ${found.day}, %</th><th scope="col">Relapse of responders, %</th>
        <th scope="col">Therapy, hours</th><th scope="col">Hours for each lasting response</th></tr></thead>
      <tbody>${found.arms.map((arm, k) => html`<tr><th scope="row">${names[k] ?? arm.label}</th>
        ${days.map((d) => {
          const v = visit(arm, d);
          return html`<td>${v ? `${tidy(v.mean)}${between(v.mean_low, v.mean_high, tidy)}` : "–"}</td><td>${v ? `${percent(v.response)}${between(v.response_low, v.response_high, percent)}` : "–"}</td>`;
        })}
        <td>${percent(arm.lasting_response)}${between(arm.lasting_response_low, arm.lasting_response_high, percent)}</td>
        <td>${last(arm) ? `${percent(last(arm).share)}${between(last(arm).low, last(arm).high, percent)}` : "–"}</td>
        <td>${tidy(arm.therapy_hours)}</td>
        <td>${arm.hours_per_lasting_response === null ? "none lasts" : `${hours(arm.hours_per_lasting_response)}${hoursBand(arm)}`}</td></tr>`)}</tbody>
    </table></div></section>`;
}

/** @param {{many: ReturnType<typeof useJob>, design: Design, most: number, large: Comparison | null}} props */
function Many({ many, design, most, large }) {
  const [people, setPeople] = useState(Math.max(MANY_PEOPLE, design.participants));
  return html`<section class="card no-print" aria-label="Run with many people">
    <h2>Run with many people</h2>
    <p>${large ? `The picture, the differences and the table above are of ${large.participants} people.` : "Less chance from who takes part. It takes seconds to minutes and can be cancelled; the picture and the tables then show it."}</p>
    <div class="run">
      <${Numeric} label="People in each arm" value=${people} low=${100} high=${most} step=${100} whole onChange=${setPeople} />
      <button type="button" class="main" disabled=${many.running} onClick=${() => many.start({ ...design, participants: people })}>${many.failed ? "Start again" : `Run with ${people} people`}</button>
      ${many.running && html`<button type="button" onClick=${many.cancel}>Cancel</button>`}
    </div>
    <${Progress} of=${many} />
  </section>`;
}
