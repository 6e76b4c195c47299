// @ts-check
/** Explore: one course of treatment as one picture, and how sure the model is of it. */
import { useCourse, useSettled } from "../asking.js";
import { Chart, valueAt } from "../chart.js";
import { GroupEditor, MedicineEditor, PeopleEditor, SessionEditor } from "../editor.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { daysShown } from "../marks.js";
import { dayText, fieldText, signed, tidy } from "../numbers.js";
import { addressOf, WEIGHTED } from "../state.js";
import { openDays } from "../windows.js";
import { Cautions, Story } from "../words.js";
import { InTheBrain } from "./brain.js";
import { Hero } from "./hero.js";
import { Sentence } from "./sentence.js";
import { HowSure } from "./sure.js";
import { WhyFell } from "./why.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").Course} Course */
/** @typedef {import("../shapes").ArmCourse} ArmCourse */
/** @typedef {import("../shapes").Certainty} Certainty */
/** @typedef {import("../chart.js").Span} Span */
/** @typedef {{at: number, whole: boolean}} Look the day under the cursor, and whether all days are shown */

/**
 * @param {{design: Design, choices: import("../shapes").Choices, onChange: (design: Design) => void, look: Look,
 *   onLook: (look: Look) => void, undo: import("../undo.js").Undo, laid: import("../planned/from_design.js").OnDates,
 *   onPlan: (event: MouseEvent) => void}} props
 */
export function Explore({ design, choices, onChange, look, onLook, undo, laid, onPlan }) {
  const one = useMemo(() => ({ ...design, arms: design.arms.slice(0, 1) }), [JSON.stringify(design)]);
  const first = useCourse(one, { sparing: true });
  const sure = useSettled(one, "/api/certainty", "certainty", { tries: first.tries });
  const certain = /** @type {Certainty | null} */ (sure.found);
  useLayoutEffect(() => {
    if (certain) first.take(certain.course, sure.since, sure.of, sure.slow);
  }, [certain]);
  useEffect(() => {
    if (sure.error) first.unspared();
  }, [sure.error]);
  // The full run takes the place of the first answer, until the design has changed.
  const full = certain && sure.of === first.of ? certain : null;
  const course = full ? full.course : first.course;
  const stale = first.of !== JSON.stringify(one);
  const [selected, setSelected] = useState(-1);
  const [held, setHeld] = useState(false);
  const arm = one.arms[0];
  /** @param {import("../shapes").ArmDesign} next */
  const change = (next) => onChange({ ...design, arms: [next, ...design.arms.slice(1)] });
  const seen = course?.arms[0];
  const windows = useMemo(() => (seen && course ? openDays(seen, course.last_day) : []), [course]);
  const weeks = daysShown([arm], windows, one.horizon_days, false);
  const span = useKept(look.whole ? { ...weeks, to: one.horizon_days } : weeks, held);
  const onDay = (/** @type {number} */ at) => onLook({ ...look, at });
  const gap = full ? contrastAt(full, span.to) : null;
  const refused = first.error && !first.lost && html`<p class="warn" role="alert">${first.error} ${course && "What you see is of an earlier design."}</p>`;
  return html`<main id="main" class="exploring" tabindex="-1">
    <div class="opening">
      <div>
        <h1>The drug opens a door. The work afterwards decides what stays, perhaps.</h1>
        <${Sentence} design=${design} arm=${arm} choices=${choices} onChange=${onChange} />
      </div>
      <${Answer} course=${course} full=${full} design=${one} choices=${choices} stale=${stale || !full} refused=${Boolean(first.error)} />
    </div>
    ${refused}
    <section class="card picture" aria-label="The course">
      ${seen && course
        ? html`<${Hero} course=${course} seen=${seen} arm=${arm} windows=${windows} gap=${gap} span=${span} day=${look.at} onDay=${onDay}
            selected=${selected} onSelect=${setSelected} onChange=${change} onHold=${setHeld} stale=${Boolean(first.lost)} doseText=${doseText(arm, choices)} />`
        : html`<div class="hero waiting" aria-hidden="true"></div>`}
    </section>
    <section class="card tools" aria-label="Sessions and practice">
      <div class="bar no-print">
        <div class="buttons">
          <button type="button" class="quiet" disabled=${!undo.can} onClick=${undo.undo}>Undo</button>
          <button type="button" class="quiet" disabled=${!undo.canRedo} onClick=${undo.redo}>Redo</button>
          <span class="hint">Drag sessions and practice, or use the arrow keys; double-click adds a session, Delete removes one.</span>
        </div>
        ${weeks.to < one.horizon_days && html`<${Zoom} whole=${look.whole} onChange=${(/** @type {boolean} */ whole) => onLook({ ...look, whole })} />`}
      </div>
      <${SessionEditor} arm=${arm} choices=${choices} selected=${selected} onSelect=${setSelected} onChange=${change} />
      <p class="buttons onward">
        ${laid.cannot ? html`<span class="hint">No calendar: ${laid.cannot}</span>` : html`<a class="button" href=${`/plan?${laid.address}`} onClick=${onPlan}>Put it on a calendar</a>`}
        <a class="button" href=${`/compare?${addressOf(design)}`}>Compare with other arms</a>
        <a class="button" href=${`/follow?${addressOf(one)}`}>Follow one person on it</a></p>
    </section>
    <details class="card sheet no-print">
      <summary>All choices: dose, people, group, blinding, explanation</summary>
      <div class="thirds">
        <div><h2>Medicine</h2><${MedicineEditor} arm=${arm} choices=${choices} onChange=${change} /></div>
        <div><h2>People</h2><${PeopleEditor} design=${design} choices=${choices} onChange=${onChange} /></div>
        <div><h2>Group, and practice done</h2><${GroupEditor} arm=${arm} choices=${choices} onChange=${change} /></div>
      </div>
    </details>
    <div class="beneath">
      <${HowSure} found=${certain} busy=${sure.busy} error=${first.lost ? "" : sure.error} scale=${course?.scale.id ?? ""} />
      <${WhyFell} design=${one} ready=${Boolean(full)} span=${span} day=${look.at} onDay=${onDay} />
      ${seen && course && html`<${Story} arm=${seen} day=${look.at} first=${course.first_day} last=${course.last_day} onDay=${onDay} />`}
    </div>
    <${InTheBrain} design=${one} ready=${Boolean(full)} day=${look.at} onDay=${onDay} />
    ${seen && course && html`<details class="card inside" open>
      <summary><h2>Inside the model</h2></summary>
      <${Curves} course=${course} arm=${seen} day=${look.at} onDay=${onDay} span=${span} />
      <p class="source">${course.note}</p>
    </details>`}
    ${course && html`<${Cautions} warnings=${course.warnings} />`}
  </main>`;
}

/** @param {import("../shapes").ArmDesign} arm @param {import("../shapes").Choices} choices */
function doseText(arm, choices) {
  const medicine = choices.medicines.find((m) => m.id === arm.medicine);
  const way = medicine?.ways.find((w) => w.id === arm.route) ?? medicine;
  return way?.unit ? `${fieldText(arm.dose)} ${way.unit}` : "";
}

/** While something is dragged the days stay where they are. @param {Span} span @param {boolean} held @returns {Span} */
function useKept(span, held) {
  const kept = useRef(span);
  if (!held) kept.current = span;
  return kept.current;
}

/** The difference at the last visit within the days shown. @param {Certainty} full @param {number} to */
function contrastAt(full, to) {
  const within = full.contrasts.filter((c) => c.day <= to + 0.5);
  return within[within.length - 1] ?? null;
}

/** @param {{whole: boolean, onChange: (whole: boolean) => void}} props */
function Zoom({ whole, onChange }) {
  return html`<div class="segments no-print" role="group" aria-label="Days shown">
    <button type="button" aria-pressed=${!whole} onClick=${() => onChange(false)}>Weeks of work</button>
    <button type="button" aria-pressed=${whole} onClick=${() => onChange(true)}>Whole course</button>
  </div>`;
}

/**
 * The number that matters, its interval, and whether that tells anything.
 * @param {{course: Course | null | undefined, full: Certainty | null, design: Design, choices: import("../shapes").Choices, stale: boolean, refused: boolean}} props
 */
function Answer({ course, full, design, choices, stale, refused }) {
  const seen = course?.arms[0];
  const rows = seen?.scores.filter((r) => r.scale === course?.scale.id) ?? [];
  const last = rows[rows.length - 1];
  if (!course || !seen || !last) {
    return html`<div class="answer" aria-busy=${!refused}><p class="big">${refused ? "–" : "…"}</p><p>${refused ? "There is no answer yet." : "The model is asked."}</p></div>`;
  }
  const end = full?.contrasts[full.contrasts.length - 1];
  const compared = last.twin_mean !== null;
  const value = end ? end.difference : last.twin_mean === null ? last.mean : last.mean - last.twin_mean;
  const band = full?.bands[full.bands.length - 1];
  const [low, high] = end ? [end.low, end.high] : band ? [band.mean_low, band.mean_high] : [null, null];
  const show = compared ? signed : tidy;
  const interval = low === null || high === null ? "90 % interval: being asked" : `90 % interval ${show(low)} to ${show(high)}`;
  const alone = choices.rivals.find((r) => r.id === design.rival);
  const held = design.rival === WEIGHTED || !alone ? "" : `If the explanation “${alone.label}” holds, whose weight is ${Math.round(100 * alone.weight)} %: `;
  const share = (/** @type {number} */ of) => `${Math.round(100 * of)} in 100`;
  const responds = `${share(last.response)} respond${last.twin_response === null ? "" : `, without integration ${share(last.twin_response)}`}.`;
  const what = compared ? `${course.scale.id} points: what integration adds by day ${dayText(last.day)}` : `mean ${course.scale.id} on day ${dayText(last.day)}`;
  const telling =
    !compared ? "There is no integration to leave out."
    : low === null || high === null ? "How sure that is, is being asked."
    : low <= 0 && high >= 0 ? "The model cannot tell whether it adds anything."
    : value < 0 ? "The interval is below zero: by this model integration helps." : "The interval is above zero: by this model it does harm.";
  const said = `${held}${telling} ${responds}`;
  return html`<div class=${`answer ${stale ? "pending" : ""}`} aria-busy=${stale}>
    <p class="big" data-testid="big-number">${show(value)}</p>
    <div>
      <p class="what">${what}</p>
      <p class="range" data-testid="big-interval">${interval}</p>
      <p class="verdict" data-testid="verdict">${said}</p>
      <p class="visually-hidden" role="status">${stale ? "" : `${show(value)} ${what}. ${interval}. ${said}`}</p>
    </div>
  </div>`;
}

/**
 * @param {{course: Course, arm: ArmCourse, day: number, onDay: (day: number) => void, span: Span}} props
 */
function Curves({ course, arm, day, onDay, span }) {
  const { curves, days, twin } = arm;
  const lines = useMemo(() => {
    /** @param {string} name @param {string} label @param {string} colour */
    const own = (name, label, colour) => ({ label, colour, values: curves[name].mean, low: curves[name].low, high: curves[name].high });
    /** @param {string} name @param {string} label @param {string} colour */
    const other = (name, label, colour) =>
      twin ? [{ label, colour, values: twin.curves[name], dash: [6, 4], width: 2 }] : [];
    return {
      people: [own("severity_score", "Mean and nine in ten people", "arm-1"), ...other("severity_score", "Same people without", "twin")],
      patterns: [
        own("new_pattern", "New pattern", "new"),
        { ...own("old_pattern", "Old pattern", "old"), dash: [10, 3, 2, 3] },
        ...other("new_pattern", "New, without integration", "twin"),
      ],
      synapses: [own("synapses", "With integration", "arm-4"), ...other("synapses", "Without", "twin")],
      practice: [own("practice", "With integration", "integration"), ...other("practice", "Without", "twin")],
      concentration: [own("concentration", "Concentration", "arm-2")],
    };
  }, [course]);
  const shared = { days, day, onDay, span };
  /** @param {string} name @param {string} what */
  const said = (name, what) => {
    const at = tidy(valueAt(days, curves[name].mean, day) ?? 0);
    const without = twin ? `, without integration ${tidy(valueAt(days, twin.curves[name], day) ?? 0)}` : "";
    const [low, up] = [curves[name].low, curves[name].high].map((v) => tidy(valueAt(days, v, day) ?? 0));
    return `On day ${dayText(day)} the mean ${what} is ${at}, nine in ten people ${low} to ${up}${without}; on the last day ${tidy(curves[name].mean[days.length - 1])}.`;
  };
  return html`<div class="halves">
    <${Chart} ...${shared} title=${`${course.scale.id}, people`} unit="points; lower is better" lines=${lines.people} height=${170} band="Nine in ten people"
      range=${[course.scale.low, course.scale.high]} said=${said("severity_score", "score")} testid="people-chart" />
    <${Chart} ...${shared} title="Old and new pattern" unit="strength" lines=${lines.patterns} range=${[0, 1]} height=${170}
      said=${said("new_pattern", "strength of the new pattern")} />
    <${Chart} ...${shared} title="New synapses" unit=${curves.synapses.unit} lines=${lines.synapses} height=${130} said=${said("synapses", "share of new synapses")} />
    <${Chart} ...${shared} title="Practice" unit=${curves.practice.unit} lines=${lines.practice} height=${130} said=${said("practice", "practice")} />
    <${Chart} ...${shared} title="Concentration in blood" unit=${curves.concentration.unit} lines=${lines.concentration} height=${110}
      said=${`The highest mean concentration is ${tidy(Math.max(...curves.concentration.mean))} ${curves.concentration.unit}.`} />
  </div>`;
}
