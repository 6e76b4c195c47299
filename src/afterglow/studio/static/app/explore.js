// @ts-check
/** Explore: change one arm and see the window, the synapses, the patterns and the scale move. */
import { latest, post } from "./api.js";
import { Chart, tidy, valueAt } from "./chart.js";
import { GroupEditor, MedicineEditor, PeopleEditor, SessionEditor } from "./editor.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { addressOf } from "./state.js";
import { Timeline } from "./timeline.js";
import { Cautions, HowSure, Story } from "./words.js";

/** @typedef {import("./shapes").Design} Design */
/** @typedef {import("./shapes").Course} Course */

const SETTLED_MS = 450;

/**
 * The course of a design, kept up to date while it changes.
 * @param {Design} design
 */
export function useCourse(design) {
  const [course, setCourse] = useState(/** @type {Course | null} */ (null));
  const [error, setError] = useState("");
  const ask = useMemo(
    () =>
      latest(
        (/** @type {Design} */ question) => post("/api/course", question),
        (/** @type {Course} */ answer) => {
          setCourse(answer);
          setError("");
        },
        (problem) => setError(problem.message),
      ),
    [],
  );
  const key = JSON.stringify(design);
  useEffect(() => {
    performance.mark("course-asked");
    void ask(design);
  }, [key]);
  useEffect(() => {
    if (!course) return;
    requestAnimationFrame(() => {
      performance.mark("course-painted");
      document.documentElement.dataset.ready = "true";
    });
  }, [course]);
  return { course, error };
}

/**
 * How sure the model is, asked when a design has settled.
 * @param {Design} design
 */
function useCertainty(design) {
  const [found, setFound] = useState(/** @type {import("./shapes").Certainty | null} */ (null));
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(true);
  const stop = useRef(/** @type {AbortController | null} */ (null));
  const key = JSON.stringify(design);
  useEffect(() => {
    stop.current?.abort();
    setBusy(true);
    const timer = setTimeout(async () => {
      const own = new AbortController();
      stop.current = own;
      try {
        setFound(await post("/api/certainty", design, own.signal));
        setError("");
        setBusy(false);
      } catch (problem) {
        if (own.signal.aborted) return;
        setError(/** @type {Error} */ (problem).message);
        setBusy(false);
      }
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return { found: busy ? null : found, stale: found, error, busy };
}

/** @param {{design: Design, choices: import("./shapes").Choices, onChange: (design: Design) => void}} props */
export function Explore({ design, choices, onChange }) {
  const one = useMemo(() => ({ ...design, arms: design.arms.slice(0, 1) }), [JSON.stringify(design)]);
  const { course, error } = useCourse(one);
  const sure = useCertainty(one);
  const [day, setDay] = useState(1);
  const [selected, setSelected] = useState(-1);
  const arm = one.arms[0];
  /** @param {import("./shapes").ArmDesign} next */
  const change = (next) => onChange({ ...design, arms: [next, ...design.arms.slice(1)] });
  const seen = course?.arms[0];
  const windows = useMemo(() => (seen ? openDays(seen, course.last_day) : []), [course]);
  return html`<main id="main">
    <h1 aria-live="polite">${seen ? headline(seen, windows, arm) : "Asking the model"}</h1>
    <p class="lead">${seen ? outcome(course, seen) : ""}</p>
    ${error && html`<p class="warn" role="alert">${error}</p>`}
    <div class="explore">
      <section class="card" aria-label="What is given">
        <h2>Medicine</h2>
        <${MedicineEditor} arm=${arm} choices=${choices} onChange=${change} />
        <h2>People</h2>
        <${PeopleEditor} design=${design} choices=${choices} onChange=${onChange} />
        <details><summary>Group and practice done</summary><${GroupEditor} arm=${arm} onChange=${change} /></details>
      </section>
      <div>
        <section class="card" aria-label="Timeline">
          <h2>Timeline <span class="unit">days from the first dosing; drag a session, or use the arrow keys</span></h2>
          <${Timeline} arm=${arm} first=${Math.min(-7, ...arm.sessions.map((s) => s.day)) - 3} last=${one.horizon_days}
            windows=${windows} selected=${selected} onSelect=${setSelected} onChange=${change} />
          <${SessionEditor} arm=${arm} choices=${choices} selected=${selected} onSelect=${setSelected} onChange=${change} />
        </section>
        ${seen &&
        html`<section class="card" aria-label="Curves">
          <${Curves} course=${course} arm=${seen} windows=${windows} bands=${sure.found} day=${day} onDay=${setDay} />
          <p class="source">${course.note}</p>
        </section>`}
      </div>
      <div class="side">
        ${seen && html`<${Story} arm=${seen} day=${day} first=${course.first_day} last=${course.last_day} onDay=${setDay} />`}
        <${HowSure} found=${sure.stale} busy=${sure.busy} error=${sure.error} />
        ${course && html`<${Cautions} warnings=${course.warnings} />`}
        <p class="no-print"><a class="button" href=${`/compare?${addressOf(design)}`}>Compare with other arms</a></p>
      </div>
    </div>
  </main>`;
}

/** @param {import("./shapes").ArmCourse} arm @param {number} last */
export function openDays(arm, last) {
  /** @type {{from: number, to: number}[]} */
  const found = [];
  for (const w of arm.windows) {
    if (w.opens === null) continue;
    const to = w.closes ?? last;
    const before = found[found.length - 1];
    if (before && w.opens <= before.to) before.to = Math.max(before.to, to);
    else found.push({ from: w.opens, to });
  }
  return found;
}

/** @param {import("./shapes").ArmCourse} seen @param {{from: number, to: number}[]} windows @param {import("./shapes").ArmDesign} arm */
function headline(seen, windows, arm) {
  const work = arm.sessions.filter((s) => s.kind !== "preparation");
  if (!windows.length) {
    return arm.medicine === "none" || arm.medicine === "placebo"
      ? "Without a catalyst no window opens: change comes slowly."
      : "This dose opens no window in most people, by this model.";
  }
  const inside = work.filter((s) => windows.some((w) => w.from <= s.day && s.day <= w.to)).length;
  const days = windows.map((w) => `day ${tidy(Math.round(w.from * 10) / 10)} to ${tidy(Math.round(w.to * 10) / 10)}`);
  const when = days.length <= 3 ? days.join(", ") : `${days.length} times, first from ${days[0]}`;
  const said = work.length ? `${inside} of ${work.length} sessions fall inside it.` : "No session uses it.";
  return `The window is open from ${when}. ${said}`.replace("from 2", "from 2").replace(/from (\d+ times)/, "$1");
}

/** @param {Course} course @param {import("./shapes").ArmCourse} arm */
function outcome(course, arm) {
  const rows = arm.scores.filter((r) => r.scale === course.scale.id);
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const without = last.twin_mean === null ? "" : `; the same people without integration ${tidy(last.twin_mean)}`;
  return `Mean ${course.scale.id} ${tidy(first.mean)} before, ${tidy(last.mean)} on day ${tidy(last.day)}${without}. ` +
    `${Math.round(100 * last.response)} in 100 respond on that day.`;
}

/**
 * @param {{course: Course, arm: import("./shapes").ArmCourse, windows: {from: number, to: number}[],
 *   bands: import("./shapes").Certainty | null, day: number, onDay: (day: number) => void}} props
 */
function Curves({ course, arm, windows, bands, day, onDay }) {
  const { curves, days, twin } = arm;
  const lines = useMemo(() => {
    /** @param {string} name @param {string} label @param {string} colour */
    const own = (name, label, colour) => ({ label, colour, values: curves[name].mean, low: curves[name].low, high: curves[name].high });
    /** @param {string} name @param {string} label @param {string} colour */
    const other = (name, label, colour) =>
      twin ? [{ label, colour, values: twin.curves[name].mean, dash: [6, 4], width: 2 }] : [];
    const sure = (bands?.bands ?? []).filter((b) => b.arm === arm.id && b.scale === course.scale.id);
    const at = new Map(sure.map((b) => [b.day, b]));
    const near = days.map((d) => at.get(d) ?? null);
    const credible = sure.length
      ? [
          { label: "90 % sure of the mean, above", colour: "arm-1", values: near.map((b) => b?.mean_high ?? null), dash: [2, 4], width: 1.5 },
          { label: "90 % sure of the mean, below", colour: "arm-1", values: near.map((b) => b?.mean_low ?? null), dash: [2, 4], width: 1.5 },
        ]
      : [];
    return {
      score: [own("severity_score", "With integration", "arm-1"), ...other("severity_score", "Same people without", "twin"), ...credible],
      patterns: [
        own("new_pattern", "New pattern", "new"),
        own("old_pattern", "Old pattern", "old"),
        ...other("new_pattern", "New, without integration", "twin"),
      ],
      synapses: [own("synapses", "New synapses", "arm-4"), ...other("synapses", "Without integration", "twin")],
      practice: [own("practice", "Practice", "integration"), ...other("practice", "Without integration", "twin")],
      concentration: [own("concentration", "Concentration", "arm-2")],
    };
  }, [course, bands]);
  const shared = { days, windows, day, onDay };
  /** @param {string} name @param {string} what */
  const said = (name, what) => {
    const value = valueAt(days, curves[name].mean, day);
    const without = twin ? `, without integration ${tidy(valueAt(days, twin.curves[name].mean, day) ?? 0)}` : "";
    return `On day ${tidy(day)} the mean ${what} is ${tidy(value ?? 0)}${without}; at the end ${tidy(curves[name].mean[days.length - 1])}.`;
  };
  const top = Math.max(...curves.concentration.mean);
  return html`<${Chart} ...${shared} title=${course.scale.id} unit="points; lower is better" lines=${lines.score} height=${250}
      range=${[course.scale.low, Math.min(course.scale.high, Math.max(...curves.severity_score.high) * 1.06)]}
      said=${said("severity_score", "score")} testid="scale-chart" />
    <${Chart} ...${shared} title="Old and new pattern" unit="strength" lines=${lines.patterns} range=${[0, 1]} height=${170}
      said=${said("new_pattern", "strength of the new pattern")} />
    <div class="split">
      <${Chart} ...${shared} title="New synapses" unit=${curves.synapses.unit} lines=${lines.synapses} height=${140} said=${said("synapses", "share of new synapses")} />
      <${Chart} ...${shared} title="Practice" unit=${curves.practice.unit} lines=${lines.practice} height=${140} said=${said("practice", "practice")} />
    </div>
    <${Chart} ...${shared} title="Concentration in blood" unit=${curves.concentration.unit} lines=${lines.concentration} height=${120} plain
      said=${`The highest mean concentration is ${tidy(top)} ng/mL.`} />`;
}
