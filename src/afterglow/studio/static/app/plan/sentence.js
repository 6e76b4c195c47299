// @ts-check
/** What is planned as one sentence, whose words are its controls. */
import { dateText, weekdayNames, weekdayOf } from "../dates.js";
import { Figure, Word } from "../fields.js";
import { html, useMemo } from "../html.js";
import { DateField, TimeField } from "../moment.js";
import { fieldText } from "../numbers.js";
import { inWords } from "../words.js";
import { begun, NO_EDITS } from "../planned/address.js";
import { oneMoreDosing } from "./items.js";

/** @typedef {import("../shapes").Choices} Choices */
/** @typedef {import("../shapes").Country} Country */
/** @typedef {import("../planned/address.js").State} State */
/** @typedef {import("../planned/address.js").Choice} Choice */
/** @typedef {import("../planned/address.js").Rhythm} Rhythm */
/** @typedef {import("../planned/address.js").Person} Person */

const TIMES = ["", "once", "twice", "three times"];
const GROUPS = [
  { id: "none", label: "no group" },
  { id: "integration", label: "an integration group" },
  { id: "community", label: "a group that goes on meeting" },
];
const WORKING = [0, 1, 2, 3, 4];

/** @param {string} label */
const lowered = (label) => (label.startsWith("MDMA") ? label : label[0].toLowerCase() + label.slice(1));

/** @param {number} most @param {number} now */
const upTo = (most, now) => [...new Set([...Array.from({ length: most + 1 }, (_, k) => k), now])].sort((a, b) => a - b);

/** Dosings so many days apart, as weeks and weekdays. @param {number} times @param {number} days apart @param {string} start @param {number} most @returns {Rhythm} */
function rhythmOf(times, days, start, most) {
  const own = weekdayOf(start);
  const count = Math.min(most, times);
  if (count > 1 && days < 7) {
    const other = (own + Math.max(1, Math.round(days))) % 7;
    const weekdays = WORKING.includes(own) && WORKING.includes(other) ? [own, other].sort() : [0, 3];
    return { weekdays, every_weeks: 1, times: count };
  }
  return { weekdays: [], every_weeks: Math.max(1, Math.round(days / 7)), times: count };
}

/**
 * @param {{state: State, dates: string[], choices: Choices, countries: Country[], onChange: (state: State) => void}} props
 */
export function PlanSentence({ state, dates, choices, countries, onChange }) {
  const { choice, rhythm, people, shown } = state;
  const person = people[shown];
  const medicine = choices.medicines.find((m) => m.id === choice.medicine) ?? choices.medicines[0];
  const gap = medicine.usual_every_days;
  const most = choices.plan_limits;
  const set = (/** @type {Partial<Choice>} */ part) => onChange({ ...state, choice: { ...choice, ...part } });
  const setRhythm = (/** @type {Partial<Rhythm>} */ part) => onChange({ ...state, rhythm: { ...rhythm, ...part } });
  const setPerson = (/** @type {Person} */ next) => onChange({ ...state, people: people.map((p, k) => (k === shown ? next : p)) });
  const choose = (/** @type {string} */ id) => {
    const next = choices.medicines.find((m) => m.id === id) ?? medicine;
    onChange({
      ...state,
      choice: { ...choice, medicine: id, dose: next.usual_dose, condition: choices.starters[id]?.condition ?? choice.condition },
      rhythm: rhythmOf(next.usual_dosings, next.usual_every_days, person.start, most.dosings),
      people: people.map((p) => ({ ...p, dates: null, edits: NO_EDITS })),
    });
  };
  const places = useMemo(() => {
    const names = new Intl.DisplayNames("en", { type: "region" });
    const known = countries.map((c) => ({ id: c.id, label: names.of(c.id) ?? c.id }));
    return [{ id: "", label: "no country" }, ...known.sort((a, b) => a.label.localeCompare(b.label))];
  }, [countries]);
  const regions = countries.find((c) => c.id === choice.country)?.regions ?? [];
  const days = rhythm.weekdays.length ? rhythm.weekdays : [weekdayOf(person.start)];
  const weekdays = weekdayNames("short");
  const long = weekdayNames("long");
  const toggle = (/** @type {number} */ day) => {
    const next = days.includes(day) ? days.filter((d) => d !== day) : [...days, day].sort();
    if (next.length) setRhythm({ weekdays: next });
  };
  const number = (/** @type {string} */ label, /** @type {keyof Choice} */ key, /** @type {number} */ most, /** @type {(n: number) => string} */ said) =>
    html`<${Word} label=${label} value=${String(choice[key])} onChange=${(/** @type {string} */ n) => set({ [key]: Number(n) })}
      options=${upTo(most, /** @type {number} */ (choice[key])).map((n) => ({ id: String(n), label: said(n) }))} />`;
  return html`<p class="sentence" data-testid="plan-sentence">
    <${Figure} label=${`Dose, ${medicine.unit}`} value=${choice.dose} low=${medicine.low} high=${medicine.high} onChange=${(/** @type {number} */ dose) => set({ dose })} />${` ${medicine.unit} `}
    <${Word} label="Medicine" value=${choice.medicine} onChange=${choose} options=${choices.medicines.filter((m) => m.unit).map((m) => ({ id: m.id, label: lowered(m.label.split(",")[0]) }))} />,
    ${person.dates
      ? html` on ${person.dates.map((d) => dateText(d)).join("; ")}
          <button type="button" class="quiet no-print" disabled=${person.dates.length >= most.dosings} onClick=${() => setPerson(oneMoreDosing(person, dates, gap, most.dosings))}>Add a dosing</button>
          <button type="button" class="quiet no-print" onClick=${() => setPerson({ ...person, dates: null })}>Back to weekdays</button>`
      : html` <${Word} label="Dosings" value=${String(rhythm.times)} onChange=${(/** @type {string} */ n) => setRhythm({ times: Number(n) })}
            options=${upTo(most.dosings, rhythm.times).filter((n) => n > 0).map((n) => ({ id: String(n), label: TIMES[n] ?? `${inWords(n)} times` }))} />
          ${rhythm.times > 1 &&
          html` on <span class="weekdays" role="group" aria-label="Weekdays of dosing">${weekdays.map(
              (name, day) => html`<button type="button" aria-pressed=${days.includes(day)} title=${long[day]} onClick=${() => toggle(day)}>${name}</button>`,
            )}</span> every <${Word} label="Weeks from one to the next" value=${String(rhythm.every_weeks)} onChange=${(/** @type {string} */ n) => setRhythm({ every_weeks: Number(n) })}
              options=${upTo(12, rhythm.every_weeks).filter((n) => n > 0).map((n) => ({ id: String(n), label: n === 1 ? "week" : `${inWords(n)} weeks` }))} />`}`},
    from${" "}<${DateField} label="Start" value=${person.start} bare word onChange=${(/** @type {string} */ start) => setPerson(begun(person, start))} />
    ${" at "}<${TimeField} label="Common time" value=${choice.start} bare word empty="no time yet" onChange=${(/** @type {string | null} */ start) => set({ start })} />,
    in <${Word} label="Condition" value=${choice.condition} onChange=${(/** @type {string} */ condition) => set({ condition })}
      options=${choices.conditions.map((c) => ({ id: c.id, label: lowered(c.label) }))} />;${" "}
    ${number("Preparation meetings", "preparation", most.preparation, (n) => inWords(n))} to prepare and
    ${" "}${number("Integration meetings", "integration", most.integration, (n) => inWords(n))} to integrate, of${" "}
    <${Figure} label="Hours of a meeting" value=${choice.integration_hours} low=${0.25} high=${4} onChange=${(/** @type {number} */ integration_hours) => set({ integration_hours })} /> h, with${" "}
    <${Figure} label="Practice, hours a week" value=${choice.practice_hours_per_week} low=${0} high=${14} onChange=${(/** @type {number} */ practice_hours_per_week) => set({ practice_hours_per_week })} /> h of practice a week
    for ${number("Weeks of practice", "practice_weeks", most.practice_weeks, (n) => `${fieldText(n)} ${n === 1 ? "week" : "weeks"}`)} and
    ${" "}<${Word} label="Group" value=${choice.group} options=${GROUPS} onChange=${(/** @type {Choice["group"]} */ group) => set({ group })} />
    ${choice.group !== "none" &&
    html`${" of "}${people.length > 1 ? inWords(people.length) : html`<${Word} label="People in the group" value=${String(choice.group_size)} onChange=${(/** @type {string} */ n) => set({ group_size: Number(n) })}
        options=${upTo(choices.limits.group_size, choice.group_size).filter((n) => n > 1).map((n) => ({ id: String(n), label: inWords(n) }))} />`}
      ${" "}<${Word} label="Day of the group" value=${String(choice.group_weekday ?? "")} onChange=${(/** @type {string} */ day) => set({ group_weekday: day === "" ? null : Number(day) })}
        options=${[{ id: "", label: "on free days" }, ...long.map((name, k) => ({ id: String(k), label: `on ${name}` }))]} />
      ${" at "}<${TimeField} label="Time of the group" value=${choice.group_start ?? choice.start} bare word empty="no time yet" onChange=${(/** @type {string | null} */ group_start) => set({ group_start })} />`};
    ${" "}<${Word} label="Days of meetings" value=${choice.weekday_only ? "1" : "0"} onChange=${(/** @type {string} */ v) => set({ weekday_only: v === "1" })}
      options=${[{ id: "1", label: "on weekdays only" }, { id: "0", label: "on any day" }]} />, off the public holidays of
    ${" "}<${Word} label="Country of the public holidays" value=${choice.country} options=${places} onChange=${(/** @type {string} */ country) => set({ country, region: "" })} />
    ${regions.length > 0 &&
    html`, <${Word} label="Region of the public holidays" value=${choice.region} onChange=${(/** @type {string} */ region) => set({ region })}
      options=${[{ id: "", label: "those of the whole country" }, ...regions]} />`}.
  </p>`;
}
