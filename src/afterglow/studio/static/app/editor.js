// @ts-check
/** Edits one arm: medicine, dose, dosings, the selected session, practice and group. */
import { EARLIEST, earliestOf, evenly, everyDays, freeDay, LATEST, shortest, withDosings } from "./design.js";
import { Choice, Numeric, Slider, Tick } from "./fields.js";
import { html, once } from "./html.js";
import { WEIGHTED } from "./state.js";
import { practiceNumber } from "./marks.js";

const ALL = { id: WEIGHTED, label: "All, weighted", sentence: "Each counts by how well it foretold studies that it had not seen." };

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").Choices} Choices */

/** @param {{arm: ArmDesign, choices: Choices, onChange: (arm: ArmDesign) => void}} props */
export function MedicineEditor({ arm, choices, onChange }) {
  const medicine = choices.medicines.find((m) => m.id === arm.medicine) ?? choices.medicines[0];
  const way = medicine.ways.find((w) => w.id === arm.route) ?? medicine;
  const given = way.unit !== "";
  const days = arm.dosing_days;
  const every = everyDays(days);
  /** @param {string} id */
  const choose = (id) => {
    const next = choices.medicines.find((m) => m.id === id) ?? medicine;
    const starter = choices.starters[id]?.arms[0];
    onChange(
      starter && arm.medicine !== id
        ? { ...starter, label: arm.label }
        : { ...arm, medicine: id, route: "", dose: next.usual_dose, dosing_days: evenly(next.usual_dosings, next.usual_every_days) },
    );
  };
  /** @param {string} id */
  const give = (id) => {
    const next = medicine.ways.find((w) => w.id === id) ?? medicine;
    const dosing_days = evenly(next.usual_dosings, next.usual_every_days);
    onChange({ ...arm, route: id === medicine.ways[0].id ? "" : id, dose: next.usual_dose, dosing_days });
  };
  return html`<${Choice} label="Medicine" value=${arm.medicine} options=${choices.medicines} onChange=${choose} />
    ${medicine.ways.length > 1 &&
    html`<${Choice} label="Given" value=${arm.route || medicine.ways[0].id} options=${medicine.ways} onChange=${give} />`}
    ${given &&
    html`<${Slider} label="Dose" unit=${way.unit} value=${arm.dose} low=${way.low} high=${way.high}
        step=${way.step} onChange=${(/** @type {number} */ dose) => onChange({ ...arm, dose })} />
      ${arm.dose > way.studied_high &&
      html`<p class="warn">${way.studied_high ? `Above the largest dose whose kinetics were studied (${way.studied_high} ${way.unit})` : "Kinetics by this route were not studied in people"}: an extrapolation.</p>`}`}
    ${arm.medicine !== "none" &&
    html`<${Slider} label="Dosings" value=${days.length} low=${1} high=${choices.limits.dosings} step=${1} whole
        onChange=${(/** @type {number} */ count) => onChange({ ...arm, dosing_days: withDosings(days, count, way.usual_every_days) })} />
      ${days.length > 1 &&
      html`<${Slider} label=${every === null ? "Days between dosings, on average" : "Days between dosings"} low=${1} high=${90} step=${0.5}
          value=${every ?? Math.round((2 * days[days.length - 1]) / (days.length - 1)) / 2}
          onChange=${(/** @type {number} */ gap) => onChange({ ...arm, dosing_days: evenly(days.length, gap) })} />
        ${every === null && html`<p class="hint">Dosings on days ${days.map((d) => String(d)).join(", ")}. The slider spaces them evenly.</p>`}`}`}`;
}

/** @param {{arm: ArmDesign, choices: Choices, selected: number, onSelect: (k: number) => void, onChange: (arm: ArmDesign) => void}} props */
export function SessionEditor({ arm, choices, selected, onSelect, onChange }) {
  const session = arm.sessions[selected];
  const hoursOf = (/** @type {string} */ kind) => choices.session_kinds.find((k) => k.id === kind)?.usual_hours ?? 1.5;
  const add = () => {
    const after = Math.max(0, ...arm.sessions.map((s) => s.day)) + 7;
    const day = freeDay(arm, Math.min(after, LATEST - 1));
    /** @type {import("./shapes").PlannedSession} */
    const made = { day, kind: "integration", hours: hoursOf("integration"), format: "individual", tasks: ["insights", "steps", "practice"] };
    onChange({ ...arm, sessions: [...arm.sessions, made] });
    onSelect(arm.sessions.length);
  };
  const addPractice = () => {
    onChange({ ...arm, practice: [...arm.practice, { from_day: 2, to_day: 60, hours_per_week: 3 }] });
    onSelect(practiceNumber(arm.practice.length));
  };
  return html`<div class="under">
    <div class="buttons no-print">
      <button type="button" onClick=${once(add)} disabled=${arm.sessions.length >= choices.limits.sessions}>Add a session</button>
      ${!arm.practice.length && html`<button type="button" onClick=${addPractice}>Add practice</button>`}
    </div>
    ${session && html`<${OneSession} key=${selected} arm=${arm} choices=${choices} session=${session} selected=${selected} onSelect=${onSelect} onChange=${onChange} />`}
    ${arm.practice[-2 - selected] && html`<${OnePractice} key=${selected} arm=${arm} k=${-2 - selected} onSelect=${onSelect} onChange=${onChange} />`}
  </div>`;
}

/** @param {{arm: ArmDesign, k: number, onSelect: (k: number) => void, onChange: (arm: ArmDesign) => void}} props */
function OnePractice({ arm, k, onSelect, onChange }) {
  const p = arm.practice[k];
  /** @param {Partial<import("./shapes").PlannedPractice>} part */
  const change = (part) => onChange({ ...arm, practice: arm.practice.map((q, j) => (j === k ? { ...q, ...part } : q)) });
  return html`<fieldset class="line no-print">
    <legend>Practice</legend>
    <${Numeric} label="From day" value=${p.from_day} low=${EARLIEST} high=${p.to_day - 1} step=${1} onChange=${(/** @type {number} */ v) => change({ from_day: v })} />
    <${Numeric} label="To day" value=${p.to_day} low=${p.from_day + 1} high=${LATEST} step=${1} onChange=${(/** @type {number} */ v) => change({ to_day: v })} />
    <${Numeric} label="Hours a week" value=${p.hours_per_week} low=${0.5} high=${40} step=${0.5} onChange=${(/** @type {number} */ v) => change({ hours_per_week: v })} />
    <button type="button" class="quiet" onClick=${() => { onSelect(-1); onChange({ ...arm, practice: arm.practice.filter((_, j) => j !== k) }); }}>Remove</button>
  </fieldset>`;
}

/**
 * @param {{arm: ArmDesign, choices: Choices, session: import("./shapes").PlannedSession, selected: number,
 *   onSelect: (k: number) => void, onChange: (arm: ArmDesign) => void}} props
 */
function OneSession({ arm, choices, session, selected, onSelect, onChange }) {
  /** @param {Partial<import("./shapes").PlannedSession>} part */
  const change = (part) =>
    onChange({ ...arm, sessions: arm.sessions.map((s, k) => (k === selected ? { ...s, ...part } : s)) });
  /** @param {string} id @param {boolean} on */
  const task = (id, on) => {
    const kept = choices.tasks.map((t) => t.id).filter((t) => (t === id ? on : session.tasks.some((own) => own === t)));
    if (kept.length) change({ tasks: /** @type {any} */ (kept) });
  };
  return html`<fieldset class="line no-print">
    <legend>Selected session</legend>
    <${Choice} label="Kind" value=${session.kind} options=${choices.session_kinds} onChange=${(/** @type {any} */ kind) => change({ kind })} />
    <${Choice} label="Format" value=${session.format}
      options=${choices.formats.map((f) => ({ id: f, label: f[0].toUpperCase() + f.slice(1) }))}
      onChange=${(/** @type {any} */ format) => change({ format })} />
    <${Numeric} label="Day" value=${session.day} low=${earliestOf(arm, session.kind)} high=${LATEST - 1} step=${1} onChange=${(/** @type {number} */ day) => change({ day })} />
    <${Numeric} label="Hours" value=${session.hours} low=${0.25} high=${12} step=${0.25} onChange=${(/** @type {number} */ hours) => change({ hours })} />
    <button type="button" class="quiet" onClick=${() => { onSelect(-1); onChange({ ...arm, sessions: arm.sessions.filter((_, k) => k !== selected) }); }}>
      Remove
    </button>
    ${session.kind === "integration" &&
    html`<div class="tasks" role="group" aria-label="Tasks">
      <span class="label" aria-hidden="true">Tasks</span>
      ${choices.tasks.map(
        (t) => html`<${Tick} label=${t.label} title=${t.sentence} value=${session.tasks.some((own) => own === t.id)}
          onChange=${(/** @type {boolean} */ on) => task(t.id, on)} />`,
      )}
    </div>`}
  </fieldset>`;
}

/** @param {{arm: ArmDesign, choices: Choices, onChange: (arm: ArmDesign) => void}} props */
export function GroupEditor({ arm, choices, onChange }) {
  return html`<${Slider} label="People in the group" value=${arm.group_size} low=${1} high=${choices.limits.group_size} step=${1} whole
      onChange=${(/** @type {number} */ size) =>
        onChange({ ...arm, group_size: size, group_integration: size > 1 && (arm.group_integration || arm.group_size === 1) })} />
    ${arm.group_size > 1 &&
    html`<${Tick} label="Dosing together" value=${arm.group_dosing} onChange=${(/** @type {boolean} */ v) => onChange({ ...arm, group_dosing: v })} />
      <${Tick} label="Integration together" value=${arm.group_integration} onChange=${(/** @type {boolean} */ v) => onChange({ ...arm, group_integration: v })} />
      <${Tick} label="Meets on afterwards" value=${arm.community} onChange=${(/** @type {boolean} */ v) => onChange({ ...arm, community: v })} />`}
    <${Slider} label="Share of practice done" value=${arm.adherence} low=${0} high=${1} step=${0.05}
      onChange=${(/** @type {number} */ adherence) => onChange({ ...arm, adherence })} />`;
}

/** @param {{design: import("./shapes").Design, choices: Choices, onChange: (design: import("./shapes").Design) => void}} props */
export function PeopleEditor({ design, choices, onChange }) {
  const condition = choices.conditions.find((c) => c.id === design.condition) ?? choices.conditions[0];
  const scale = condition.scales.find((s) => s.id === (design.scale || condition.scale)) ?? condition.scales[0];
  const usual = condition.scales.find((s) => s.id === condition.scale) ?? scale;
  const least = shortest(design);
  const explanations = [ALL, ...choices.rivals];
  return html`<${Choice} label="Condition" value=${design.condition} options=${choices.conditions}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, condition: id, scale: "", baseline_mean: null })} />
    <${Choice} label="Scale shown" value=${scale.id} options=${condition.scales}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, scale: id === condition.scale ? "" : id })} />
    <${Slider} label="Days followed" value=${design.horizon_days} low=${least} high=${choices.limits.horizon_days} step=${7}
      onChange=${(/** @type {number} */ days) => onChange({ ...design, horizon_days: days })} />
    <details><summary>Score at the start, blinding, SSRI, explanation</summary>
      <${Slider} label="Score at the start" unit=${usual.id} value=${design.baseline_mean ?? condition.baseline_mean}
        low=${Math.ceil(usual.low + 0.15 * (usual.high - usual.low))} high=${Math.floor(usual.low + 0.85 * (usual.high - usual.low))} step=${0.5}
        onChange=${(/** @type {number} */ mean) => onChange({ ...design, baseline_mean: mean === condition.baseline_mean ? null : mean })} />
      <${Tick} label="Nobody is told what was given" value=${design.blinded} onChange=${(/** @type {boolean} */ v) => onChange({ ...design, blinded: v })} />
      <${Tick} label="Everybody takes an SSRI" value=${design.ssri} onChange=${(/** @type {boolean} */ v) => onChange({ ...design, ssri: v })} />
      <${Choice} label="Explanation simulated" value=${design.rival} options=${explanations}
        onChange=${(/** @type {string} */ rival) => onChange({ ...design, rival })} />
      <p class="source">${explanations.find((r) => r.id === design.rival)?.sentence}</p>
    </details>`;
}
