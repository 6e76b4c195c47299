// @ts-check
/** Edits one arm: medicine, dose, dosings, the selected session, practice and group. */
import { Choice, Numeric, Slider, Tick } from "./fields.js";
import { html } from "./html.js";

/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").Choices} Choices */

/** @param {{arm: ArmDesign, choices: Choices, onChange: (arm: ArmDesign) => void}} props */
export function MedicineEditor({ arm, choices, onChange }) {
  const medicine = choices.medicines.find((m) => m.id === arm.medicine) ?? choices.medicines[0];
  const given = medicine.unit !== "";
  /** @param {string} id */
  const choose = (id) => {
    const next = choices.medicines.find((m) => m.id === id) ?? medicine;
    const starter = choices.starters[id]?.arms[0];
    onChange(
      starter && arm.medicine !== id
        ? { ...starter, label: arm.label }
        : { ...arm, medicine: id, dose: next.usual_dose, dosings: next.usual_dosings, every_days: next.usual_every_days },
    );
  };
  return html`<${Choice} label="Medicine" value=${arm.medicine} options=${choices.medicines} onChange=${choose} />
    ${given &&
    html`<${Slider} label="Dose" unit=${medicine.unit} value=${arm.dose} low=${medicine.low} high=${medicine.high}
        step=${medicine.step} onChange=${(/** @type {number} */ dose) => onChange({ ...arm, dose })} />
      ${arm.dose > medicine.studied_high &&
      html`<p class="warn">Above the largest dose studied (${medicine.studied_high} ${medicine.unit}): an extrapolation.</p>`}`}
    ${arm.medicine !== "none" &&
    html`<${Slider} label="Dosings" value=${arm.dosings} low=${1} high=${choices.limits.dosings} step=${1}
        onChange=${(/** @type {number} */ dosings) => onChange({ ...arm, dosings })} />
      ${arm.dosings > 1 &&
      html`<${Slider} label="Days between dosings" value=${arm.every_days} low=${1} high=${90} step=${0.5}
        onChange=${(/** @type {number} */ every_days) => onChange({ ...arm, every_days })} />`}`}`;
}

/** @param {{arm: ArmDesign, choices: Choices, selected: number, onSelect: (k: number) => void, onChange: (arm: ArmDesign) => void}} props */
export function SessionEditor({ arm, choices, selected, onSelect, onChange }) {
  const session = arm.sessions[selected];
  /** @param {Partial<import("./shapes").PlannedSession>} part */
  const change = (part) =>
    onChange({ ...arm, sessions: arm.sessions.map((s, k) => (k === selected ? { ...s, ...part } : s)) });
  const add = () => {
    const day = Math.max(1, ...arm.sessions.map((s) => s.day + 7));
    const hours = choices.session_kinds.find((k) => k.id === "integration")?.usual_hours ?? 1.5;
    /** @type {import("./shapes").PlannedSession} */
    const made = { day, kind: "integration", hours, format: "individual", tasks: ["insights", "steps", "practice"] };
    onChange({ ...arm, sessions: [...arm.sessions, made] });
    onSelect(arm.sessions.length);
  };
  const addPractice = () =>
    onChange({ ...arm, practice: [...arm.practice, { from_day: 2, to_day: 60, hours_per_week: 3 }] });
  return html`<div class="buttons">
      <button type="button" onClick=${add} disabled=${arm.sessions.length >= choices.limits.sessions}>Add a session</button>
      ${!arm.practice.length && html`<button type="button" onClick=${addPractice}>Add practice</button>`}
    </div>
    ${session &&
    html`<fieldset class="field">
      <legend>Selected session</legend>
      <div class="row">
        <${Choice} label="Kind" value=${session.kind} options=${choices.session_kinds}
          onChange=${(/** @type {any} */ kind) =>
            change({ kind, tasks: kind === "integration" ? ["insights", "steps", "practice"] : session.tasks })} />
        <${Choice} label="Format" value=${session.format}
          options=${choices.formats.map((f) => ({ id: f, label: f[0].toUpperCase() + f.slice(1) }))}
          onChange=${(/** @type {any} */ format) => change({ format })} />
        <${Numeric} label="Day" value=${session.day} low=${-180} high=${1095} step=${1}
          onChange=${(/** @type {number} */ day) => change({ day })} />
        <${Numeric} label="Hours" value=${session.hours} low=${0.25} high=${12} step=${0.25}
          onChange=${(/** @type {number} */ hours) => change({ hours })} />
      </div>
      ${session.kind === "integration" &&
      choices.tasks.map(
        (task) => html`<${Tick} label=${`${task.label}: ${task.sentence.toLowerCase()}`} value=${session.tasks.includes(/** @type {any} */ (task.id))}
          onChange=${(/** @type {boolean} */ on) => {
            const kept = choices.tasks.map((t) => t.id).filter((id) => (id === task.id ? on : session.tasks.includes(/** @type {any} */ (id))));
            if (kept.length) change({ tasks: /** @type {any} */ (kept) });
          }} />`,
      )}
      <button type="button" onClick=${() => onChange({ ...arm, sessions: arm.sessions.filter((_, k) => k !== selected) })}>
        Remove this session
      </button>
    </fieldset>`}
    ${arm.practice.map(
      (p, k) => html`<fieldset class="field">
        <legend>Practice ${arm.practice.length > 1 ? k + 1 : ""}</legend>
        <${Slider} label="Hours a week" value=${p.hours_per_week} low=${0.5} high=${14} step=${0.5}
          onChange=${(/** @type {number} */ hours) =>
            onChange({ ...arm, practice: arm.practice.map((q, j) => (j === k ? { ...q, hours_per_week: hours } : q)) })} />
        <button type="button" onClick=${() => onChange({ ...arm, practice: arm.practice.filter((_, j) => j !== k) })}>
          Remove practice
        </button>
      </fieldset>`,
    )}`;
}

/** @param {{arm: ArmDesign, onChange: (arm: ArmDesign) => void}} props */
export function GroupEditor({ arm, onChange }) {
  return html`<${Slider} label="People in the group" value=${arm.group_size} low=${1} high=${12} step=${1}
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
  return html`<${Choice} label="Condition" value=${design.condition} options=${choices.conditions}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, condition: id, scale: "", baseline_mean: null })} />
    <${Choice} label="Scale shown" value=${scale.id} options=${condition.scales}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, scale: id === condition.scale ? "" : id })} />
    <${Slider} label="Score at the start" unit=${usual.id} value=${design.baseline_mean ?? condition.baseline_mean}
      low=${Math.ceil(usual.low + 0.15 * (usual.high - usual.low))} high=${Math.floor(usual.low + 0.85 * (usual.high - usual.low))} step=${0.5}
      onChange=${(/** @type {number} */ mean) => onChange({ ...design, baseline_mean: mean === condition.baseline_mean ? null : mean })} />
    <${Slider} label="Days shown" value=${design.horizon_days} low=${28} high=${choices.limits.horizon_days} step=${7}
      onChange=${(/** @type {number} */ days) => onChange({ ...design, horizon_days: days })} />
    <${Choice} label="Explanation simulated" value=${design.rival} options=${choices.rivals}
      onChange=${(/** @type {string} */ rival) => onChange({ ...design, rival })} />
    <p class="source">${choices.rivals.find((r) => r.id === design.rival)?.sentence}</p>
    <${Tick} label="Nobody is told what was given" value=${design.blinded} onChange=${(/** @type {boolean} */ v) => onChange({ ...design, blinded: v })} />`;
}
