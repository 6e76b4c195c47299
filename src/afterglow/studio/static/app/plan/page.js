// @ts-check
/** Plan: a course on a calendar, for one person or several, edited by hand and taken away. Nothing of it is kept. */
import { download, get, post, useBack } from "../api.js";
import { dateText, today } from "../dates.js";
import { Tick } from "../fields.js";
import { html, once, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { fieldText } from "../numbers.js";
import { edited, keepPlan, madeByHand, NO_EDITS, planAddress, planOf, requestOf, unread } from "../planned/address.js";
import { designOf, itemsOf } from "../planned/items.js";
import { addressOf } from "../state.js";
import { useUndo } from "../undo.js";
import { BestDays } from "./best_day.js";
import { changedItem, freshId, inWindow, nextDate, without } from "./items.js";
import { MonthKey, Months } from "./months.js";
import { People } from "./people.js";
import { Rows } from "./rows.js";
import { PlanSentence } from "./sentence.js";
import { PersonSheet, printSheet, TeamSheet } from "./sheets.js";
import { Conflicts, Group, LaidNotes, PlanCautions, useConflicts } from "./team.js";

/** @typedef {import("../shapes").Plan} PlanAnswer */
/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").PlanRequest} PlanRequest */
/** @typedef {import("../shapes").Checked} Checked */
/** @typedef {import("../shapes").Choices} Choices */
/** @typedef {import("../shapes").Country} Country */
/** @typedef {import("../planned/address.js").State} State */
/** @typedef {import("../planned/address.js").Person} Person */
/** @typedef {import("./team.js").Laid} Laid */

const ASK_AFTER_MS = 150;
const MOST_KEPT = 40;
const CLOCK = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
/** @type {Checked} */
const NOTHING = { ssri: false, medications: [], history: [] };

/** @param {{choices: Choices, onOpen: (to: string) => void}} props */
export function Plan({ choices, onOpen }) {
  const [state, setState] = useState(() => planOf(location.search, choices));
  const undo = useUndo(state, setState);
  const [checked, setChecked] = useState(/** @type {Record<string, Checked>} */ ({}));
  const [selected, setSelected] = useState("");
  const [problem, setProblem] = useState(() => unread(location.search, choices));
  const [said, setSaid] = useState("");
  const countries = useCountries();
  const known = useMemo(() => withKnownCountry(state, countries), [state, countries]);
  const { plans, error } = usePlans(known, checked, countries !== null);
  const person = known.people[known.shown];
  useLayoutEffect(() => {
    if (location.pathname !== "/plan") return;
    history.replaceState(null, "", `/plan?${planAddress(known)}`);
    keepPlan(location.search);
  }, [known]);

  const medicine = choices.medicines.find((m) => m.id === known.choice.medicine) ?? choices.medicines[0];
  const route = medicine.ways[0]?.id ?? "";
  const laid = useMemo(() => {
    /** @type {Laid[]} */
    const all = [];
    for (const p of known.people) {
      const plan = plans[p.own];
      if (plan) all.push({ code: p.code, own: p.own, plan, items: itemsOf(plan, p.edits, route, known.choice), dates: plan.dates });
    }
    return all;
  }, [plans, known, route]);
  const { conflicts, refused } = useConflicts(known, laid.length === known.people.length ? laid : []);
  const one = laid.find((l) => l.own === person.own);

  /** @param {Person} next */
  const setPerson = (next) => setState({ ...known, people: known.people.map((p, k) => (k === known.shown ? next : p)) });
  /** @param {PlanItem} item @param {import("../planned/address.js").Change} part */
  const change = (item, part) => {
    if (!one) return;
    setPerson(changedItem(person, item, part, one.dates));
    if (part.date) setSaid(`${item.title} is on ${dateText(part.date)}.`);
  };
  /** @param {string} date */
  const add = (date) => {
    const id = freshId(person.edits);
    setPerson({ ...person, edits: { ...person.edits, added: [...person.edits.added, madeByHand(id, date)] } });
    setSelected(id);
    setSaid(`A meeting on ${dateText(date)} was added.`);
  };
  /** @param {PlanItem} item */
  const drop = (item) => {
    if (!one) return;
    setSelected("");
    setPerson(without(person, item, one.dates));
    setSaid(`${item.title} was removed.`);
  };
  /** @param {PlanItem} item @param {string} date */
  const move = (item, date) => {
    if (!one || (item.kind === "dosing" && one.dates.includes(date))) return;
    change(item, { date });
  };
  /** @param {() => Promise<unknown>} work */
  const guarded = async (work) => {
    try {
      await work();
      setProblem("");
    } catch (refusal) {
      setProblem(/** @type {Error} */ (refusal).message);
    }
  };
  /** @param {Laid} which */
  const taken = (which) => ({ items: which.items.map(forCalendar), dates: which.dates, plan: which.own, code: which.code });
  const place = (/** @type {string} */ name, /** @type {string} */ ending) => `${name}${person.code ? `-${person.code}` : ""}.${ending}`;
  const calendar = () => one && guarded(() => download("/api/plan/calendar", taken(one), place("integration-plan", "ics")));
  const team = () => guarded(() => download("/api/plan/calendar/team", { plans: laid.map(taken) }, "team-plan.ics"));
  const care = () => one && guarded(() => download("/api/plan/care-plan", { ...taken(one), zone: CLOCK }, place("care-plan", "json")));
  const design = useMemo(() => one && designOf(one.plan, one.items, person.edits, known.choice.integration_hours), [one, person]);
  const flags = useMemo(() => flagsOf(conflicts, known.shown), [conflicts, known.shown]);
  const wrong = problem || error;
  const several = known.people.length > 1;
  const dosings = person.dates ?? (one?.dates[0] === person.start ? one.dates : [person.start]);
  const past = dosings[0] < today();
  const given = `${medicine.label.split(",")[0]}, ${fieldText(known.choice.dose)} ${medicine.unit}${one ? `; dosing on ${one.dates.map((d) => dateText(d)).join("; ")}` : ""}.`;
  return html`<main id="main" class="planning" tabindex="-1">
    <div class="no-print">
      <div class="opening">
        <div>
          <h1>Plan the course, and the work after it</h1>
          <${People} choices=${choices} state=${known} onChange=${(/** @type {State} */ next) => { setSelected(""); setState(next); }} />
          <${PlanSentence} state=${known} dates=${one?.dates ?? []} choices=${choices} countries=${countries ?? []} onChange=${setState} />
        </div>
        <${Answer} one=${one} choices=${choices} />
      </div>
      <p class="visually-hidden" role="status">${said}</p>
      ${wrong && html`<p class="warn" role="alert">${wrong}</p>`}
      ${past && html`<p class="note" role="status" data-testid="past">${dosings[dosings.length - 1] < today() ? "All dosings lie in the past" : "The first dosing lies in the past"}: ${dateText(dosings[0])}.</p>`}
      ${one && html`<${LaidNotes} plan=${one.plan} />`}
      <div class="tools-line no-print">
        <button type="button" class="quiet" disabled=${!undo.can} onClick=${undo.undo}>Undo</button>
        <button type="button" class="quiet" disabled=${!undo.canRedo} onClick=${undo.redo}>Redo</button>
        ${edited(person.edits) && html`<button type="button" class="quiet" onClick=${() => { setSelected(""); setPerson({ ...person, edits: NO_EDITS }); }}>Without my changes</button>`}
        <button type="button" class="quiet" onClick=${() => onOpen("/plan")}>New plan</button>
        <span class="hint">Click a day: it opens what is there, moves what is open, or adds a meeting. Entries can be dragged.</span>
      </div>
    </div>
    ${one && html`<div class=${`laid no-print ${error ? "stale" : ""}`} aria-busy=${Boolean(error)}>
      <div>
        <section class="card" aria-label="Calendar">
          <${Months} plan=${one.plan} items=${one.items} selected=${selected} onSelect=${setSelected} onMove=${move} onAdd=${add} />
          <${MonthKey} plan=${one.plan} items=${one.items} />
        </section>
        <${Conflicts} conflicts=${conflicts} refused=${refused} laid=${laid} atOnce=${known.at_once} onAtOnce=${(/** @type {number} */ at_once) => setState({ ...known, at_once })}
          onOpen=${(/** @type {number} */ k, /** @type {string} */ id) => { setState({ ...known, shown: k }); setSelected(id); }} />
        <${Group} state=${known} laid=${laid} />
      </div>
      <section class="card" aria-label="Entries">
        <${Rows} items=${one.items} dates=${one.dates} selected=${selected} onSelect=${setSelected} onChange=${change} onRemove=${drop} flags=${flags} />
        <div class="buttons"><button type="button" onClick=${once(() => add(nextDate(one.items, one.dates[0])))}>Add a meeting</button></div>
        <div class="buttons last">
          <button type="button" class="main" onClick=${calendar}>Calendar file, .ics</button>
          ${several && html`<button type="button" onClick=${team}>Team's calendar</button>`}
          <button type="button" onClick=${() => printSheet("person")}>Print for the person</button>
          <button type="button" onClick=${() => printSheet("team")}>Print for the team</button>
          <button type="button" onClick=${care}>CarePlan, FHIR</button>
          ${design && html`<a class="button" href=${`/explore?${addressOf(design)}`} onClick=${(/** @type {MouseEvent} */ e) => inPlace(e, () => onOpen(`/explore?${addressOf(design)}`))}>Open in Explore</a>
            <a class="button" href="/follow?from=plan" onClick=${(/** @type {MouseEvent} */ e) => inPlace(e, () => onOpen("/follow?from=plan"))}>Follow one person</a>`}
        </div>
        <p class="source">No names and no health data are asked for. What you choose is in the address of this page, and until this tab is closed in this tab, so that you come back to it.</p>
      </section>
    </div>`}
    ${one && design && html`<div class="beneath no-print">
      <${BestDays} design=${design} hours=${known.choice.integration_hours} first=${one.dates[0]} ready=${laid.length === known.people.length} onAdd=${add} />
      <div>
        <${PlanCautions} plan=${one.plan} />
        <section class="card"><${Check} checked=${checked[person.own] ?? NOTHING} onChange=${(/** @type {Checked} */ next) => setChecked({ ...checked, [person.own]: next })} />
          ${checked[person.own]?.ssri && html`<p class="hint">Explore opens without the SSRI: what is taken goes into no address.</p>`}</section>
      </div>
    </div>`}
    ${one && html`<${PersonSheet} one=${one} /><${TeamSheet} laid=${laid} given=${given} conflicts=${conflicts} />`}
  </main>`;
}

/** @param {MouseEvent} event @param {() => void} act */
function inPlace(event, act) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  act();
}

/** In a calendar a dosing is a dosing day, however it is given. @param {PlanItem} item @returns {PlanItem} */
const forCalendar = (item) => (item.kind === "dosing" ? { ...item, title: item.title.replace("Infusion", "Dosing day") } : item);

/** @param {import("../shapes").Conflict[]} conflicts @param {number} shown */
function flagsOf(conflicts, shown) {
  /** @type {Record<string, string[]>} */
  const flags = {};
  for (const conflict of conflicts) {
    for (const entry of conflict.entries) if (entry.person === shown) (flags[entry.id] ??= []).push(conflict.sentence);
  }
  return flags;
}

/** Countries whose holidays are known; null until they are there. @returns {Country[] | null} */
function useCountries() {
  const [found, setFound] = useState(/** @type {Country[] | null} */ (null));
  const back = useBack();
  useEffect(() => {
    // While nobody answers, no country is known to be unknown: it stays as it was chosen.
    get("/api/plan/countries").then(setFound, (problem) => problem.status && setFound([]));
  }, [back]);
  return found;
}

/** A country or region that nobody knows the holidays of counts as none. @param {State} state @param {Country[] | null} countries @returns {State} */
function withKnownCountry(state, countries) {
  const { country, region } = state.choice;
  if (!countries || !country) return state;
  const own = countries.find((c) => c.id === country);
  if (!own) return { ...state, choice: { ...state.choice, country: "", region: "" } };
  return region && !own.regions.some((r) => r.id === region) ? { ...state, choice: { ...state.choice, region: "" } } : state;
}

/**
 * The plan of each person, asked anew when what is asked has changed; by the person's own name.
 * @param {State} state @param {Record<string, Checked>} checked @param {boolean} ready
 */
function usePlans(state, checked, ready) {
  const [found, setFound] = useState(/** @type {Record<string, PlanAnswer>} */ ({}));
  const [plans, setPlans] = useState(/** @type {Record<string, PlanAnswer>} */ ({}));
  const [error, setError] = useState("");
  const asked = state.people.map((p) => ({ own: p.own, key: JSON.stringify({ ...requestOf(state, p), ...(checked[p.own] ?? NOTHING) }) }));
  const turn = useRef(0);
  const key = JSON.stringify(asked);
  const back = useBack();
  useEffect(() => {
    if (!ready) return undefined;
    const own = (turn.current += 1);
    const first = asked[state.shown];
    const answered = () => {
      document.documentElement.dataset.ready = "true";
    };
    const timer = setTimeout(async () => {
      const known = { ...found };
      try {
        for (const one of [first, ...asked.filter((a) => a !== first)]) {
          known[one.key] ??= await post("/api/plan", JSON.parse(one.key));
          if (own !== turn.current) return;
          setPlans((now) => ({ ...now, [one.own]: known[one.key] }));
        }
        setFound(Object.fromEntries(Object.entries(known).slice(-MOST_KEPT)));
        setError("");
      } catch (problem) {
        if (own === turn.current) setError(/** @type {Error} */ (problem).message);
      }
      answered();
    }, Object.keys(plans).length ? ASK_AFTER_MS : 0);
    return () => clearTimeout(timer);
  }, [key, ready, back]);
  return { plans, error };
}

/** How many meetings lie in the open window. @param {{one: Laid | undefined, choices: Choices}} props */
function Answer({ one, choices }) {
  if (!one) return html`<div class="answer" aria-busy="true"><p class="big">…</p><p>The plan is laid.</p></div>`;
  const { all, count, low, high } = inWindow(one.items, one.plan.windows);
  const last = one.items.reduce((end, i) => ((i.until ?? i.date) > end ? (i.until ?? i.date) : end), one.dates[0]);
  const weight = choices.rivals.find((r) => r.id === "window")?.weight;
  return html`<div class="answer">
    <p class="big" data-testid="big-number">${all ? `${count}/${all}` : "0"}</p>
    <div>
      <p class="what">${all ? `integration ${all === 1 ? "meeting" : "meetings"} in the open window` : "no integration meeting"}</p>
      ${all > 0 && html`<p class="range" data-testid="big-interval">${one.plan.windows.length ? `nine of ten people: ${low === high ? low : `${low} to ${high}`} of ${all}` : "the dose opens no window in most people"}</p>`}
      <p class="verdict">${dateText(one.items[0].date)} to ${dateText(last)}.${weight === undefined ? "" : ` That a window matters is one explanation of four, weight ${Math.round(100 * weight)} %.`}</p>
    </div>
  </div>`;
}

/** @param {{checked: Checked, onChange: (c: Checked) => void}} props */
function Check({ checked, onChange }) {
  const [words, setWords] = useState(/** @type {import("../shapes").PlanWord[]} */ ([]));
  useEffect(() => {
    get("/api/plan/words").then(setWords, () => setWords([]));
  }, []);
  const part = (/** @type {"medications" | "history"} */ name, /** @type {string} */ title, /** @type {string} */ kind) => {
    const own = words.filter((w) => w.kind === kind);
    if (!own.length) return null;
    return html`<fieldset><legend>${title}</legend>${own.map(
      ({ id, label }) => html`<${Tick} label=${label} value=${checked[name].includes(id)}
        onChange=${(/** @type {boolean} */ on) => onChange({ ...checked, [name]: on ? [...checked[name], id] : checked[name].filter((x) => x !== id) })} />`,
    )}</fieldset>`;
  };
  return html`<details><summary>Check interactions</summary>
    <p class="source">Sent for the check, kept nowhere, not in the address.</p>
    <${Tick} label="An SSRI is taken" value=${checked.ssri} onChange=${(/** @type {boolean} */ ssri) => onChange({ ...checked, ssri })} />
    ${part("medications", "Medicines taken", "medication")} ${part("history", "History", "history")}
  </details>`;
}
