// @ts-check
/** Compare: two to four arms side by side, at once with few people, and with many as a long calculation. */
import { download, get, post, remove, save } from "./api.js";
import { Chart, valueAt } from "./chart.js";
import { GroupEditor, MedicineEditor, PeopleEditor, SessionEditor } from "./editor.js";
import { useCourse } from "./asking.js";
import { picture } from "./picture.js";
import { Numeric, Text } from "./fields.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { addressOf, USUAL_PEOPLE } from "./state.js";
import { daysShown } from "./marks.js";
import { Timeline } from "./timeline.js";
import { openDays } from "./windows.js";
import { dayText, signed, tidy } from "./numbers.js";

/** @typedef {import("./shapes").Design} Design */
/** @typedef {import("./shapes").Job} Job */

const DASHES = [undefined, [8, 4], [3, 3], [10, 3, 2, 3]];
const ENDED = ["done", "failed", "cancelled"];

/** @param {{design: Design, choices: import("./shapes").Choices, onChange: (design: Design) => void}} props */
export function Compare({ design, choices, onChange }) {
  const [open, setOpen] = useState(0);
  const [selected, setSelected] = useState(-1);
  const [day, setDay] = useState(28);
  const { course, error } = useCourse(design);
  useEffect(() => {
    if (design.arms.length < 2) onChange({ ...design, arms: [design.arms[0], without(design.arms[0])] });
  }, [design.arms.length]);
  /** @param {number} k @param {import("./shapes").ArmDesign} arm */
  const change = (k, arm) => onChange({ ...design, arms: design.arms.map((a, j) => (j === k ? arm : a)) });
  const add = (/** @type {import("./shapes").ArmDesign} */ arm) => {
    onChange({ ...design, arms: [...design.arms, arm] });
    setOpen(design.arms.length);
  };
  const arm = design.arms[Math.min(open, design.arms.length - 1)];
  const at = design.arms.indexOf(arm);
  const seen = course?.arms[at];
  const windows = useMemo(() => (seen && course ? openDays(seen, course.last_day) : []), [course, at]);
  const [held, setHeld] = useState(false);
  const kept = useRef(daysShown([arm], windows, design.horizon_days, false));
  if (!held) kept.current = daysShown([arm], windows, design.horizon_days, false);
  const full = design.arms.length >= choices.limits.arms;
  const one = (/** @type {any} */ next) => change(at, next);
  return html`<main id="main" tabindex="-1">
    <h1>${course && course.arms.length > 1 ? headline(course, design) : "Compare two to four arms"}</h1>
    <p class="lead">The same virtual people go through every arm, so differences come from what is given.</p>
    ${error && html`<p class="warn" role="alert">${error}</p>`}
    <div class="arm-bar">
      <div class="pages" role="group" aria-label="Arms">
        ${design.arms.map(
          (a, k) => html`<button type="button" aria-pressed=${k === at} onClick=${() => { setOpen(k); setSelected(-1); }}>
            <${Swatch} k=${k} />${nameOf(a, k)}</button>`,
        )}
      </div>
      <details class="menu no-print" onClick=${closeOnChoice}>
        <summary>Add an arm</summary>
        <div class="choices">
          <button type="button" disabled=${full} onClick=${() => add({ ...arm, label: "" })}>Add a copy of ${nameOf(arm, at)}</button>
          <button type="button" disabled=${full} onClick=${() => add(without(arm))}>Add it without integration</button>
          ${Object.entries(choices.starters).map(
            ([id, starter]) => html`<button type="button" disabled=${full} onClick=${() => add(starter.arms[0])}>
              Add ${choices.medicines.find((m) => m.id === id)?.label.split(",")[0].replace(/ by mouth.*/, "")}</button>`,
          )}
          ${full && html`<p class="source">Four arms are the most.</p>`}
        </div>
      </details>
    </div>
    <div class="compare">
      <section class="card no-print" aria-label=${`Arm ${at + 1}`}>
        <h2><${Swatch} k=${at} />${nameOf(arm, at)}</h2>
        <${Text} label="Name of the arm" value=${arm.label} onChange=${(/** @type {string} */ label) => one({ ...arm, label: label.replaceAll("~", "-") })} />
        <${MedicineEditor} arm=${arm} choices=${choices} onChange=${one} />
        <details><summary>Group, and practice done</summary><${GroupEditor} arm=${arm} onChange=${one} /></details>
        <button type="button" disabled=${design.arms.length < 3} onClick=${() => { onChange({ ...design, arms: design.arms.filter((_, j) => j !== at) }); setOpen(0); }}>
          Remove this arm
        </button>
        <h2>For all arms</h2>
        <${PeopleEditor} design=${design} choices=${choices} onChange=${onChange} />
      </section>
      <div>
        <section class="card" aria-label="Timeline of the arm">
          <h2>Timeline <span class="unit">${nameOf(arm, at)}, days from the first dosing</span></h2>
          <${Timeline} arm=${arm} span=${kept.current} windows=${windows} selected=${selected} onSelect=${setSelected} onChange=${one} onHold=${setHeld} />
          <details open=${selected !== -1}><summary>Sessions and practice</summary>
            <${SessionEditor} arm=${arm} choices=${choices} selected=${selected} onSelect=${setSelected} onChange=${one} />
          </details>
        </section>
        ${course && html`<${Curves} course=${course} design=${design} day=${day} onDay=${setDay} />`}
        <${Long} design=${design} most=${choices.limits.participants} />
        <${Export} design=${design} title=${course && course.arms.length > 1 ? headline(course, design) : ""} />
      </div>
    </div>
  </main>`;
}

/** A menu of choices closes once one is made. @param {MouseEvent} event */
function closeOnChoice(event) {
  const chosen = event.target instanceof Element && event.target.closest("div button");
  if (chosen) /** @type {HTMLDetailsElement} */ (event.currentTarget).open = false;
}

/** The line of an arm. @param {{k: number}} props */
function Swatch({ k }) {
  return html`<svg class="swatch" width="22" height="8" aria-hidden="true">
    <line x1="0" y1="4" x2="22" y2="4" stroke=${`var(--arm-${k + 1})`} stroke-width="3" stroke-dasharray=${DASHES[k]?.join(" ")} />
  </svg>`;
}

/** @param {import("./shapes").ArmDesign} arm @returns {import("./shapes").ArmDesign} */
function without(arm) {
  const sessions = arm.sessions.filter((s) => s.day < 0 && s.kind === "preparation");
  return { ...arm, label: "Without integration", sessions, practice: [], community: false, group_integration: false };
}

/** @param {{label: string, medicine: string}} arm @param {number} k */
const nameOf = (arm, k) => arm.label || `${k + 1}: ${arm.medicine === "mdma" ? "MDMA" : arm.medicine === "none" ? "no medicine" : arm.medicine}`;

/** @param {import("./shapes").Course} course @param {Design} design */
function headline(course, design) {
  const ends = course.arms.map((arm, k) => {
    const rows = arm.scores.filter((r) => r.scale === course.scale.id);
    return { name: nameOf(design.arms[k] ?? arm, k), value: rows[rows.length - 1].mean };
  });
  const best = ends.reduce((a, b) => (b.value < a.value ? b : a));
  const others = ends.filter((e) => e !== best).map((e) => `${e.name} ${tidy(e.value)}`);
  return `On day ${dayText(course.last_day)} mean ${course.scale.id} is lowest with “${best.name}”: ${tidy(best.value)}; ${others.join(", ")}.`;
}

/** A share in percent; a few in a thousand are not none. @param {number} v */
const percent = (v) => (v > 0 && v < 0.01 ? (100 * v).toFixed(1) : String(Math.round(100 * v)));
/** @param {number} v */
const hours = (v) => (v >= 100 ? String(Math.round(v)) : tidy(v));

/** @param {{course: import("./shapes").Course, design: Design, day: number, onDay: (day: number) => void}} props */
function Curves({ course, design, day, onDay }) {
  const days = useMemo(() => {
    const all = new Set(course.arms.flatMap((a) => a.days));
    return [...all].sort((a, b) => a - b);
  }, [course]);
  const lines = useMemo(
    () =>
      course.arms.map((arm, k) => {
        const on = (/** @type {number[]} */ values) => days.map((d) => valueAt(arm.days, values, d));
        const curve = arm.curves.severity_score;
        return {
          label: nameOf(design.arms[k] ?? arm, k),
          colour: `arm-${k + 1}`,
          dash: DASHES[k],
          values: on(curve.mean),
          ...(course.arms.length < 3 ? { low: on(curve.low), high: on(curve.high) } : {}),
        };
      }),
    [course, design],
  );
  const said = lines.map((l) => `${l.label} ${tidy(valueAt(days, l.values, day) ?? 0)}`).join(", ");
  const high = Math.max(...course.arms.flatMap((a) => a.curves.severity_score.high));
  const rows = course.arms.map((arm) => arm.scores.filter((r) => r.scale === course.scale.id));
  return html`<section class="card" aria-label="Curves">
    <${Chart} title=${course.scale.id} unit="points; lower is better" days=${days} lines=${lines} height=${300} day=${day} onDay=${onDay}
      range=${[course.scale.low, Math.min(course.scale.high, high * 1.06)]} said=${`On day ${dayText(day)}: ${said}.`} testid="scale-chart" />
    <div class="field no-print"><label for="compare-day">Day</label>
      <input id="compare-day" type="range" min="0" max=${Math.floor(course.last_day)} step="1" value=${Math.round(day)}
        onInput=${(/** @type {any} */ e) => onDay(Number(e.currentTarget.value))} />
      <p class="source">${`Day ${dayText(day)}: ${said}.`}</p></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Arms on the last day">
      <table>
        <caption>Quick run with ${course.participants} people and ${course.draws} draws of the parameters, day ${dayText(course.last_day)}</caption>
        <thead><tr><th scope="col">Arm</th><th scope="col">${course.scale.id}</th><th scope="col">Respond</th><th scope="col">Relapsed, of those who responded</th>
          <th scope="col">Respond from two weeks after the last dose to the end</th><th scope="col">Therapy</th>
          <th scope="col">Therapy for each lasting response</th></tr></thead>
        <tbody>
          ${course.arms.map((arm, k) => {
            const last = rows[k][rows[k].length - 1];
            return html`<tr><th scope="row">${nameOf(design.arms[k] ?? arm, k)}</th><td>${tidy(last.mean)}</td>
              <td>${percent(last.response)} %</td>
              <td>${arm.relapse.length ? `${percent(arm.relapse[arm.relapse.length - 1].share)} %` : "–"}</td>
              <td>${percent(arm.lasting.share)} %</td><td>${tidy(arm.therapy_hours)} h</td>
              <td>${arm.lasting.hours_each === null ? "none lasts" : `${hours(arm.lasting.hours_each)} h`}</td></tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

/**
 * The long calculation: started, watched, cancelled, taken up again from the address.
 * @param {{design: Design, most: number}} props
 */
function Long({ design, most }) {
  const [people, setPeople] = useState(Math.max(2000, design.participants));
  const [job, setJob] = useState(/** @type {Job | null} */ (null));
  const [problem, setProblem] = useState("");
  const stream = useRef(/** @type {EventSource | null} */ (null));
  const again = useRef(0);
  const own = addressOf({ ...design, participants: USUAL_PEOPLE });
  const [started, setStarted] = useState(own);

  const watch = (/** @type {string} */ id) => {
    stream.current?.close();
    const source = new EventSource(`/api/jobs/${id}/events`);
    stream.current = source;
    source.addEventListener("progress", (event) => setJob(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    for (const end of ENDED) {
      source.addEventListener(end, () => {
        source.close();
        void look(id);
      });
    }
    // When the line breaks the calculation may well go on: ask for it, and watch again while it runs.
    source.onerror = () => {
      source.close();
      clearTimeout(again.current);
      again.current = setTimeout(() => void look(id), 800);
    };
  };
  const look = async (/** @type {string} */ id) => {
    try {
      /** @type {Job} */
      const found = await get(`/api/jobs/${id}`);
      setJob(found);
      setProblem("");
      if (!ENDED.includes(found.state)) watch(id);
    } catch (error) {
      const told = /** @type {Error & {status?: number}} */ (error);
      if (told.status === 404) {
        keep(design, null);
        setJob(null);
        setProblem("This calculation is no longer there. Start it again.");
        return;
      }
      setProblem(told.message);
      if (told.status === 0) again.current = setTimeout(() => void look(id), 3000);
    }
  };
  useEffect(() => {
    const id = new URLSearchParams(location.search).get("job");
    if (id && /^[0-9a-f]{32}$/.test(id)) void look(id);
    return () => {
      stream.current?.close();
      clearTimeout(again.current);
    };
  }, []);
  const start = async () => {
    setProblem("");
    try {
      /** @type {Job} */
      const made = await post("/api/jobs", { kind: "compare", design: { ...design, participants: people } });
      setJob(made);
      setStarted(own);
      keep(design, made.id);
      watch(made.id);
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  const cancel = async () => {
    if (!job) return;
    try {
      await remove(`/api/jobs/${job.id}`);
      await look(job.id);
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  const running = job !== null && !ENDED.includes(job.state);
  const stale = job !== null && started !== own;
  useEffect(() => {
    // A changed design is not what was calculated: a reload must not show one beside the other.
    if (stale && !running) keep(design, null);
  }, [stale, running, own]);
  const failed = job?.state === "failed" || (problem !== "" && !running);
  return html`<section class="card" aria-label="Run with many people">
    <h2>Run with many people</h2>
    <p class="no-print">Adds 90 % intervals and differences between arms. It takes seconds to minutes and can be cancelled.</p>
    <div class="run no-print">
      <${Numeric} label="People in each arm" value=${people} low=${100} high=${most} step=${100} onChange=${setPeople} />
      <button type="button" class="main" disabled=${running} onClick=${start}>${failed ? "Start again" : `Run with ${people} people`}</button>
      ${running && html`<button type="button" onClick=${cancel}>Cancel</button>`}
    </div>
    <div aria-live="polite">
      ${running &&
      html`<p>${job.state === "waiting" ? `Waiting${job.queue_place ? `, place ${job.queue_place}` : ""}.` : `Calculating, ${Math.round(100 * job.progress)} %.`}</p>
        <progress data-testid="job-progress" max="1" value=${job.progress} aria-label="Progress"></progress>`}
      ${job?.state === "cancelled" && html`<p>Cancelled.</p>`}
      ${job?.state === "failed" && html`<p class="warn" role="alert">${job.error ?? "The calculation failed; start it again."}</p>`}
      ${problem && html`<p class="warn" role="alert">${problem}</p>`}
      ${stale && job?.state === "done" && html`<p class="note">The arms have changed since. These numbers belong to the arms as they were.</p>`}
    </div>
    ${job?.state === "done" && job.result && html`<${Result} found=${job.result} names=${stale ? [] : design.arms.map(nameOf)} />`}
  </section>`;
}

/** Put the number of a calculation into the address, or take it out. @param {Design} design @param {string | null} id */
function keep(design, id) {
  if (location.pathname === "/compare") history.replaceState(null, "", `/compare?${addressOf(design)}${id ? `&job=${id}` : ""}`);
}

/** @param {number | null} low @param {number | null} high @param {(v: number) => string} said */
const between = (low, high, said) => (low === null || high === null ? "" : ` (${said(low)} to ${said(high)})`);

/** Without an upper bound nobody may last at the low end. @param {import("./shapes").ComparedArm} arm */
const hoursBand = (arm) => {
  if (arm.hours_low === null) return "";
  return arm.hours_high === null ? ` (${hours(arm.hours_low)} or more)` : between(arm.hours_low, arm.hours_high, hours);
};

/** Whether an interval holds zero. @param {import("./shapes").Comparison["contrasts"][number]} pair */
const unclear = ({ low, high }) => low !== null && high !== null && low <= 0 && high >= 0;

/** @param {{found: import("./shapes").Comparison, names: string[]}} props `names` is empty once the arms have changed */
function Result({ found, names }) {
  const last = (/** @type {import("./shapes").ComparedArm} */ arm) => arm.relapse[arm.relapse.length - 1];
  const name = (/** @type {string} */ id) => {
    const k = found.arms.findIndex((a) => a.id === id);
    return names[k] ?? (found.arms[k]?.label === id ? `Arm ${k + 1}` : found.arms[k]?.label);
  };
  return html`<div class=${names.length ? "" : "stale"}><div class="scroll" tabindex="0" role="region" aria-label="Result" data-testid="compare-table">
    <table>
      <caption>${found.participants} people, ${found.draws} draws of the parameters, day ${dayText(found.day)}; in brackets the 90 % interval</caption>
      <thead><tr><th scope="col">Arm</th><th scope="col">Mean ${found.scale}</th><th scope="col">Respond, %</th>
        <th scope="col">Respond from two weeks after the last dose to the end, %</th>
        <th scope="col">Relapse, %</th><th scope="col">Hours of therapy for each lasting response</th></tr></thead>
      <tbody>
        ${found.arms.map(
          (arm) => html`<tr><th scope="row">${name(arm.id)}</th>
            <td>${tidy(arm.score)}${between(arm.score_low, arm.score_high, tidy)}</td>
            <td>${percent(arm.response)}${between(arm.response_low, arm.response_high, percent)}</td>
            <td>${percent(arm.lasting_response)}${between(arm.lasting_response_low, arm.lasting_response_high, percent)}</td>
            <td>${last(arm) ? `${percent(last(arm).share)}${between(last(arm).low, last(arm).high, percent)}` : "–"}</td>
            <td>${arm.hours_per_lasting_response === null ? "none lasts" : `${hours(arm.hours_per_lasting_response)}${hoursBand(arm)}`}</td></tr>`,
        )}
      </tbody>
    </table></div>
    <ul>${found.contrasts.map(
      (c) => html`<li>${name(c.arm)} minus ${name(c.versus)}: ${signed(c.difference)} points${between(c.low, c.high, signed)} on day ${dayText(c.day)}${unclear(c) ? ": the model cannot tell which is better" : ""}.</li>`,
    )}</ul>
  </div>`;
}

/** @param {{design: Design, title: string}} props */
function Export({ design, title }) {
  const [said, setSaid] = useState("");
  const guarded = (/** @type {() => Promise<void>} */ work) => async () => {
    try {
      await work();
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  const png = async () => {
    const canvas = document.querySelector('[data-testid="scale-chart"] canvas');
    if (!(canvas instanceof HTMLCanvasElement)) return;
    const key = design.arms.map((arm, k) => ({ name: nameOf(arm, k), colour: `arm-${k + 1}`, dash: DASHES[k] ?? [] }));
    save(await picture(canvas, title, key), "afterglow-comparison.png");
    setSaid("The picture is saved.");
  };
  const link = async () => {
    await navigator.clipboard.writeText(location.href);
    setSaid("The link is copied.");
  };
  return html`<section class="card no-print" aria-label="Take it with you">
    <h2>Take it with you</h2>
    <div class="buttons">
      <button type="button" onClick=${guarded(png)}>Picture, PNG</button>
      <button type="button" onClick=${guarded(() => download("/api/export/csv", design, "afterglow-scores.csv"))}>Scores, CSV</button>
      <button type="button" onClick=${guarded(() => download("/api/export/yaml", design, "afterglow-protocol.yaml"))}>Protocol, YAML</button>
      <button type="button" onClick=${guarded(link)}>Copy link</button>
    </div>
    <p role="status">${said}</p>
  </section>`;
}
