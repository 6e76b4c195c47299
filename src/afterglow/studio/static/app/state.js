// @ts-check
/** A design as a short, readable address, and back. What is usual is left out. */
import { evenly, everyDays } from "./design.js";

/** @typedef {import("./shapes").Design} Design */
/** @typedef {import("./shapes").ArmDesign} ArmDesign */
/** @typedef {import("./shapes").PlannedSession} PlannedSession */

const CONDITIONS = /** @type {Record<string, string>} */ ({
  trd: "treatment_resistant_depression",
  mdd: "major_depression",
  ptsd: "ptsd",
  anxiety: "anxiety",
  cancer: "cancer_distress",
});
const KINDS = /** @type {Record<string, string>} */ ({
  p: "preparation",
  i: "integration",
  t: "psychotherapy",
  x: "training",
  e: "education",
});
const FORMATS = /** @type {Record<string, string>} */ ({ g: "group", d: "digital" });
const TASKS = /** @type {Record<string, string>} */ ({ n: "insights", s: "steps", k: "practice" });

const MOST_DOSINGS = 24;
const MOST_ARMS = 8;
/** Virtual people where an address names no number. */
export const USUAL_PEOPLE = 256;
/** All explanations by their weights: what an address means that names none. */
export const WEIGHTED = "weighted";

/** @param {Record<string, string>} table @param {string} value */
const keyOf = (table, value) => Object.keys(table).find((key) => table[key] === value) ?? "";

/** @param {number} value */
const short = (value) => String(Math.round(value * 1000) / 1000);

/** @param {PlannedSession} s */
function sessionText(s) {
  const tasks = s.kind === "integration" && s.tasks.length < 3 ? "_" + s.tasks.map((t) => keyOf(TASKS, t)).join("") : "";
  return `${keyOf(KINDS, s.kind)}${short(s.day)}h${short(s.hours)}${keyOf(FORMATS, s.format)}${tasks}`;
}

/** @param {string} text @returns {PlannedSession | null} */
function sessionOf(text) {
  const found = /^([pitxe])(-?[\d.]+)h([\d.]+)([gd]?)(?:_([nsk]+))?$/.exec(text);
  if (!found) return null;
  const tasks = found[5] ? [...found[5]].map((t) => TASKS[t]) : Object.values(TASKS);
  return /** @type {PlannedSession} */ ({
    day: Number(found[2]),
    kind: KINDS[found[1]],
    hours: Number(found[3]),
    format: FORMATS[found[4]] ?? "individual",
    tasks,
  });
}

/** Dosing days: `3x28` where they are evenly spaced, else each of them. @param {number[]} days */
function daysText(days) {
  const every = everyDays(days);
  if (days.length > 1 && every === null) return days.map(short).join(",");
  return `${days.length}x${short(every ?? 28)}`;
}

/** @param {string} text @returns {number[] | null} */
function daysOf(text) {
  const even = /^(\d+)x([\d.]+)$/.exec(text);
  if (even) return evenly(Math.min(Number(even[1]), MOST_DOSINGS), Number(even[2]));
  const days = text.split(",").map(Number);
  return days.length > 1 && days.every((day) => Number.isFinite(day)) ? days.slice(0, MOST_DOSINGS) : null;
}

/** @param {ArmDesign} arm */
function armText(arm) {
  const group = arm.group_size > 1
    ? `g${arm.group_size}${arm.group_dosing ? "d" : ""}${arm.group_integration ? "i" : ""}${arm.community ? "c" : ""}`
    : "";
  const parts = [
    arm.route ? `${arm.medicine}.${arm.route}` : arm.medicine,
    short(arm.dose),
    daysText(arm.dosing_days),
    arm.sessions.map(sessionText).join(","),
    arm.practice.map((p) => `${short(p.from_day)}to${short(p.to_day)}h${short(p.hours_per_week)}`).join(","),
    group,
    arm.adherence === 0.6 ? "" : short(arm.adherence),
    arm.label,
  ];
  while (parts.length && parts[parts.length - 1] === "") parts.pop();
  return parts.join("~");
}

/**
 * @param {string} text @param {number} k its place, from 1 @param {string[]} wrong takes a sentence for each part that cannot be read
 * @returns {ArmDesign | null}
 */
function armOf(text, k, wrong) {
  const [given, dose, days = "", sessions = "", practice = "", group = "", adherence = "", ...label] = text.split("~");
  const dosing_days = daysOf(days);
  if (!dosing_days || !given || !Number.isFinite(Number(dose || NaN))) {
    wrong.push(`Arm ${k}, “${text.slice(0, 60)}”, is left out: ${!given ? "it names no medicine" : dosing_days ? `its dose, “${dose ?? ""}”, is no number` : days ? `its dosing days, “${days.slice(0, 40)}”, cannot be read` : "its dosing days are missing"}.`);
    return null;
  }
  const [medicine, route = ""] = given.split(".");
  /** @template T @param {string} said @param {(part: string) => T | null} read @param {string} what @returns {T[]} */
  const each = (said, read, what) =>
    said.split(",").filter(Boolean).flatMap((part) => {
      const found = read(part);
      if (found === null) wrong.push(`${what} of arm ${k}, “${part.slice(0, 40)}”, cannot be read and is left out.`);
      return found === null ? [] : [found];
    });
  const asked = each(practice, (p) => /^(-?[\d.]+)to(-?[\d.]+)h([\d.]+)$/.exec(p), "Practice");
  const meetings = each(sessions, sessionOf, "A session");
  const size = /^g(\d+)(d?)(i?)(c?)$/.exec(group);
  if (group && !size) wrong.push(`The group of arm ${k}, “${group.slice(0, 40)}”, cannot be read; nobody shares a group.`);
  const count = /^(\d+)x/.exec(days);
  if (Number(count?.[1] ?? days.split(",").length) > MOST_DOSINGS) wrong.push(`Arm ${k} has more than ${MOST_DOSINGS} dosings; the first ${MOST_DOSINGS} are shown.`);
  if (adherence !== "" && !Number.isFinite(Number(adherence))) wrong.push(`The share of practice done of arm ${k}, “${adherence.slice(0, 40)}”, is no number; it is 60 %.`);
  if (label.join("~").length > 80) wrong.push(`The name of arm ${k} is cut after 80 characters.`);
  return /** @type {ArmDesign} */ ({
    label: label.join("~").slice(0, 80),
    medicine,
    route,
    dose: Number(dose),
    dosing_days,
    sessions: meetings,
    practice: asked.map((p) => ({ from_day: Number(p[1]), to_day: Number(p[2]), hours_per_week: Number(p[3]) })),
    group_size: size ? Number(size[1]) : 1,
    group_dosing: Boolean(size?.[2]),
    group_integration: Boolean(size?.[3]),
    community: Boolean(size?.[4]),
    adherence: adherence === "" || !Number.isFinite(Number(adherence)) ? 0.6 : Number(adherence),
  });
}

/** @param {Design} design @returns {string} */
export function addressOf(design) {
  const query = new URLSearchParams();
  query.set("for", keyOf(CONDITIONS, design.condition));
  if (design.scale) query.set("scale", design.scale);
  if (design.baseline_mean !== null) query.set("baseline", short(design.baseline_mean));
  if (design.horizon_days !== 182) query.set("days", short(design.horizon_days));
  if (design.blinded) query.set("blinded", "1");
  if (design.ssri) query.set("ssri", "1");
  if (design.rival !== WEIGHTED) query.set("rival", design.rival);
  if (design.participants !== USUAL_PEOPLE) query.set("people", short(design.participants));
  if (design.seed !== 1) query.set("seed", String(design.seed));
  for (const arm of design.arms) query.append("arm", armText(arm));
  return query.toString().replaceAll("%7E", "~").replaceAll("%2C", ",");
}

const NUMBERS = /** @type {Record<string, string>} */ ({
  baseline: "The score at the start",
  days: "The number of days followed",
  people: "The number of people in each arm",
  seed: "The seed",
  at: "The day looked at",
  on: "The first day compared",
  then: "The second day compared",
  of: "The arm that is compared",
  against: "The arm that it is compared with",
});

/** @param {string} search @returns {Design | null} null where it holds no design */
export const designOf = (search) => readDesign(search).design;

/**
 * A design from an address, and a sentence for each part of the address that could not be read.
 * @param {string} search @returns {{design: Design | null, wrong: string[]}} no design where it holds none
 */
export function readDesign(search) {
  const query = new URLSearchParams(search);
  /** @type {string[]} */
  const wrong = [];
  const named = query.getAll("arm");
  if (named.length > MOST_ARMS) wrong.push(`The link names ${named.length} arms; the first ${MOST_ARMS} are shown.`);
  const arms = named.slice(0, MOST_ARMS).map((text, k) => armOf(text, k + 1, wrong)).filter((arm) => arm !== null);
  const number = (/** @type {string} */ key, /** @type {number | null} */ usual) => {
    const text = query.get(key);
    if (text === null) return usual;
    if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
    wrong.push(`${NUMBERS[key]}, “${text.slice(0, 40)}”, is no number; ${usual === null ? "the usual one" : usual} is taken.`);
    return usual;
  };
  const condition = query.get("for");
  if (condition !== null && !CONDITIONS[condition]) wrong.push(`The condition “${condition.slice(0, 40)}” is not known; it is resistant depression. Known: ${Object.keys(CONDITIONS).join(", ")}.`);
  const found = {
    condition: CONDITIONS[condition ?? ""] ?? CONDITIONS.trd,
    scale: query.get("scale") ?? "",
    baseline_mean: number("baseline", null),
    horizon_days: number("days", 182),
    blinded: query.get("blinded") === "1",
    ssri: query.get("ssri") === "1",
    rival: query.get("rival") ?? WEIGHTED,
    participants: number("people", USUAL_PEOPLE),
    seed: number("seed", 1),
    arms,
  };
  for (const key of ["at", "on", "then"]) number(key, null);
  for (const key of ["of", "against"]) {
    const place = number(key, null);
    if (arms.length && place !== null && !(Number.isInteger(place) && place >= 1 && place <= Math.max(2, arms.length))) {
      wrong.push(`${NUMBERS[key]}, ${place}, is none of the ${arms.length} in the link; the usual one is taken.`);
    }
  }
  for (const [key, what] of [["blinded", "Blinding"], ["ssri", "The SSRI"]]) {
    const text = query.get(key);
    if (text !== null && text !== "0" && text !== "1") wrong.push(`${what}, “${text.slice(0, 40)}”, is neither 0 nor 1; it is 0.`);
  }
  return { design: arms.length ? /** @type {Design} */ (found) : null, wrong };
}

/** Where a picture is looked at: the day under the cursor, and whether the whole course is shown. @param {string} search */
export function lookOf(search) {
  const query = new URLSearchParams(search);
  const at = Number(query.get("at") ?? 1);
  return { at: Number.isFinite(at) ? at : 1, whole: query.get("view") !== "weeks" };
}

/** @param {{at: number, whole: boolean}} look */
export const lookText = (look) => `${look.at === 1 ? "" : `&at=${short(Math.round(look.at * 10) / 10)}`}${look.whole ? "" : "&view=weeks"}`;

/** @typedef {{arm: number, versus: number, at: number, then: number}} Pairing places of the arms compared, and the two days */
/** @typedef {{sizes: number[], analysis: string, looks: string, dropout: number, alpha: number, trials: number, people: number}} TrialPlan */

/** Which two arms are compared, by place, and on which two days; the first with the last where nothing is said. @param {string} search @returns {Pairing} */
export function pairingOf(search) {
  const query = new URLSearchParams(search);
  const number = (/** @type {string} */ key, /** @type {number} */ usual) => {
    const found = Number(query.get(key) ?? usual);
    return Number.isFinite(found) ? found : usual;
  };
  return { arm: number("of", 1) - 1, versus: number("against", 0) - 1, at: number("on", 42), then: number("then", 84) };
}

/** The places of arms that are there, and the days. @param {Pairing} pairing @param {Design} design */
export const pairingText = ({ arm, versus, at, then }, { arms }) =>
  `${arm > 0 && arm < arms.length ? `&of=${arm + 1}` : ""}${versus >= 0 && versus < arms.length ? `&against=${versus + 1}` : ""}${at === 42 ? "" : `&on=${short(at)}`}${then === 84 ? "" : `&then=${short(then)}`}`;

/** @type {TrialPlan} */
const USUAL_TRIAL = { sizes: [20, 40, 80, 120, 200, 300], analysis: "mmrm", looks: "none", dropout: 0.1, alpha: 0.025, trials: 400, people: 512 };
const ANALYSES = ["mmrm", "ancova", "responders"];
const LOOKS = ["none", "half", "thirds", "pocock"];

/** What the keys of an address are for, by page; a page of a design takes those of its neighbours along. */
const OF_DESIGN = ["for", "scale", "baseline", "days", "blinded", "ssri", "rival", "people", "seed", "arm", "at", "view", "of", "against", "on", "then", "sizes", "analysis", "looks", "dropout", "alpha", "trials", "bank", "job"];
const KEYS = /** @type {Record<string, string[]>} */ ({
  explore: OF_DESIGN,
  compare: OF_DESIGN,
  design: OF_DESIGN,
  follow: [...OF_DESIGN, "from"],
  teach: ["with", "step"],
  plan: [
    "medicine", "dose", "for", "preparation", "integration", "hours", "practice", "weeks", "on", "every", "times", "time", "group", "groupday", "grouptime", "groupsize",
    "weekdays", "team", "country", "region", "dates", "start", "code", "set", "drop", "add", "plan", "with", "show",
  ],
  evidence: ["part", "study"],
});

/** What an address holds that no version of its page knows, as a sentence; empty where there is none. @param {string} page @param {string} search */
export function strangeKeys(page, search) {
  const known = KEYS[page] ?? [];
  const strange = [...new Set(new URLSearchParams(search).keys())].filter((key) => !known.includes(key)).map((key) => `“${key.slice(0, 40)}”`);
  if (!strange.length) return "";
  const named = strange.length > 4 ? [...strange.slice(0, 3), `${strange.length - 3} more`] : strange;
  const listed = named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named[named.length - 1]}` : named[0];
  return `This link holds ${listed}, which this studio does not know; ${strange.length > 1 ? "they were" : "it was"} left out.`;
}

/** The trial that an address asks for; what it cannot be is the usual. @param {string} search @returns {TrialPlan} */
export const trialOf = (search) => readTrial(search).plan;

const TRIAL_WORDS = /** @type {Record<string, string>} */ ({
  sizes: "The sizes of the trial",
  analysis: "The analysis",
  looks: "The looks",
  dropout: "The share who are lost",
  alpha: "The level",
  trials: "The number of trials",
  bank: "The number of people to draw from",
});

/** The trial of an address, and a sentence for each part of it that could not be read. @param {string} search @returns {{plan: TrialPlan, wrong: string[]}} */
export function readTrial(search) {
  const plan = trialAsked(search);
  const said = new URLSearchParams(search);
  const taken = /** @type {Record<string, string | number>} */ ({ ...plan, sizes: plan.sizes.join(","), bank: plan.people });
  const wrong = Object.keys(TRIAL_WORDS).flatMap((key) => {
    const text = said.get(key);
    const rising = (text ?? "").split(",").map(Number).sort((a, b) => a - b).join(",");
    if (text === null || (key === "sizes" && rising === taken.sizes) || text === String(taken[key]) || (text.trim() !== "" && Number(text) === taken[key])) return [];
    return [`${TRIAL_WORDS[key]}, “${text.slice(0, 40)}”, cannot be taken as written; ${taken[key]} is taken.`];
  });
  return { plan, wrong };
}

/** @param {string} search @returns {TrialPlan} */
function trialAsked(search) {
  const query = new URLSearchParams(search);
  const usual = USUAL_TRIAL;
  const number = (/** @type {string} */ key, /** @type {number} */ or, /** @type {number} */ low, /** @type {number} */ high) => {
    const found = Number(query.get(key) ?? or);
    return found >= low && found <= high ? found : or;
  };
  const word = (/** @type {string} */ key, /** @type {string[]} */ known, /** @type {string} */ or) => (known.includes(query.get(key) ?? "") ? String(query.get(key)) : or);
  const sizes = [...new Set((query.get("sizes") ?? "").split(",").map(Number))].filter((n) => Number.isInteger(n) && n >= 4 && n <= 1000).sort((a, b) => a - b);
  return {
    sizes: sizes.length ? sizes.slice(0, 10) : usual.sizes,
    analysis: word("analysis", ANALYSES, usual.analysis),
    looks: word("looks", LOOKS, usual.looks),
    dropout: number("dropout", usual.dropout, 0, 0.6),
    alpha: query.get("alpha") === "0.05" ? 0.05 : usual.alpha,
    trials: Math.round(number("trials", usual.trials, 50, 10_000)),
    people: Math.round(number("bank", usual.people, 32, 4096)),
  };
}

/** @param {TrialPlan} plan */
export function trialText(plan) {
  const usual = USUAL_TRIAL;
  const said = (/** @type {string} */ key, /** @type {string | number} */ value, /** @type {string | number} */ or) => (value === or ? "" : `&${key}=${value}`);
  return (
    said("sizes", plan.sizes.join(","), usual.sizes.join(",")) + said("analysis", plan.analysis, usual.analysis) + said("looks", plan.looks, usual.looks) +
    said("dropout", short(plan.dropout), short(usual.dropout)) + said("alpha", plan.alpha, usual.alpha) + said("trials", plan.trials, usual.trials) + said("bank", plan.people, usual.people)
  );
}
