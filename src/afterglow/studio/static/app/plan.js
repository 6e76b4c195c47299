// @ts-check
/** Plan: dates instead of days; editable, as a calendar file, and on one printed page. Nothing of it is kept. */
import { download, get, post } from "./api.js";
import { tidy } from "./chart.js";
import { Choice, Numeric, Slider, Tick } from "./fields.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { addressOf } from "./state.js";
import { Sources } from "./words.js";

const KINDS = [
  { id: "preparation", label: "Preparation" },
  { id: "dosing", label: "Dosing day" },
  { id: "integration", label: "Integration" },
  { id: "practice", label: "Practice" },
  { id: "group", label: "Group" },
];
const GROUPS = [
  { id: "none", label: "No group" },
  { id: "integration", label: "Integration in a group" },
  { id: "community", label: "Group that meets on" },
];

/** @param {Date} date */
const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
/** @param {string} text @param {number} days */
function later(text, days) {
  const [y, m, d] = text.split("-").map(Number);
  return iso(new Date(y, m - 1, d + days));
}
/** @param {string} text */
function inWords(text) {
  const [y, m, d] = text.split("-").map(Number);
  return new Date(y, m - 1, d).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
}

/** @returns {any} what the address says, the rest as usual */
function fromAddress() {
  const q = new URLSearchParams(location.search);
  const number = (/** @type {string} */ key, /** @type {number} */ usual) => (q.has(key) && Number.isFinite(Number(q.get(key))) ? Number(q.get(key)) : usual);
  const dates = (q.get("dates") ?? "").split(",").filter((d) => /^\d{4}-\d\d-\d\d$/.test(d));
  return {
    medicine: q.get("medicine") ?? "psilocybin",
    dose: number("dose", 25),
    condition: q.get("for") ?? "treatment_resistant_depression",
    dates: dates.length ? dates : [later(iso(new Date()), 21)],
    preparation: number("preparation", 3),
    integration: number("integration", 6),
    integration_hours: number("hours", 1.5),
    practice_hours_per_week: number("practice", 3),
    practice_weeks: number("weeks", 8),
    group: q.get("group") ?? "none",
    weekday_only: q.get("weekdays") !== "0",
  };
}

/** @param {any} asked */
function toAddress(asked) {
  const q = new URLSearchParams({
    medicine: asked.medicine,
    dose: String(asked.dose),
    for: asked.condition,
    dates: asked.dates.join(","),
    preparation: String(asked.preparation),
    integration: String(asked.integration),
    hours: String(asked.integration_hours),
    practice: String(asked.practice_hours_per_week),
    weeks: String(asked.practice_weeks),
  });
  if (asked.group !== "none") q.set("group", asked.group);
  if (!asked.weekday_only) q.set("weekdays", "0");
  return q.toString().replaceAll("%2C", ",");
}

/** @param {{choices: import("./shapes").Choices}} props */
export function Plan({ choices }) {
  const [asked, setAsked] = useState(fromAddress);
  const [checked, setChecked] = useState(/** @type {{ssri: boolean, medications: string[], history: string[]}} */ ({ ssri: false, medications: [], history: [] }));
  const [words, setWords] = useState(/** @type {any[]} */ ([]));
  const [plan, setPlan] = useState(/** @type {any} */ (null));
  const [items, setItems] = useState(/** @type {any[]} */ ([]));
  const [problem, setProblem] = useState("");
  const turn = useRef(0);
  useEffect(() => {
    get("/api/plan/words").then(setWords, () => setWords([]));
  }, []);
  const key = JSON.stringify([asked, checked]);
  useEffect(() => {
    history.replaceState(null, "", `/plan?${toAddress(asked)}`);
    const own = (turn.current += 1);
    const timer = setTimeout(async () => {
      try {
        const found = await post("/api/plan", { ...asked, ...checked });
        if (own !== turn.current) return;
        setPlan(found);
        setItems(found.items);
        setProblem("");
        document.documentElement.dataset.ready = "true";
      } catch (error) {
        if (own === turn.current) setProblem(/** @type {Error} */ (error).message);
      }
    }, 150);
    return () => clearTimeout(timer);
  }, [key]);

  /** @param {any} part */
  const set = (part) => setAsked((/** @type {any} */ now) => ({ ...now, ...part }));
  const medicine = choices.medicines.find((m) => m.id === asked.medicine) ?? choices.medicines[0];
  const choose = (/** @type {string} */ id) => {
    const next = choices.medicines.find((m) => m.id === id) ?? medicine;
    const count = Math.min(12, next.usual_dosings);
    const gap = Math.max(1, Math.round(next.usual_every_days));
    set({ medicine: id, dose: next.usual_dose, condition: choices.starters[id]?.condition ?? asked.condition,
      dates: Array.from({ length: count }, (_, k) => later(asked.dates[0], Math.round(k * Math.max(gap, next.usual_every_days)))) });
  };
  const date = (/** @type {number} */ k, /** @type {string} */ value) =>
    value && set({ dates: asked.dates.map((/** @type {string} */ d, /** @type {number} */ j) => (j === k ? value : d)).sort() });
  /** @param {number} k @param {any} part */
  const edit = (k, part) => setItems(items.map((item, j) => (j === k ? { ...item, ...part } : item)));
  const add = () => {
    const last = items[items.length - 1];
    setItems([...items, { id: `own-${Date.now()}`, kind: "integration", date: last ? later(last.date, 7) : asked.dates[0], day: 0, start: null, hours: 1.5,
      tasks: ["insights", "steps", "practice"], title: "Integration", why: "Added by hand.", sources: [], in_window: false }]);
  };
  const calendar = async () => {
    try {
      await download("/api/plan/calendar", { items, dates: asked.dates }, "integration-plan.ics");
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  const inside = items.filter((i) => i.kind === "integration" && i.in_window).length;
  const all = items.filter((i) => i.kind === "integration").length;
  return html`<main id="main" tabindex="-1">
    <h1 aria-live="polite">${plan ? `Integration plan: ${inside} of ${all} integration meetings fall in the open window.` : "Plan the integration"}</h1>
    <p class="lead no-print">No names and no health data are asked for. The plan lives on this page; its choices are in the address, the check words are not.</p>
    <p class="print-only">${medicine.label.split(",")[0]}, ${asked.dose} ${medicine.unit}; dosing on ${asked.dates.map(inWords).join("; ")}. To be agreed with the treating professional; not medical advice.</p>
    ${problem && html`<p class="warn" role="alert">${problem}</p>`}
    <div class="explore">
      <section class="card no-print" aria-label="Choices">
        <h2>Dosing</h2>
        <${Choice} label="Medicine" value=${asked.medicine} options=${choices.medicines.filter((m) => m.unit)} onChange=${choose} />
        <${Slider} label="Dose" unit=${medicine.unit} value=${asked.dose} low=${medicine.low} high=${medicine.high} step=${medicine.step}
          onChange=${(/** @type {number} */ dose) => set({ dose })} />
        <${Choice} label="Condition" value=${asked.condition} options=${choices.conditions} onChange=${(/** @type {string} */ condition) => set({ condition })} />
        ${asked.dates.map(
          (/** @type {string} */ d, /** @type {number} */ k) => html`<div class="field"><label for=${`date-${k}`}>Dosing date ${asked.dates.length > 1 ? k + 1 : ""}</label>
            <div class="buttons"><input id=${`date-${k}`} type="date" value=${d} onChange=${(/** @type {any} */ e) => date(k, e.currentTarget.value)} />
            ${asked.dates.length > 1 && html`<button type="button" aria-label=${`Remove dosing date ${k + 1}`} onClick=${() => set({ dates: asked.dates.filter((/** @type {string} */ _, /** @type {number} */ j) => j !== k) })}>Remove</button>`}</div></div>`,
        )}
        <button type="button" disabled=${asked.dates.length >= 12}
          onClick=${() => set({ dates: [...asked.dates, later(asked.dates[asked.dates.length - 1], Math.max(1, Math.round(medicine.usual_every_days)))] })}>Add a dosing date</button>
        <h2>Meetings</h2>
        <${Slider} label="Preparation meetings" value=${asked.preparation} low=${0} high=${6} step=${1} onChange=${(/** @type {number} */ v) => set({ preparation: v })} />
        <${Slider} label="Integration meetings" value=${asked.integration} low=${0} high=${12} step=${1} onChange=${(/** @type {number} */ v) => set({ integration: v })} />
        <${Slider} label="Hours each" value=${asked.integration_hours} low=${0.5} high=${4} step=${0.25} onChange=${(/** @type {number} */ v) => set({ integration_hours: v })} />
        <${Slider} label="Practice, hours a week" value=${asked.practice_hours_per_week} low=${0} high=${14} step=${0.5} onChange=${(/** @type {number} */ v) => set({ practice_hours_per_week: v })} />
        <${Slider} label="Weeks of practice" value=${asked.practice_weeks} low=${0} high=${26} step=${1} onChange=${(/** @type {number} */ v) => set({ practice_weeks: v })} />
        <${Choice} label="Group" value=${asked.group} options=${GROUPS} onChange=${(/** @type {string} */ group) => set({ group })} />
        <${Tick} label="Weekdays only" value=${asked.weekday_only} onChange=${(/** @type {boolean} */ v) => set({ weekday_only: v })} />
        <${Check} words=${words} checked=${checked} onChange=${setChecked} />
      </section>
      <section class="card" aria-label="Plan">
        <h2>What, and when</h2>
        ${plan && html`<${Band} plan=${plan} items=${items} />`}
        ${plan?.notes.map((/** @type {string} */ note) => html`<p class="note">${note}</p>`)}
        <ol class="items" data-testid="plan-items">
          ${items.map((item, k) => html`<${Item} item=${item} onChange=${(/** @type {any} */ part) => edit(k, part)} onRemove=${() => setItems(items.filter((_, j) => j !== k))} />`)}
        </ol>
        <div class="buttons">
          <button type="button" onClick=${add}>Add a meeting</button>
          <button type="button" class="main" onClick=${calendar} disabled=${!items.length}>Calendar file, .ics</button>
          <button type="button" onClick=${() => print()}>Print, or save as PDF</button>
          ${plan && html`<a class="button" href=${`/explore?${addressOf(plan.design)}`}>Open in Explore</a>`}
        </div>
      </section>
      <div class="side">
        ${plan &&
        html`<section class="card" data-testid="cautions" aria-label="Cautions">
          <h2>Cautions</h2>
          ${!plan.cautions.length && html`<p>No published warning in the list meets this plan. That does not mean it is safe.</p>`}
          <ul>${plan.cautions.map((/** @type {any} */ c) => html`<li>${c.sentence} ${c.url ? html`<a class="source" href=${c.url} rel="noreferrer">Source</a>` : html`<span class="source">${c.source ?? "recalled, not read again"}</span>`}</li>`)}</ul>
          <p class="source">${plan.timezone_note}</p>
        </section>`}
      </div>
    </div>
  </main>`;
}

/** @param {{words: any[], checked: any, onChange: (c: any) => void}} props */
function Check({ words, checked, onChange }) {
  const part = (/** @type {"medications" | "history"} */ name, /** @type {string} */ title, /** @type {string} */ kind) => {
    const own = words.filter((w) => w.kind === kind);
    if (!own.length) return null;
    return html`<fieldset><legend>${title}</legend>${own.map((w) => {
      const id = w.id ?? w.word;
      return html`<${Tick} label=${w.label ?? id} value=${checked[name].includes(id)}
        onChange=${(/** @type {boolean} */ on) => onChange({ ...checked, [name]: on ? [...checked[name], id] : checked[name].filter((/** @type {string} */ x) => x !== id) })} />`;
    })}</fieldset>`;
  };
  return html`<details><summary>Check interactions</summary>
    <p class="source">Sent for the check, kept nowhere, not in the address.</p>
    <${Tick} label="An SSRI is taken" value=${checked.ssri} onChange=${(/** @type {boolean} */ ssri) => onChange({ ...checked, ssri })} />
    ${part("medications", "Medicines taken", "medication")} ${part("history", "History", "history")}
  </details>`;
}

/** The dates in a line, the open window shaded. @param {{plan: any, items: any[]}} props */
function Band({ plan, items }) {
  const days = (/** @type {string} */ text) => Date.parse(text) / 86_400_000;
  const found = useMemo(() => {
    const all = [...items.flatMap((i) => [i.date, i.until ?? i.date]), ...plan.windows.flatMap((/** @type {any} */ w) => [w.date_from, w.date_to])].map(days);
    return [Math.min(...all) - 2, Math.max(...all) + 2];
  }, [items, plan]);
  const x = (/** @type {string} */ text) => ((days(text) - found[0]) / (found[1] - found[0])) * 100;
  const said = plan.windows.map((/** @type {any} */ w) => `${inWords(w.date_from)} to ${inWords(w.date_to)}`).join("; ");
  return html`<figure class="chart">
    <svg width="100%" height="46" role="img" aria-label=${said ? `The window is open ${said}.` : "No window opens."}>
      ${plan.windows.map((/** @type {any} */ w) => html`<rect x=${`${x(w.date_from)}%`} width=${`${Math.max(0.5, x(w.date_to) - x(w.date_from))}%`} y="4" height="30" fill="var(--window)" opacity="0.3" />`)}
      <line x1="0" x2="100%" y1="34" y2="34" stroke="var(--line)" />
      ${items.filter((i) => i.kind !== "practice").map(
        (i) => html`<circle cx=${`${x(i.date)}%`} cy="20" r=${i.kind === "dosing" ? 7 : 5} fill=${`var(--${i.kind === "dosing" ? "ink" : i.kind === "preparation" ? "preparation" : i.kind === "group" ? "arm-4" : "integration"})`}><title>${i.title}, ${inWords(i.date)}</title></circle>`,
      )}
    </svg>
    <figcaption class="source">${said ? `Window open: ${said}.` : "By this model the dose opens no window in most people."}</figcaption>
  </figure>`;
}

/** @param {{item: any, onChange: (part: any) => void, onRemove: () => void}} props */
function Item({ item, onChange, onRemove }) {
  const title = `${item.title}, ${inWords(item.date)}`;
  return html`<li>
    <div class="when no-print">
      <input type="date" aria-label=${`Date of ${title}`} value=${item.date} onChange=${(/** @type {any} */ e) => e.currentTarget.value && onChange({ date: e.currentTarget.value })} />
      ${item.kind === "practice"
        ? html`<span class="source">until ${item.until ? inWords(item.until) : ""}</span>`
        : html`<input type="time" aria-label=${`Time of ${title}`} value=${item.start ?? ""} onChange=${(/** @type {any} */ e) => onChange({ start: e.currentTarget.value || null })} />`}
      <${Numeric} label=${`Hours of ${title}`} value=${item.hours ?? 1} low=${0.25} high=${40} step=${0.25} bare onChange=${(/** @type {number} */ hours) => onChange({ hours })} />
      <span><strong>${item.title}</strong> ${item.in_window && html`<span class="pill open">window</span>`}</span>
      <button type="button" aria-label=${`Remove ${title}`} onClick=${onRemove}>Remove</button>
    </div>
    <p class="print-only"><strong>${inWords(item.date)}${item.start ? `, ${item.start}` : ""}</strong> – ${item.title}${item.hours ? `, ${tidy(item.hours)} h${item.kind === "practice" ? " a week" : ""}` : ""}${item.until ? ` until ${inWords(item.until)}` : ""}${item.in_window ? " (window open)" : ""}</p>
    <details class="no-print"><summary>Why</summary><p>${item.why} <${Sources} sources=${item.sources} /></p></details>
  </li>`;
}
