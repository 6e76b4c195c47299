// @ts-check
/** Compare: two to four arms side by side, at once with few people, and with many as a long calculation. */
import { download, get, post, remove, save } from "./api.js";
import { Chart, colourOf, tidy, valueAt } from "./chart.js";
import { GroupEditor, MedicineEditor, PeopleEditor, SessionEditor } from "./editor.js";
import { openDays, useCourse } from "./explore.js";
import { Numeric, Text } from "./fields.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { addressOf } from "./state.js";
import { Timeline } from "./timeline.js";
import { signed } from "./words.js";

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
  return html`<main id="main" tabindex="-1">
    <h1 aria-live="polite">${course && course.arms.length > 1 ? headline(course) : "Compare two to four arms"}</h1>
    <p class="lead">The same virtual people go through every arm, so differences come from what is given.</p>
    ${error && html`<p class="warn" role="alert">${error}</p>`}
    <div class="pages" role="group" aria-label="Arms">
      ${design.arms.map(
        (a, k) => html`<button type="button" aria-pressed=${k === at} onClick=${() => { setOpen(k); setSelected(-1); }}>${nameOf(a, k)}</button>`,
      )}
      <button type="button" disabled=${design.arms.length >= choices.limits.arms} onClick=${() => add({ ...arm, label: "" })}>Add a copy</button>
      ${Object.entries(choices.starters).map(
        ([id, starter]) => html`<button type="button" class="quiet" disabled=${design.arms.length >= choices.limits.arms}
          onClick=${() => add(starter.arms[0])}>Add ${choices.medicines.find((m) => m.id === id)?.label.split(",")[0]}</button>`,
      )}
    </div>
    <div class="explore">
      <section class="card" aria-label=${`Arm ${at + 1}`}>
        <h2>${nameOf(arm, at)}</h2>
        <${Text} label="Name of the arm" value=${arm.label} onChange=${(/** @type {string} */ label) => change(at, { ...arm, label: label.replaceAll("~", "-") })} />
        <${MedicineEditor} arm=${arm} choices=${choices} onChange=${(/** @type {any} */ a) => change(at, a)} />
        <div class="buttons">
          <button type="button" disabled=${design.arms.length < 3} onClick=${() => { onChange({ ...design, arms: design.arms.filter((_, j) => j !== at) }); setOpen(0); }}>
            Remove this arm
          </button>
        </div>
        <details><summary>People, scale, explanation</summary><${PeopleEditor} design=${design} choices=${choices} onChange=${onChange} /></details>
        <details><summary>Group and practice done</summary><${GroupEditor} arm=${arm} onChange=${(/** @type {any} */ a) => change(at, a)} /></details>
      </section>
      <div>
        <section class="card" aria-label="Timeline of the arm">
          <h2>Timeline <span class="unit">${nameOf(arm, at)}</span></h2>
          <${Timeline} arm=${arm} first=${Math.min(-7, ...arm.sessions.map((s) => s.day)) - 3} last=${design.horizon_days}
            windows=${course?.arms[at] ? openDays(course.arms[at], course.last_day) : []} selected=${selected} onSelect=${setSelected}
            onChange=${(/** @type {any} */ a) => change(at, a)} />
          <details><summary>Sessions and practice</summary>
            <${SessionEditor} arm=${arm} choices=${choices} selected=${selected} onSelect=${setSelected} onChange=${(/** @type {any} */ a) => change(at, a)} />
          </details>
        </section>
        ${course && html`<${Curves} course=${course} design=${design} day=${day} onDay=${setDay} />`}
      </div>
      <div class="side">
        <${Long} design=${design} onChange=${onChange} most=${choices.limits.participants} />
        <${Export} design=${design} />
      </div>
    </div>
  </main>`;
}

/** @param {import("./shapes").ArmDesign} arm @returns {import("./shapes").ArmDesign} */
function without(arm) {
  const sessions = arm.sessions.filter((s) => s.day < 0 && s.kind === "preparation");
  return { ...arm, label: "Without integration", sessions, practice: [], community: false, group_integration: false };
}

/** @param {{label: string, medicine: string}} arm @param {number} k */
const nameOf = (arm, k) => arm.label || `${k + 1}: ${arm.medicine === "mdma" ? "MDMA" : arm.medicine}`;

/** @param {import("./shapes").Course} course */
function headline(course) {
  const ends = course.arms.map((arm, k) => {
    const rows = arm.scores.filter((r) => r.scale === course.scale.id);
    return { name: nameOf(arm, k), value: rows[rows.length - 1].mean };
  });
  const best = ends.reduce((a, b) => (b.value < a.value ? b : a));
  const others = ends.filter((e) => e !== best).map((e) => `${e.name} ${tidy(e.value)}`);
  return `On day ${tidy(course.last_day)} the lowest mean ${course.scale.id} is ${tidy(best.value)}, with “${best.name}”; ${others.join(", ")}.`;
}

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
          ...(k < 2 ? { low: on(curve.low), high: on(curve.high) } : {}),
        };
      }),
    [course, design],
  );
  const said = lines.map((l) => `${l.label} ${tidy(valueAt(days, l.values, day) ?? 0)}`).join(", ");
  const high = Math.max(...course.arms.flatMap((a) => a.curves.severity_score.high));
  const rows = course.arms.map((arm) => arm.scores.filter((r) => r.scale === course.scale.id));
  return html`<section class="card" aria-label="Curves">
    <${Chart} title=${course.scale.id} unit="points; lower is better" days=${days} lines=${lines} height=${300} day=${day} onDay=${onDay}
      range=${[course.scale.low, Math.min(course.scale.high, high * 1.06)]} said=${`On day ${tidy(day)}: ${said}.`} testid="scale-chart" />
    <div class="scroll" tabindex="0" role="region" aria-label="Arms on the last day">
      <table>
        <caption>${course.participants} people, day ${tidy(course.last_day)}</caption>
        <thead><tr><th scope="col">Arm</th><th scope="col">${course.scale.id}</th><th scope="col">Respond</th><th scope="col">Therapy</th></tr></thead>
        <tbody>
          ${course.arms.map((arm, k) => {
            const last = rows[k][rows[k].length - 1];
            return html`<tr><th scope="row">${nameOf(design.arms[k] ?? arm, k)}</th><td>${tidy(last.mean)}</td>
              <td>${Math.round(100 * last.response)} %</td><td>${tidy(arm.therapy_hours)} h</td></tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** The long calculation: started, watched, cancelled, taken up again from the address. */
/** @param {{design: Design, onChange: (design: Design) => void, most: number}} props */
function Long({ design, onChange, most }) {
  const [people, setPeople] = useState(Math.max(2000, design.participants));
  const [job, setJob] = useState(/** @type {Job | null} */ (null));
  const [problem, setProblem] = useState("");
  const stream = useRef(/** @type {EventSource | null} */ (null));

  const keep = (/** @type {string | null} */ id) => {
    const query = new URLSearchParams(location.search);
    if (id) query.set("job", id);
    const rest = addressOf(design) + (id ? `&job=${id}` : "");
    history.replaceState(null, "", `/compare?${rest}`);
  };
  const watch = (/** @type {string} */ id) => {
    stream.current?.close();
    const source = new EventSource(`/api/jobs/${id}/events`);
    stream.current = source;
    source.addEventListener("progress", (event) => setJob(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    for (const end of ENDED) {
      source.addEventListener(end, async () => {
        source.close();
        await look(id);
      });
    }
    // When the line breaks the job may well go on: ask for it, and watch again while it runs.
    source.onerror = () => {
      source.close();
      setTimeout(() => void look(id), 800);
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
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  useEffect(() => {
    const id = new URLSearchParams(location.search).get("job");
    if (id && /^[0-9a-f]{32}$/.test(id)) void look(id);
    return () => stream.current?.close();
  }, []);
  const start = async () => {
    setProblem("");
    try {
      /** @type {Job} */
      const made = await post("/api/jobs", { kind: "compare", design: { ...design, participants: people } });
      setJob(made);
      keep(made.id);
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
  return html`<section class="card" aria-label="Run with many people">
    <h2>Run with many people</h2>
    <p>Adds credible bands, lasting responses and relapse. It takes seconds to minutes and can be cancelled.</p>
    <${Numeric} label="People in each arm" value=${people} low=${100} high=${most} step=${100} onChange=${setPeople} />
    <div class="buttons">
      <button type="button" class="main" disabled=${running} onClick=${start}>
        ${job?.state === "failed" ? "Start again" : `Run with ${people} people`}
      </button>
      ${running && html`<button type="button" onClick=${cancel}>Cancel</button>`}
    </div>
    <div aria-live="polite">
      ${running &&
      html`<p>${job.state === "waiting" ? `Waiting${job.queue_place ? `, place ${job.queue_place}` : ""}.` : `Calculating, ${Math.round(100 * job.progress)} %.`}</p>
        <progress data-testid="job-progress" max="1" value=${job.progress} aria-label="Progress"></progress>`}
      ${job?.state === "cancelled" && html`<p>Cancelled.</p>`}
      ${job?.state === "failed" && html`<p class="warn" role="alert">${job.error ?? "The calculation failed."}</p>`}
      ${problem && html`<p class="warn" role="alert">${problem}</p>`}
    </div>
    ${job?.state === "done" && job.result && html`<${Result} found=${job.result} />`}
  </section>`;
}

/** @param {number | null} low @param {number | null} high @param {(v: number) => string} said */
const between = (low, high, said) => (low === null || high === null ? "" : ` (${said(low)} to ${said(high)})`);
/** @param {number} v */
const percent = (v) => `${Math.round(100 * v)}`;

/** @param {{found: import("./shapes").Comparison}} props */
function Result({ found }) {
  const last = (/** @type {import("./shapes").ComparedArm} */ arm) => arm.relapse[arm.relapse.length - 1];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Result" data-testid="compare-table">
    <table>
      <caption>${found.participants} people, day ${tidy(found.day)}; in brackets the 90 % credible band</caption>
      <thead><tr><th scope="col">Arm</th><th scope="col">${found.scale}</th><th scope="col">Respond, %</th><th scope="col">Lasting from day ${tidy(found.lasting_from_day)}, %</th>
        <th scope="col">Relapse, %</th><th scope="col">Therapy hours per lasting response</th></tr></thead>
      <tbody>
        ${found.arms.map(
          (arm, k) => html`<tr><th scope="row">${nameOf({ ...arm, medicine: arm.id }, k)}</th>
            <td>${tidy(arm.score)}${between(arm.score_low, arm.score_high, tidy)}</td>
            <td>${percent(arm.response)}${between(arm.response_low, arm.response_high, percent)}</td>
            <td>${percent(arm.lasting_response)}</td>
            <td>${last(arm) ? `${percent(last(arm).share)}${between(last(arm).low, last(arm).high, percent)}` : "–"}</td>
            <td>${arm.hours_per_lasting_response === null ? "–" : tidy(arm.hours_per_lasting_response)}</td></tr>`,
        )}
      </tbody>
    </table>
    ${found.contrasts.map((c) => {
      const name = (/** @type {string} */ id) => found.arms.findIndex((a) => a.id === id);
      const [a, b] = [name(c.arm), name(c.versus)];
      return html`<p>${nameOf({ ...found.arms[a], medicine: c.arm }, a)} minus ${nameOf({ ...found.arms[b], medicine: c.versus }, b)}:
        ${signed(c.difference)} points${between(c.low, c.high, signed)}.</p>`;
    })}
  </div>`;
}

/** @param {{design: Design}} props */
function Export({ design }) {
  const [said, setSaid] = useState("");
  const guarded = (/** @type {() => Promise<void>} */ work) => async () => {
    try {
      await work();
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  const png = async () => {
    const canvas = /** @type {HTMLCanvasElement | null} */ (document.querySelector('[data-testid="scale-chart"] canvas'));
    if (!canvas) return;
    const paper = document.createElement("canvas");
    paper.width = canvas.width;
    paper.height = canvas.height + 60;
    const pen = paper.getContext("2d");
    if (!pen) return;
    pen.fillStyle = colourOf("surface");
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.drawImage(canvas, 0, 60);
    pen.font = "20px system-ui, sans-serif";
    let x = 12;
    design.arms.forEach((arm, k) => {
      pen.fillStyle = colourOf(`arm-${k + 1}`);
      pen.fillText(`● ${nameOf(arm, k)}`, x, 36);
      x += pen.measureText(`● ${nameOf(arm, k)}`).width + 28;
    });
    const blob = await new Promise((/** @type {(b: Blob | null) => void} */ done) => paper.toBlob(done, "image/png"));
    if (blob) save(blob, "afterglow-comparison.png");
  };
  const link = async () => {
    await navigator.clipboard.writeText(location.href);
    setSaid("The link is copied.");
  };
  return html`<section class="card" aria-label="Take it with you">
    <h2>Take it with you</h2>
    <div class="buttons">
      <button type="button" onClick=${guarded(png)}>Picture, PNG</button>
      <button type="button" onClick=${guarded(() => download("/api/export/csv", design, "afterglow-scores.csv"))}>Scores, CSV</button>
      <button type="button" onClick=${guarded(() => download("/api/export/yaml", design, "afterglow-protocol.yaml"))}>Protocol, YAML</button>
      <button type="button" onClick=${guarded(link)}>Copy link</button>
    </div>
    <p aria-live="polite">${said}</p>
  </section>`;
}
