// @ts-check
/** The design as one sentence, whose words are its controls. */
import { dosingDays, evenly, everyDays, freeDay, LATEST, shortest, withDosings } from "../design.js";
import { Figure, Word } from "../fields.js";
import { html } from "../html.js";
import { fieldText } from "../numbers.js";
import { inWords } from "../words.js";

/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").Choices} Choices */

const TIMES = ["", "once", "twice", "three times"];
const HOURS = [0, 1, 2, 3, 4, 5, 7, 10, 14];
const WEEKS = [4, 8, 12, 16, 26, 39, 52, 78, 104];

/** @param {string} label */
const lowered = (label) => (label.startsWith("MDMA") ? label : label[0].toLowerCase() + label.slice(1));

/** @param {{design: Design, arm: ArmDesign, choices: Choices, onChange: (design: Design) => void}} props */
export function Sentence({ design, arm, choices, onChange }) {
  const medicine = choices.medicines.find((m) => m.id === arm.medicine) ?? choices.medicines[0];
  const way = medicine.ways.find((w) => w.id === arm.route) ?? medicine;
  const condition = choices.conditions.find((c) => c.id === design.condition) ?? choices.conditions[0];
  /** @param {ArmDesign} next @param {Partial<Design>} [more] */
  const change = (next, more = {}) => onChange({ ...design, ...more, arms: [next, ...design.arms.slice(1)] });
  const days = dosingDays(arm);
  const every = everyDays(arm.dosing_days);
  const meetings = arm.sessions.filter((s) => s.kind === "integration" || s.kind === "psychotherapy");
  const hours = arm.practice.reduce((most, p) => Math.max(most, p.hours_per_week), 0);
  const weeks = Math.round(design.horizon_days / 7);

  /** A medicine brings its usual course, and the people it is usually given to. @param {string} id */
  const choose = (id) => {
    const starter = choices.starters[id];
    const next = choices.medicines.find((m) => m.id === id) ?? medicine;
    if (!starter || id === arm.medicine) {
      change({ ...arm, medicine: id, route: "", dose: next.usual_dose, dosing_days: evenly(next.usual_dosings, next.usual_every_days) });
      return;
    }
    const more = starter.condition === design.condition ? {} : { condition: starter.condition, scale: "", baseline_mean: null };
    change({ ...starter.arms[0], label: arm.label }, more);
  };
  /** @param {string} id */
  const give = (id) => {
    const next = medicine.ways.find((w) => w.id === id) ?? medicine;
    const dosing_days = evenly(next.usual_dosings, next.usual_every_days);
    change({ ...arm, route: id === medicine.ways[0].id ? "" : id, dose: next.usual_dose, dosing_days });
  };
  /** @param {number} count */
  const meet = (count) => {
    const kept = [...meetings].sort((a, b) => a.day - b.day).slice(0, count);
    const others = arm.sessions.filter((s) => !meetings.includes(s));
    let next = { ...arm, sessions: [...others, ...kept] };
    const usual = choices.session_kinds.find((k) => k.id === "integration")?.usual_hours ?? 1.5;
    while (next.sessions.length < others.length + count) {
      const before = Math.max(-6, ...next.sessions.filter((s) => s.day >= 0).map((s) => s.day));
      const day = freeDay(next, Math.min(before + 7, LATEST - 1));
      next = { ...next, sessions: [...next.sessions, { day, kind: "integration", hours: usual, format: "individual", tasks: ["insights", "steps", "practice"] }] };
    }
    change(next);
  };
  /** @param {number} asked */
  const practise = (asked) => {
    if (!asked) change({ ...arm, practice: [] });
    else if (arm.practice.length) change({ ...arm, practice: arm.practice.map((p) => ({ ...p, hours_per_week: asked })) });
    else change({ ...arm, practice: [{ from_day: 2, to_day: 60, hours_per_week: asked }] });
  };
  /** @param {number[]} offered @param {number} now */
  const among = (offered, now) => [...new Set([...offered, now])].sort((a, b) => a - b);
  const counts = among(Array.from({ length: 13 }, (_, k) => k), meetings.length);
  return html`<p class="sentence" data-testid="sentence">
    ${way.unit !== "" && html`<${Figure} label=${`Dose, ${way.unit}`} value=${arm.dose} low=${way.low} high=${way.high} onChange=${(/** @type {number} */ dose) => change({ ...arm, dose })} />${` ${way.unit} `}`}
    <${Word} label="Medicine" value=${arm.medicine} onChange=${choose}
      options=${choices.medicines.map((m) => ({ id: m.id, label: lowered(m.label.split(",")[0]) }))} />
    ${medicine.ways.length > 1 && html` as <${Word} label="Given" value=${arm.route || medicine.ways[0].id} onChange=${give}
      options=${medicine.ways.map((w) => ({ id: w.id, label: lowered(w.label.split(", ").pop() ?? w.label) }))} />`}
    ${arm.medicine !== "none" &&
    html`, <${Word} label="Dosings" value=${String(days.length)} onChange=${(/** @type {string} */ n) => change({ ...arm, dosing_days: withDosings(arm.dosing_days, Number(n), way.usual_every_days) })}
        options=${among(Array.from({ length: 12 }, (_, k) => k + 1), days.length).map((n) => ({ id: String(n), label: TIMES[n] || `${inWords(n)} times` }))} />
      ${days.length > 1 && (every === null
        ? html` on days ${days.map(fieldText).join(", ")}`
        : html` every <${Figure} label="Days between dosings" value=${every} low=${1} high=${90} onChange=${(/** @type {number} */ gap) => change({ ...arm, dosing_days: evenly(days.length, gap) })} /> days`)}`},
    with <${Word} label="Sessions of integration" value=${String(meetings.length)} onChange=${(/** @type {string} */ n) => meet(Number(n))}
      options=${counts.map((n) => ({ id: String(n), label: `${inWords(n)} ${n === 1 ? "session" : "sessions"}` }))} />${" of integration and "}<${Word} label="Practice, hours a week" value=${String(hours)} onChange=${(/** @type {string} */ n) => practise(Number(n))}
      options=${among(HOURS, hours).map((n) => ({ id: String(n), label: n ? `${fieldText(n)} ${n === 1 ? "hour" : "hours"} of practice a week` : "no practice" }))} />${", in "}<${Word} label="Condition" value=${design.condition}
      options=${choices.conditions.map((c) => ({ id: c.id, label: lowered(c.label) }))}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, condition: id, scale: "", baseline_mean: null })} />${", rated by "}<${Word} label="Scale shown" value=${design.scale || condition.scale} options=${condition.scales.map((s) => ({ id: s.id, label: s.id }))}
      onChange=${(/** @type {string} */ id) => onChange({ ...design, scale: id === condition.scale ? "" : id })} />${" for "}<${Word} label="Weeks followed" value=${String(weeks)} options=${among(WEEKS.filter((w) => 7 * w >= shortest(design)), weeks).map((w) => ({ id: String(w), label: `${w} weeks` }))}
      onChange=${(/** @type {string} */ w) => onChange({ ...design, horizon_days: 7 * Number(w) })} />.
  </p>`;
}
