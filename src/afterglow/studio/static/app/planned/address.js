// @ts-check
/** A plan as an address, and back: choices, people by their codes, what was changed by hand. Health words are never in it. */
import { isDate, isTime, later, ownCountry, today, weekdayOf } from "../dates.js";
import { fieldText } from "../numbers.js";

/** @typedef {import("../shapes").Choices} Choices */
/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").PlanRequest} PlanRequest */
/** @typedef {Omit<PlanRequest, "dates" | "pattern">} Choice what all people share; the size of the group where the plan is that of one */
/** @typedef {{weekdays: number[], every_weeks: number, times: number}} Rhythm when dosings come; 0 is Monday */
/** @typedef {{date?: string, start?: string | null, hours?: number | null, until?: string | null}} Change */
/** @typedef {{changed: Record<string, Change>, removed: string[], added: PlanItem[]}} Edits what was changed by hand */
/**
 * @typedef {{own: string, code: string, start: string, dates: string[] | null, edits: Edits}} Person whose plan it is:
 *   its own name in calendars, a code, the first dosing, and the dosing dates where they follow no rhythm
 */
/** @typedef {{choice: Choice, rhythm: Rhythm, at_once: number, people: Person[], shown: number}} State how many things a team holds at once */

/** @type {Edits} */
export const NO_EDITS = { changed: {}, removed: [], added: [] };
const USUAL_MEDICINE = "psilocybin";
export const MOST_PEOPLE = 8;
/** A code has a digit, so that it is no name; as on the server. @param {string} text */
export const isCode = (text) => /^[A-Za-z0-9-]*\d[A-Za-z0-9-]*$/.test(text) && text.length <= 12;
const DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const NOBODY = "none";
/** Keys whose values are numbers. */
const NUMBERS = ["dose", "preparation", "integration", "hours", "practice", "weeks", "every", "times", "groupsize", "team", "show"];

/** @param {Edits} edits */
export const edited = (edits) => Object.keys(edits.changed).length + edits.removed.length + edits.added.length > 0;

const BY_HAND = /** @type {const} */ ({
  integration: "Integration", group: "Group meeting", practice: "Practice",
  preparation: "Preparation", psychotherapy: "Psychotherapy", training: "Training", education: "Education",
});
const FORMATS = /** @type {const} */ ({ individual: "", group: ", in a group", digital: ", digital" });
/** What every meeting of integration works on, as on the server. */
export const EVERY_TASK = /** @type {PlanItem["tasks"]} */ (["insights", "steps", "practice"]);
const TASKS = /** @type {Record<string, PlanItem["tasks"]>} */ ({ integration: EVERY_TASK, group: EVERY_TASK, practice: ["practice"] });

/** Without a time of its own it has the common one. @param {string} id @param {string} date @param {Partial<PlanItem> & {kind?: keyof typeof BY_HAND}} [more] @returns {PlanItem} */
export function madeByHand(id, date, { kind = "integration", format = "individual", ...more } = {}) {
  return {
    id, kind, format, date, until: null, day: 0, start: null, hours: 1.5, tasks: TASKS[kind] ?? [],
    title: `${BY_HAND[kind]}${FORMATS[format]}, added by hand`, why: "", sources: [], in_window: false, ...more,
  };
}

/** What was added by hand, as an address says it: practice has a last day, what is no usual meeting its kind and format. @param {PlanItem} item */
function addedText(item) {
  const usual = item.format === "individual";
  const words = item.until || (item.kind === "integration" && usual) ? [] : [item.kind, ...(usual ? [] : [item.format])];
  return [item.id, changeText({ date: item.date, start: item.start, hours: item.hours, until: item.until ?? undefined }), ...words].join("~");
}

/** @param {string} line @param {string} usual its name where the line has none @returns {PlanItem | null} */
function addedOf(line, usual) {
  const [, id = usual, text = ""] = /^(?:(own-\d+)~)?(.*)$/.exec(line) ?? [];
  const [when, kind = "integration", format = "individual"] = text.split("~");
  const change = changeOf(when);
  if (!change?.date || !Object.hasOwn(BY_HAND, kind) || !Object.hasOwn(FORMATS, format)) return null;
  const known = /** @type {{kind: keyof typeof BY_HAND, format: PlanItem["format"]}} */ ({ kind: change.until ? "practice" : kind, format });
  return madeByHand(id, change.date, { ...change, ...known });
}

/** A name that no other plan has. @returns {string} */
export const freshOwn = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The first working day three weeks from now. */
function usualStart() {
  let start = later(today(), 21);
  while (weekdayOf(start) > 4) start = later(start, 1);
  return start;
}

/** A code that nobody has. @param {string[]} taken @returns {string} */
export const freshCode = (taken) => Array.from({ length: 40 }, (_, k) => `P-${k + 1}`).find((code) => !taken.includes(code)) ?? "";

/** Of several people each has a code of their own. @param {Person[]} people @returns {Person[]} */
function toldApart(people) {
  if (people.length < 2) return people;
  const all = people.map((p) => p.code);
  return people.map((p, k) => {
    if (p.code && all.indexOf(p.code) === k) return p;
    all[k] = freshCode(all);
    return { ...p, code: all[k] };
  });
}

/** The medicine that an address names, and its dose where that is one of it. @param {string} search @param {Choices} choices */
function givenBy(search, { medicines }) {
  const q = new URLSearchParams(search);
  const offered = medicines.filter((m) => m.unit);
  const named = offered.find((m) => m.id === (q.get("medicine") ?? USUAL_MEDICINE));
  const dose = Number(q.get("dose") || NaN);
  const medicine = named ?? offered.find((m) => m.id === USUAL_MEDICINE) ?? offered[0];
  return { medicine, known: named !== undefined, dose: named && dose >= named.low && dose <= named.high ? dose : null };
}

/** A plan in which the usual dose stands for one that its medicine does not have. @param {string} search @param {Choices} choices @returns {State} */
export function planOf(search, choices) {
  const state = stateOf(search, choices.plan_limits);
  const { medicine, dose } = givenBy(search, choices);
  return { ...state, choice: { ...state.choice, medicine: medicine.id, dose: dose ?? medicine.usual_dose } };
}

/** @param {string} search @param {import("../shapes").PlanLimits} limits @returns {State} what the address says, the rest as usual */
export function stateOf(search, { usual_group_size }) {
  const q = new URLSearchParams(search);
  const number = (/** @type {string} */ key, /** @type {number} */ usual) =>
    q.get(key) && Number.isFinite(Number(q.get(key))) ? Number(q.get(key)) : usual;
  const time = (/** @type {string} */ key) => (isTime(q.get(key) ?? "") ? q.get(key) : null);
  const groupDay = DAYS.indexOf(q.get("groupday") ?? "");
  const country = q.get("country") ?? ownCountry();
  const people = toldApart([personOf(q), ...q.getAll("with").slice(0, MOST_PEOPLE - 1).map((one) => personOf(new URLSearchParams(one)))]);
  return {
    choice: {
      medicine: q.get("medicine") ?? USUAL_MEDICINE,
      dose: number("dose", 25),
      condition: q.get("for") ?? "treatment_resistant_depression",
      start: time("time"),
      preparation: number("preparation", 3),
      integration: number("integration", 6),
      integration_hours: number("hours", 1.5),
      practice_hours_per_week: number("practice", 3),
      practice_weeks: number("weeks", 8),
      group: /** @type {Choice["group"]} */ (q.get("group") ?? "none"),
      group_weekday: groupDay < 0 ? null : groupDay,
      group_start: time("grouptime"),
      group_size: number("groupsize", usual_group_size),
      weekday_only: q.get("weekdays") !== "0",
      country: country === NOBODY ? "" : country,
      region: country === NOBODY ? "" : q.get("region") ?? "",
    },
    rhythm: {
      weekdays: (q.get("on") ?? "").split(",").map((day) => DAYS.indexOf(day)).filter((day) => day >= 0),
      every_weeks: number("every", 1),
      times: number("times", 1),
    },
    at_once: Math.min(12, Math.max(1, Math.round(number("team", 1)))),
    people,
    shown: Math.min(people.length, Math.max(1, number("show", 1))) - 1,
  };
}

/** What an address says that cannot be read, and is left out. @param {string} search @param {Choices} choices @returns {string} a sentence or two, or nothing */
export function unread(search, choices) {
  const q = new URLSearchParams(search);
  const { medicine, known, dose } = givenBy(search, choices);
  const numeric = Number.isFinite(Number(q.get("dose") || NaN));
  const said = (/** @type {string} */ key) => (q.get(key) === "" ? [`${key}=`] : q.get(key)?.split(",") ?? []);
  const odd = [
    ...[...said("start"), ...said("dates")].filter((text) => !isDate(text)),
    ...[...said("time"), ...said("grouptime")].filter((text) => !isTime(text)),
    ...[...said("on"), ...said("groupday")].filter((text) => !DAYS.includes(text)),
    ...said("code").filter((text) => !isCode(text)),
    ...(known ? [] : said("medicine")),
    ...NUMBERS.flatMap(said).filter((text) => !text.trim() || !Number.isFinite(Number(text))),
    ...q.getAll("set").filter((line) => !/^[a-z]+-\d+~/.test(line) || !changeOf(line.split("~")[1])),
    ...q.getAll("add").filter((line) => !addedOf(line, "own-1")),
  ].map((text) => text.slice(0, 40));
  return [
    odd.length ? `The address says ${odd.map((text) => `“${text}”`).join(", ")}, which cannot be read here and is left out.` : "",
    known && dose === null && numeric
      ? `Its dose, ${fieldText(Number(q.get("dose")))}, is not from ${fieldText(medicine.low)} to ${fieldText(medicine.high)} ${medicine.unit}: the usual one is taken.` : "",
  ].filter(Boolean).join(" ");
}

/** @param {URLSearchParams} q @returns {Person} */
function personOf(q) {
  const dates = (q.get("dates") ?? "").split(",").filter(isDate);
  const own = q.get("plan") ?? "";
  const code = q.get("code") ?? "";
  const said = q.get("start") ?? "";
  /** @type {Person} */
  const person = {
    own: /^[0-9a-f]{16}$/.test(own) ? own : freshOwn(),
    code: isCode(code) ? code : "",
    start: dates[0] ?? (isDate(said) ? said : usualStart()),
    dates: dates.length ? dates : null,
    edits: editsOf(q),
  };
  return withDosingsMoved(person);
}

/** A dosing that was moved by hand is one of the dosing dates. @param {Person} person @returns {Person} */
function withDosingsMoved(person) {
  const { dates, edits } = person;
  if (!dates) return person;
  const changed = { ...edits.changed };
  const moved = dates.map((date, k) => {
    const { date: to, ...rest } = changed[`dosing-${k + 1}`] ?? {};
    if (!to) return date;
    if (Object.keys(rest).length) changed[`dosing-${k + 1}`] = rest;
    else delete changed[`dosing-${k + 1}`];
    return to;
  });
  const rising = [...new Set(moved)].sort();
  return { ...person, dates: rising, start: rising[0], edits: { ...edits, changed } };
}

/** @param {Change} change */
const changeText = (change) =>
  `${change.date ?? ""}${change.start === undefined ? "" : `@${change.start ?? ""}`}${change.hours === undefined ? "" : `h${change.hours ?? ""}`}` +
  `${change.until ? `to${change.until}` : ""}`;

/** @param {string} text @returns {Change | null} */
function changeOf(text) {
  const found = /^(\d{4}-\d\d-\d\d)?(?:@((?:[01]\d|2[0-3]):[0-5]\d)?)?(?:h([\d.]+)?)?(?:to(\d{4}-\d\d-\d\d))?$/.exec(text);
  if (!found) return null;
  /** @type {Change} */
  const change = {};
  if (found[1] && isDate(found[1])) change.date = found[1];
  if (text.includes("@")) change.start = found[2] ?? null;
  if (text.includes("h")) change.hours = Number(found[3]) > 0 ? Number(found[3]) : null;
  if (found[4] && isDate(found[4])) change.until = found[4];
  return change;
}

/** @param {URLSearchParams} q @returns {Edits} */
function editsOf(q) {
  /** @type {Record<string, Change>} */
  const changed = {};
  for (const line of q.getAll("set")) {
    const [id, text = ""] = line.split("~");
    const change = changeOf(text);
    if (change && /^[a-z]+-\d+$/.test(id)) changed[id] = change;
  }
  const added = q.getAll("add").flatMap((line, k) => addedOf(line, `own-${k + 1}`) ?? []);
  return { changed, removed: (q.get("drop") ?? "").split(",").filter((id) => /^[a-z]+-\d+$/.test(id)), added };
}

/** @param {URLSearchParams} q @param {Person} person */
function addPerson(q, person) {
  if (person.dates) q.set("dates", person.dates.join(","));
  else q.set("start", person.start);
  if (person.code) q.set("code", person.code);
  for (const [id, change] of Object.entries(person.edits.changed)) q.append("set", `${id}~${changeText(change)}`);
  if (person.edits.removed.length) q.set("drop", person.edits.removed.join(","));
  for (const item of person.edits.added) q.append("add", addedText(item));
  q.set("plan", person.own);
}

/** @param {State} state @returns {URLSearchParams} */
function choiceText({ choice, rhythm, at_once }) {
  const q = new URLSearchParams({
    medicine: choice.medicine,
    dose: String(choice.dose),
    for: choice.condition,
    preparation: String(choice.preparation),
    integration: String(choice.integration),
    hours: String(choice.integration_hours),
    practice: String(choice.practice_hours_per_week),
    weeks: String(choice.practice_weeks),
  });
  if (rhythm.weekdays.length) q.set("on", rhythm.weekdays.map((day) => DAYS[day]).join(","));
  if (rhythm.every_weeks !== 1) q.set("every", String(rhythm.every_weeks));
  if (rhythm.times !== 1) q.set("times", String(rhythm.times));
  if (choice.start) q.set("time", choice.start);
  if (choice.group !== "none") {
    q.set("group", choice.group);
    q.set("groupsize", String(choice.group_size));
  }
  if (choice.group_weekday !== null) q.set("groupday", DAYS[choice.group_weekday]);
  if (choice.group_start) q.set("grouptime", choice.group_start);
  if (!choice.weekday_only) q.set("weekdays", "0");
  if (at_once !== 1) q.set("team", String(at_once));
  q.set("country", choice.country || NOBODY);
  if (choice.region) q.set("region", choice.region);
  return q;
}

/** @param {URLSearchParams} q */
const readable = (q) => q.toString().replaceAll("%2C", ",").replaceAll("%7E", "~").replaceAll("%3A", ":").replaceAll("%40", "@");

/** @param {State} state */
export function planAddress(state) {
  const q = choiceText(state);
  addPerson(q, state.people[0]);
  for (const person of state.people.slice(1)) {
    const own = new URLSearchParams();
    addPerson(own, person);
    q.append("with", readable(own));
  }
  if (state.shown) q.set("show", String(state.shown + 1));
  return readable(q);
}

/** A plan without people: what a template keeps. @param {State} state */
export const templateAddress = (state) => readable(choiceText(state));

const KEPT = "afterglow-plan";

/** Keep a plan's address until this tab is closed. @param {string} search */
export const keepPlan = (search) => sessionStorage.setItem(KEPT, search);

/** The address of the plan that this tab last had; empty where it had none. @returns {string} */
export const planKept = () => sessionStorage.getItem(KEPT) ?? "";

/** What the server is asked for one person. @param {State} state @param {Person} person @returns {PlanRequest} */
export function requestOf({ choice, rhythm, people }, person) {
  const dosings = person.dates ? { dates: person.dates, pattern: null } : { dates: [], pattern: { start: person.start, ...rhythm } };
  return { ...choice, ...dosings, group_size: people.length > 1 ? people.length : choice.group_size };
}

/** A plan that begins on another day; what was changed by hand moves along. @param {Person} person @param {string} start @returns {Person} */
export function begun(person, start) {
  const by = Math.round((Date.parse(start) - Date.parse(person.start)) / 86_400_000);
  const moved = (/** @type {Change} */ change) => ({
    ...change,
    ...(change.date ? { date: later(change.date, by) } : {}),
    ...(change.until ? { until: later(change.until, by) } : {}),
  });
  const { changed, removed, added } = person.edits;
  return {
    ...person,
    start,
    dates: person.dates && person.dates.map((date) => later(date, by)),
    edits: {
      changed: Object.fromEntries(Object.entries(changed).map(([id, change]) => [id, moved(change)])),
      removed,
      added: added.map((item) => ({ ...item, date: later(item.date, by), until: item.until && later(item.until, by) })),
    },
  };
}
