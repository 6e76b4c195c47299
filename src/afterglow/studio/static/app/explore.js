// @ts-check
/** Explore: change one arm and see the window, the synapses, the patterns and the scale move. */
import { latest, post } from "./api.js";
import { Chart, dayText, tidy, valueAt } from "./chart.js";
import { GroupEditor, MedicineEditor, PeopleEditor, SessionEditor } from "./editor.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { addressOf } from "./state.js";
import { daysShown, Timeline } from "./timeline.js";
import { Cautions, HowSure, inWords, Story } from "./words.js";

/** @typedef {import("./shapes").Design} Design */
/** @typedef {import("./shapes").Course} Course */
/** @typedef {import("./shapes").ArmCourse} ArmCourse */
/** @typedef {import("./shapes").Certainty} Certainty */
/** @typedef {import("./chart.js").Span} Span */
/** @typedef {{at: number, whole: boolean}} Look the day under the cursor, and whether all days are shown */

const SETTLED_MS = 450;

/**
 * Note what was asked of the server, and when it was painted.
 * @param {string} what @param {number} since
 */
function painted(what, since) {
  requestAnimationFrame(() => {
    performance.mark(`${what}-painted`);
    performance.measure(what, { start: since, end: performance.now() });
    document.documentElement.dataset.ready = "true";
  });
}

/**
 * The first answer to a design, kept up to date while it changes: one question at a time, the newest next. `of` says
 * which design it belongs to.
 * @param {Design} design
 */
export function useCourse(design) {
  const [course, setCourse] = useState(/** @type {Course | null} */ (null));
  const [error, setError] = useState("");
  const asked = useRef({ since: 0, of: "" });
  const ask = useMemo(
    () =>
      latest(
        (/** @type {{design: Design, since: number}} */ question) => post("/api/course", question.design),
        (/** @type {Course} */ answer, question) => {
          asked.current = { since: question.since, of: JSON.stringify(question.design) };
          setCourse(answer);
          setError("");
        },
        (problem) => {
          setError(problem.message);
          document.documentElement.dataset.ready = "true";
        },
      ),
    [],
  );
  const key = JSON.stringify(design);
  useLayoutEffect(() => {
    performance.mark("course-asked");
    void ask({ design, since: performance.now() });
  }, [key]);
  useEffect(() => {
    if (error) document.documentElement.dataset.ready = "true";
  }, [error]);
  useLayoutEffect(() => {
    if (course) painted("course", asked.current.since);
  }, [course]);
  return { course, of: asked.current.of, error };
}

/**
 * The full run and how sure the model is of it, asked when a design has settled. `of` says which design it belongs to.
 * @param {Design} design
 */
function useCertainty(design) {
  const [found, setFound] = useState(/** @type {Certainty | null} */ (null));
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(true);
  const asked = useRef({ since: 0, of: "" });
  const stop = useRef(/** @type {AbortController | null} */ (null));
  const key = JSON.stringify(design);
  useEffect(() => {
    stop.current?.abort();
    setBusy(true);
    const timer = setTimeout(async () => {
      const own = new AbortController();
      stop.current = own;
      const since = performance.now();
      performance.mark("certainty-asked");
      try {
        const answer = await post("/api/certainty", design, own.signal);
        asked.current = { since, of: key };
        setFound(answer);
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
  useEffect(() => () => stop.current?.abort(), []);
  useLayoutEffect(() => {
    if (found) painted("certainty", asked.current.since);
  }, [found]);
  return { found, of: asked.current.of, error, busy };
}

/**
 * @param {{design: Design, choices: import("./shapes").Choices, onChange: (design: Design) => void, look: Look,
 *   onLook: (look: Look) => void}} props
 */
export function Explore({ design, choices, onChange, look, onLook }) {
  const one = useMemo(() => ({ ...design, arms: design.arms.slice(0, 1) }), [JSON.stringify(design)]);
  const first = useCourse(one);
  const sure = useCertainty(one);
  // The full run takes the place of the first answer, until the design has changed.
  const full = sure.of === first.of ? sure.found : null;
  const course = full ? full.course : first.course;
  const [selected, setSelected] = useState(() => design.arms[0].sessions.findIndex((s) => s.kind === "integration"));
  const [held, setHeld] = useState(false);
  const arm = one.arms[0];
  /** @param {import("./shapes").ArmDesign} next */
  const change = (next) => onChange({ ...design, arms: [next, ...design.arms.slice(1)] });
  const seen = course?.arms[0];
  const windows = useMemo(() => (seen ? openDays(seen, course.last_day) : []), [course]);
  const weeks = daysShown([arm], windows, one.horizon_days, false);
  const span = useKept(look.whole ? { ...weeks, to: one.horizon_days } : weeks, held);
  const onDay = (/** @type {number} */ at) => onLook({ ...look, at });
  const title = seen ? headline(windows, arm) : "Asking the model";
  return html`<main id="main" tabindex="-1">
    <h1>${title}</h1>
    <p class="lead">${seen ? outcome(course, seen) : ""}</p>
    <p class="verdict" data-testid="verdict">${seen ? (full?.headline ?? awaited(course, seen)) : ""}</p>
    <p class="visually-hidden" role="status">${!held && full && seen ? `${title} ${outcome(course, seen)} ${full.headline}` : ""}</p>
    ${first.error && html`<p class="warn" role="alert">${first.error}</p>`}
    <div class="explore">
      <section class="card" aria-label="What is given">
        <h2>Medicine</h2>
        <${MedicineEditor} arm=${arm} choices=${choices} onChange=${change} />
        <h2>People</h2>
        <${PeopleEditor} design=${design} choices=${choices} onChange=${onChange} />
        <details><summary>Group, and practice done</summary><${GroupEditor} arm=${arm} onChange=${change} /></details>
      </section>
      <div>
        <section class="card" aria-label="Timeline">
          <div class="heading">
            <h2>Timeline <span class="unit">days from the first dosing</span></h2>
            ${weeks.to < one.horizon_days && html`<${Zoom} whole=${look.whole} onChange=${(/** @type {boolean} */ whole) => onLook({ ...look, whole })} />`}
          </div>
          <${Timeline} arm=${arm} span=${span} windows=${windows} selected=${selected} onSelect=${setSelected} onChange=${change}
            day=${look.at} onHold=${setHeld} />
          <${SessionEditor} arm=${arm} choices=${choices} selected=${selected} onSelect=${setSelected} onChange=${change} />
        </section>
        ${seen &&
        html`<section class="card" aria-label="Curves">
          <${Curves} course=${course} arm=${seen} windows=${windows} full=${full} day=${look.at} onDay=${onDay} span=${span} />
          <p class="source">${course.note}</p>
        </section>`}
      </div>
      <div class="side">
        ${seen && html`<${Story} arm=${seen} day=${look.at} first=${course.first_day} last=${course.last_day} onDay=${onDay} />`}
        <${HowSure} found=${sure.found} busy=${sure.busy} error=${sure.error} />
        ${course && html`<${Cautions} warnings=${course.warnings} />`}
        <p class="no-print"><a class="button" href=${`/compare?${addressOf(design)}`}>Compare with other arms</a></p>
      </div>
    </div>
  </main>`;
}

/** While something is dragged the days stay where they are. @param {Span} span @param {boolean} held @returns {Span} */
function useKept(span, held) {
  const kept = useRef(span);
  if (!held) kept.current = span;
  return kept.current;
}

/** @param {{whole: boolean, onChange: (whole: boolean) => void}} props */
function Zoom({ whole, onChange }) {
  return html`<div class="segments no-print" role="group" aria-label="Days shown">
    <button type="button" aria-pressed=${!whole} onClick=${() => onChange(false)}>Weeks of work</button>
    <button type="button" aria-pressed=${whole} onClick=${() => onChange(true)}>Whole course</button>
  </div>`;
}

/** @param {ArmCourse} arm @param {number} last */
export function openDays(arm, last) {
  /** @type {Span[]} */
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

/** @param {Span[]} windows @param {import("./shapes").ArmDesign} arm */
function headline(windows, arm) {
  const work = arm.sessions.filter((s) => s.kind !== "preparation");
  if (!windows.length) {
    return arm.medicine === "none" || arm.medicine === "placebo"
      ? "Without a catalyst no window opens: change comes slowly."
      : "This dose opens no window in most people, by this model.";
  }
  const inside = work.filter((s) => windows.some((w) => w.from <= s.day && s.day <= w.to)).length;
  const days = windows.map((w) => `from day ${Math.floor(w.from)} to day ${Math.floor(w.to)}`);
  const open =
    days.length === 1
      ? `is open ${days[0]}`
      : days.length <= 3
        ? `opens ${days.length === 2 ? "twice" : "three times"}: ${days.slice(0, -1).join(", ")} and ${days[days.length - 1]}`
        : `opens ${inWords(days.length)} times, first ${days[0]}, last ${days[days.length - 1]}`;
  return `The window ${open}. ${used(inside, work.length)}`;
}

/** @param {number} inside @param {number} all */
function used(inside, all) {
  if (!all) return "No session uses it.";
  if (all === 1) return inside ? "The one session falls inside it." : "The one session falls outside it.";
  if (inside === all) return all === 2 ? "Both sessions fall inside it." : `All ${inWords(all)} sessions fall inside it.`;
  if (!inside) return `None of ${inWords(all)} sessions falls inside it.`;
  const count = inWords(inside);
  return `${count[0].toUpperCase()}${count.slice(1)} of ${inWords(all)} sessions ${inside === 1 ? "falls" : "fall"} inside it.`;
}

/** What stays in sight while scrolling, before the full run is there. @param {Course} course @param {ArmCourse} arm */
function awaited(course, arm) {
  const rows = arm.scores.filter((r) => r.scale === course.scale.id);
  const last = rows[rows.length - 1];
  const ends = `${course.scale.id} ${tidy(last.mean)}`;
  const without = last.twin_mean === null ? "" : ` with integration, ${tidy(last.twin_mean)} without`;
  return `Day ${dayText(last.day)}: ${ends}${without}. How sure that is, is being asked.`;
}

/** @param {Course} course @param {ArmCourse} arm */
function outcome(course, arm) {
  const rows = arm.scores.filter((r) => r.scale === course.scale.id);
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const share = (/** @type {number} */ of) => `${Math.round(100 * of)} in 100`;
  const without =
    last.twin_mean === null || last.twin_response === null
      ? ""
      : ` The same people without integration end at ${tidy(last.twin_mean)}, and ${share(last.twin_response)} respond.`;
  return `Mean ${course.scale.id} goes from ${tidy(first.mean)} before to ${tidy(last.mean)} on day ${dayText(last.day)}; ` +
    `${share(last.response)} respond.${without}`;
}

/**
 * @param {{course: Course, arm: ArmCourse, windows: Span[], full: Certainty | null, day: number,
 *   onDay: (day: number) => void, span: Span}} props
 */
function Curves({ course, arm, windows, full, day, onDay, span }) {
  const { curves, days, twin } = arm;
  const lines = useMemo(() => {
    /** @param {string} name @param {string} label @param {string} colour */
    const own = (name, label, colour) => ({ label, colour, values: curves[name].mean, low: curves[name].low, high: curves[name].high });
    /** @param {string} name @param {string} label @param {string} colour */
    const other = (name, label, colour) =>
      twin ? [{ label, colour, values: twin.curves[name], dash: [6, 4], width: 2 }] : [];
    return {
      score: [own("severity_score", twin ? "With integration" : "As planned", "arm-1"), ...other("severity_score", "Same people without", "twin")],
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
  const whiskers = useMemo(() => {
    const means = new Map(arm.scores.filter((r) => r.scale === course.scale.id).map((r) => [r.day, r.mean]));
    return (full?.bands ?? [])
      .filter((b) => b.arm === arm.id && b.scale === course.scale.id && means.has(b.day))
      .map((b) => ({ day: b.day, value: means.get(b.day) ?? 0, low: b.mean_low, high: b.mean_high }));
  }, [course, full]);
  const shared = { days, windows, day, onDay, span };
  const high = Math.max(...curves.severity_score.high, ...whiskers.map((w) => w.high));
  /** @param {string} name @param {string} what */
  const said = (name, what) => {
    const at = tidy(valueAt(days, curves[name].mean, day) ?? 0);
    const without = twin ? `, without integration ${tidy(valueAt(days, twin.curves[name], day) ?? 0)}` : "";
    const [low, up] = [curves[name].low, curves[name].high].map((v) => tidy(valueAt(days, v, day) ?? 0));
    return `On day ${dayText(day)} the mean ${what} is ${at}, nine in ten people ${low} to ${up}${without}; on the last day ${tidy(curves[name].mean[days.length - 1])}.`;
  };
  return html`<${Chart} ...${shared} title=${course.scale.id} unit="points; lower is better" lines=${lines.score} height=${250}
      whiskers=${whiskers} band="Nine in ten people" range=${[course.scale.low, Math.min(course.scale.high, high * 1.06)]}
      said=${said("severity_score", "score")} testid="scale-chart" />
    <${Chart} ...${shared} title="Old and new pattern" unit="strength" lines=${lines.patterns} range=${[0, 1]} height=${160}
      said=${said("new_pattern", "strength of the new pattern")} />
    <${Chart} ...${shared} title="New synapses" unit=${curves.synapses.unit} lines=${lines.synapses} height=${130} said=${said("synapses", "share of new synapses")} />
    <${Chart} ...${shared} title="Practice" unit=${curves.practice.unit} lines=${lines.practice} height=${130} said=${said("practice", "practice")} />
    <${Chart} ...${shared} title="Concentration in blood" unit=${curves.concentration.unit} lines=${lines.concentration} height=${110}
      said=${`The highest mean concentration is ${tidy(Math.max(...curves.concentration.mean))} ${curves.concentration.unit}.`} />`;
}
