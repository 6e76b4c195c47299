// @ts-check
/** Plan: dates instead of days; editable, as a calendar file, and on one printed page. Nothing of it is kept. */
import { download, get, post } from "./api.js";
import { tidy } from "./numbers.js";
import { dateText, dayNumber, daysFrom, later, monthsBetween } from "./dates.js";
import { Choice, Numeric, Slider, Tick } from "./fields.js";
import { html, useEffect, useMemo, useRef, useState, useWidth } from "./html.js";
import { edited, editsOf, madeByHand, NO_EDITS, planAddress, planOf, requestOf } from "./plan_address.js";
import { addressOf } from "./state.js";
import { inWords, Sources } from "./words.js";

/** @typedef {import("./shapes").Plan} PlanAnswer */
/** @typedef {import("./shapes").PlanItem} PlanItem */
/** @typedef {import("./shapes").PlanRequest} PlanRequest */
/** @typedef {import("./shapes").Checked} Checked */
/** @typedef {import("./shapes").Choices} Choices */
/** @typedef {import("./plan_address.js").Edits} Edits */

const GROUPS = [
  { id: "none", label: "No group" },
  { id: "integration", label: "Integration in a group" },
  { id: "community", label: "Group that meets on" },
];
const ASK_AFTER_MS = 150;
const MOST_DATES = 12;

/** @param {{choices: Choices}} props */
export function Plan({ choices }) {
  const [asked, setAsked] = useState(() => requestOf(location.search));
  const [edits, setEdits] = useState(() => editsOf(location.search));
  const [own] = useState(() => planOf(location.search));
  const [before, setBefore] = useState(/** @type {{asked: PlanRequest, edits: Edits} | null} */ (null));
  const [checked, setChecked] = useState(/** @type {Checked} */ ({ ssri: false, medications: [], history: [] }));
  const [problem, setProblem] = useState("");
  const { plan, error } = usePlan(asked, checked);
  useEffect(() => {
    if (location.pathname === "/plan") history.replaceState(null, "", `/plan?${planAddress(asked, edits, own)}`);
  }, [asked, edits, own]);

  /** @param {Partial<PlanRequest>} part */
  const set = (part) => {
    if (edited(edits)) {
      setBefore({ asked, edits });
      setEdits(NO_EDITS);
    }
    setAsked({ ...asked, ...part });
  };
  const takeBack = () => {
    if (!before) return;
    setAsked(before.asked);
    setEdits(before.edits);
    setBefore(null);
  };
  const items = useMemo(() => (plan ? withEdits(plan, edits) : []), [plan, edits]);
  /** @param {Edits} next */
  const edit = (next) => {
    setBefore(null);
    setEdits(next);
  };
  const calendar = async () => {
    try {
      await download("/api/plan/calendar", { items, dates: asked.dates, plan: [own, ...asked.dates].join() }, "integration-plan.ics");
      setProblem("");
    } catch (refusal) {
      setProblem(/** @type {Error} */ (refusal).message);
    }
  };
  const title = plan ? headline(items) : "Plan the integration";
  const wrong = problem || error;
  return html`<main id="main" tabindex="-1">
    <h1>${title}</h1>
    <p class="lead no-print">No names and no health data are asked for. What you choose is in the address of this page and nowhere else.</p>
    <p class="visually-hidden" role="status">${plan ? title : ""}</p>
    <p class="print-only">${given(asked, choices)} To be agreed with the treating professional; not medical advice.</p>
    ${wrong && html`<p class="warn" role="alert">${wrong}</p>`}
    <div class="compare">
      <${Wishes} asked=${asked} choices=${choices} onChange=${set} checked=${checked} onCheck=${setChecked} />
      <div>
        <section class="card" aria-label="Plan">
          <h2 class="no-print">What, and when</h2>
          ${plan && html`<${Band} plan=${plan} items=${items} />`}
          ${before &&
          html`<p class="note no-print" role="status">The plan was laid anew, without your changes by hand.
            ${" "}<button type="button" class="quiet" onClick=${takeBack}>Take that back</button></p>`}
          <ol class=${`items ${items.length > 18 ? "many" : ""}`} data-testid="plan-items">
            ${items.map((item) => html`<${Item} key=${item.id} item=${item} edits=${edits} onEdits=${edit} />`)}
          </ol>
          <div class="buttons">
            <button type="button" onClick=${() => edit({ ...edits, added: [...edits.added, madeByHand(freshId(edits), nextDate(items, asked))] })}>Add a meeting</button>
            ${edited(edits) && html`<button type="button" onClick=${() => edit(NO_EDITS)}>Undo my changes</button>`}
          </div>
          <div class="buttons last">
            <button type="button" class="main" onClick=${calendar} disabled=${!items.length}>Calendar file, .ics</button>
            <button type="button" onClick=${() => print()}>Print, or save as PDF</button>
            ${plan && html`<a class="button" href=${`/explore?${addressOf(designOf(plan, items, asked, edits))}`}>Open in Explore</a>`}
            ${plan && checked.ssri && html`<span class="hint">Explore opens without the SSRI: what is taken goes into no address.</span>`}
          </div>
        </section>
        ${plan && html`<${PlanCautions} plan=${plan} />`}
      </div>
    </div>
  </main>`;
}

/** The plan to a request, asked anew when it changes. @param {PlanRequest} asked @param {Checked} checked */
function usePlan(asked, checked) {
  const [plan, setPlan] = useState(/** @type {PlanAnswer | null} */ (null));
  const [error, setError] = useState("");
  const turn = useRef(0);
  const key = JSON.stringify([asked, checked]);
  useEffect(() => {
    const own = (turn.current += 1);
    const timer = setTimeout(async () => {
      try {
        const found = await post("/api/plan", { ...asked, ...checked });
        if (own !== turn.current) return;
        setPlan(found);
        setError("");
        document.documentElement.dataset.ready = "true";
      } catch (problem) {
        if (own === turn.current) setError(/** @type {Error} */ (problem).message);
      }
    }, plan ? ASK_AFTER_MS : 0);
    return () => clearTimeout(timer);
  }, [key]);
  return { plan, error };
}

/** @param {PlanAnswer} plan @param {Edits} edits @returns {PlanItem[]} */
export function withEdits(plan, edits) {
  const open = (/** @type {string} */ date) => plan.windows.some((w) => w.date_from <= date && date <= w.date_to);
  const first = plan.items.find((i) => i.kind === "dosing")?.date ?? plan.items[0]?.date ?? "";
  const laid = plan.items
    .filter((item) => !edits.removed.includes(item.id))
    .map((item) => ({ ...item, ...edits.changed[item.id] }))
    .map((item) => (item.until && item.until < item.date ? { ...item, until: item.date } : item));
  const all = [...laid, ...edits.added].map((item) => ({ ...item, day: daysFrom(first, item.date), in_window: open(item.date) }));
  return all.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : (a.start ?? "").localeCompare(b.start ?? "")));
}

/** @param {PlanItem[]} items */
function headline(items) {
  const meetings = items.filter((i) => i.kind === "integration");
  const inside = meetings.filter((i) => i.in_window).length;
  if (!meetings.length) return "A plan without integration meetings.";
  const all = meetings.length;
  const count = inside === all ? (all === 1 ? "The one integration meeting" : `All ${inWords(all)} integration meetings`) : `${inWords(inside)} of ${inWords(all)} integration meetings`;
  return `${count[0].toUpperCase()}${count.slice(1)} ${inside === 1 ? "falls" : "fall"} in the open window.`;
}

/** @param {PlanRequest} asked @param {Choices} choices */
function given(asked, choices) {
  const medicine = choices.medicines.find((m) => m.id === asked.medicine);
  return `${medicine?.label.split(",")[0] ?? asked.medicine}, ${asked.dose} ${medicine?.unit ?? ""}; dosing on ${asked.dates.map((d) => dateText(d)).join("; ")}.`;
}

/** @param {Edits} edits */
const freshId = (edits) => `own-${1 + Math.max(0, ...edits.added.map((i) => Number(i.id.split("-")[1])))}`;

/** @param {PlanItem[]} items @param {PlanRequest} asked */
function nextDate(items, asked) {
  const meetings = items.filter((i) => i.kind === "integration");
  return meetings.length ? later(meetings[meetings.length - 1].date, 7) : later(asked.dates[0], 1);
}

/**
 * The plan in days, with what was changed by hand; as on the server, every meeting works on all three tasks.
 * @param {PlanAnswer} plan @param {PlanItem[]} items @param {PlanRequest} asked @param {Edits} edits
 * @returns {import("./shapes").Design}
 */
export function designOf(plan, items, asked, edits) {
  if (!edited(edits)) return plan.design;
  const arm = plan.design.arms[0];
  const dayOf = (/** @type {string} */ date) => daysFrom(asked.dates[0], date);
  const sessions = items
    .filter((i) => i.kind === "preparation" || i.kind === "integration" || (i.kind === "group" && i.tasks.length))
    .map((i) => ({
      day: dayOf(i.date),
      kind: /** @type {"preparation" | "integration"} */ (i.kind === "preparation" ? "preparation" : "integration"),
      hours: Math.min(12, i.hours ?? asked.integration_hours),
      format: /** @type {"group" | "individual"} */ (i.kind === "group" ? "group" : "individual"),
      tasks: /** @type {PlanItem["tasks"]} */ (["insights", "steps", "practice"]),
    }));
  const practice = items.flatMap((i) =>
    i.kind === "practice" && i.until && i.until > i.date
      ? [{ from_day: dayOf(i.date), to_day: daysFrom(asked.dates[0], i.until), hours_per_week: i.hours ?? 3 }] : []);
  return { ...plan.design, arms: [{ ...arm, sessions, practice }] };
}

/**
 * @param {{asked: PlanRequest, choices: Choices, onChange: (part: Partial<PlanRequest>) => void, checked: Checked,
 *   onCheck: (checked: Checked) => void}} props
 */
function Wishes({ asked, choices, onChange, checked, onCheck }) {
  const medicine = choices.medicines.find((m) => m.id === asked.medicine) ?? choices.medicines[0];
  const gap = Math.max(1, medicine.usual_every_days);
  const choose = (/** @type {string} */ id) => {
    const next = choices.medicines.find((m) => m.id === id) ?? medicine;
    const count = Math.min(MOST_DATES, next.usual_dosings);
    onChange({
      medicine: id,
      dose: next.usual_dose,
      condition: choices.starters[id]?.condition ?? asked.condition,
      dates: Array.from({ length: count }, (_, k) => later(asked.dates[0], Math.round(k * Math.max(1, next.usual_every_days)))),
    });
  };
  /** @param {number} k @param {string} value */
  const date = (k, value) => value && onChange({ dates: asked.dates.map((d, j) => (j === k ? value : d)).sort() });
  const slide = (/** @type {string} */ label, /** @type {keyof PlanRequest} */ name, /** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ step) =>
    html`<${Slider} label=${label} value=${asked[name]} low=${low} high=${high} step=${step} onChange=${(/** @type {number} */ v) => onChange({ [name]: v })} />`;
  return html`<section class="card no-print" aria-label="Choices">
    <h2>Dosing</h2>
    <${Choice} label="Medicine" value=${asked.medicine} options=${choices.medicines.filter((m) => m.unit)} onChange=${choose} />
    <${Slider} label="Dose" unit=${medicine.unit} value=${asked.dose} low=${medicine.low} high=${medicine.high} step=${medicine.step}
      onChange=${(/** @type {number} */ dose) => onChange({ dose })} />
    <${Choice} label="Condition" value=${asked.condition} options=${choices.conditions} onChange=${(/** @type {string} */ condition) => onChange({ condition })} />
    ${asked.dates.map(
      (d, k) => html`<div class="field"><label for=${`date-${k}`}>Dosing date ${asked.dates.length > 1 ? k + 1 : ""}</label>
        <div class="date-line"><input id=${`date-${k}`} type="date" value=${d} onChange=${(/** @type {any} */ e) => date(k, e.currentTarget.value)} />
        ${asked.dates.length > 1 &&
        html`<button type="button" class="quiet" aria-label=${`Remove dosing date ${k + 1}`} onClick=${() => onChange({ dates: asked.dates.filter((_, j) => j !== k) })}>Remove</button>`}</div></div>`,
    )}
    <button type="button" disabled=${asked.dates.length >= MOST_DATES}
      onClick=${() => onChange({ dates: [...asked.dates, later(asked.dates[asked.dates.length - 1], Math.round(gap))] })}>Add a dosing date</button>
    <h2>Meetings</h2>
    ${slide("Preparation meetings", "preparation", 0, 6, 1)} ${slide("Integration meetings", "integration", 0, 12, 1)}
    ${slide("Hours each", "integration_hours", 0.5, 4, 0.25)} ${slide("Practice, hours a week", "practice_hours_per_week", 0, 14, 0.5)}
    ${slide("Weeks of practice", "practice_weeks", 0, 26, 1)}
    <${Choice} label="Group" value=${asked.group} options=${GROUPS} onChange=${(/** @type {string} */ group) => onChange({ group })} />
    <${Tick} label="Weekdays only" value=${asked.weekday_only} onChange=${(/** @type {boolean} */ v) => onChange({ weekday_only: v })} />
    <${Check} checked=${checked} onChange=${onCheck} />
  </section>`;
}

/** @param {{checked: Checked, onChange: (c: Checked) => void}} props */
function Check({ checked, onChange }) {
  const [words, setWords] = useState(/** @type {import("./shapes").PlanWord[]} */ ([]));
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

const SHAPES = /** @type {Record<string, string>} */ ({
  preparation: "M-7,0 L5,-7 L5,7 Z",
  dosing: "M-5,-9 H5 V3 L0,10 L-5,3 Z",
  integration: "M0,-6.5 A6.5,6.5 0 1 1 0,6.5 A6.5,6.5 0 1 1 0,-6.5 Z",
  group: "M-6,-6 H6 V6 H-6 Z",
});
const INKS = /** @type {Record<string, string>} */ ({ preparation: "preparation", dosing: "ink", integration: "integration", group: "arm-4", practice: "integration" });

/** The dates in a line, the open window shaded. @param {{plan: PlanAnswer, items: PlanItem[]}} props */
function Band({ plan, items }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const width = useWidth(() => place.current, 680);
  const all = [...items.flatMap((i) => [i.date, i.until ?? i.date]), ...plan.windows.flatMap((w) => [w.date_from, w.date_to])].map(dayNumber);
  const [from, to] = [Math.min(...all) - 3, Math.max(...all) + 3];
  const at = (/** @type {number} */ day) => ((day - from) / (to - from)) * width;
  const x = (/** @type {string} */ date) => at(dayNumber(date));
  const said = plan.windows.map((w) => `${dateText(w.date_from, false)} to ${dateText(w.date_to)}`).join("; ");
  const told = said ? `The window is open from ${said}.` : "By this model the dose opens no window in most people.";
  const practice = items.filter((i) => i.kind === "practice" && i.until);
  return html`<figure class="chart band" ref=${place}>
    <svg viewBox=${`0 0 ${width} 84`} width="100%" role="img" aria-label=${told}>
      ${plan.windows.map((w) => html`<rect x=${x(w.date_from)} width=${Math.max(3, x(w.date_to) - x(w.date_from))} y="2" height="60" fill="var(--window)" opacity="0.24" />`)}
      ${monthsBetween(from, to).map(
        (m) => html`<line x1=${at(m.day)} x2=${at(m.day)} y1="2" y2="68" stroke="var(--line)" /><text x=${at(m.day) + 4} y="78" font-size="12" fill="var(--muted)">${m.name}</text>`,
      )}
      <line x1="0" x2=${width} y1="62" y2="62" stroke="var(--muted)" opacity="0.6" />
      ${practice.map((i) => html`<rect x=${x(i.date)} width=${Math.max(4, x(i.until ?? i.date) - x(i.date))} y="46" height="9" rx="4" fill="var(--integration)" opacity="0.35"><title>${i.title}</title></rect>`)}
      ${items.filter((i) => i.kind !== "practice").map(
        (i) => html`<path transform=${`translate(${x(i.date)},24)`} d=${SHAPES[i.kind]} fill=${`var(--${INKS[i.kind]})`} stroke="var(--surface)" stroke-width="1"><title>${i.title}, ${dateText(i.date)}</title></path>`,
      )}
    </svg>
    <figcaption class="source">${told} Triangle: preparation. Arrow: dosing. Circle: integration.${items.some((i) => i.kind === "group") ? " Square: group." : ""}${practice.length ? " Bar: practice." : ""}</figcaption>
  </figure>`;
}

/** @param {{item: PlanItem, edits: Edits, onEdits: (edits: Edits) => void}} props */
function Item({ item, edits, onEdits }) {
  const title = `${item.title}, ${dateText(item.date)}`;
  const own = item.id.startsWith("own-");
  /** @param {import("./plan_address.js").Change} part */
  const change = (part) =>
    onEdits(
      own
        ? { ...edits, added: edits.added.map((i) => (i.id === item.id ? { ...i, ...part } : i)) }
        : { ...edits, changed: { ...edits.changed, [item.id]: { ...edits.changed[item.id], ...part } } },
    );
  const drop = () => {
    const { [item.id]: _, ...changed } = edits.changed;
    onEdits(own ? { ...edits, added: edits.added.filter((i) => i.id !== item.id) } : { ...edits, changed, removed: [...edits.removed, item.id] });
  };
  const lasting = item.hours ? `, ${tidy(item.hours)} h${item.kind === "practice" ? " a week" : ""}` : "";
  return html`<li class=${item.kind}>
    <div class="when no-print">
      <input type="date" aria-label=${`Date of ${title}`} value=${item.date} onChange=${(/** @type {any} */ e) => e.currentTarget.value && change({ date: e.currentTarget.value })} />
      ${item.kind === "practice"
        ? html`<label class="until">until <input type="date" aria-label=${`Last day of ${title}`} value=${item.until ?? item.date} min=${item.date}
            onChange=${(/** @type {any} */ e) => e.currentTarget.value >= item.date && change({ until: e.currentTarget.value })} /></label>`
        : html`<input type="time" aria-label=${`Time of ${title}`} value=${item.start ?? ""} onChange=${(/** @type {any} */ e) => change({ start: e.currentTarget.value || null })} />`}
      <span class="hours"><${Numeric} label=${`Hours of ${title}`} value=${item.hours ?? 1} low=${0.25} high=${40} step=${0.25} bare onChange=${(/** @type {number} */ hours) => change({ hours })} />
        <span class="unit">h${item.kind === "practice" ? " a week" : ""}</span></span>
      <div class="what"><strong>${item.title}</strong> ${item.in_window && html`<span class="pill open">window</span>`}
        ${item.why && html`<details><summary>Why</summary><p>${item.why} <${Sources} sources=${item.sources} /></p></details>`}</div>
      <button type="button" class="quiet" aria-label=${`Remove ${title}`} onClick=${drop}>Remove</button>
    </div>
    <p class="print-only"><strong>${dateText(item.date)}${item.start ? `, ${item.start}` : ""}</strong> – ${item.title.replace(/, [\d.]+ h a week$/, "")}${lasting}${item.until ? ` until ${dateText(item.until)}` : ""}${item.in_window ? " (window open)" : ""}</p>
  </li>`;
}

/** @param {{plan: PlanAnswer}} props */
function PlanCautions({ plan }) {
  return html`<section class="card" data-testid="cautions" aria-label="Cautions">
    <h2>Cautions</h2>
    ${!plan.cautions.length && html`<p>No published warning in the list meets this plan. That does not mean it is safe.</p>`}
    <ul>
      ${plan.cautions.map(
        (c) => html`<li>${c.sentence} ${c.url
          ? html`<a class="source" href=${c.url} title=${c.source ?? ""} rel="noreferrer">Source</a>`
          : html`<span class="source">${c.source ? `Source: ${c.source}` : "Recalled, not read again."}</span>`}</li>`,
      )}
    </ul>
    ${plan.notes.map((note) => html`<p class="source">${note}</p>`)}
    <p class="source">${plan.timezone_note}</p>
  </section>`;
}
