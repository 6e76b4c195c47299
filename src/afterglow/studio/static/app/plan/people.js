// @ts-check
/** The people who follow one plan, each by a code, and templates: a plan without people. */
import { get, post } from "../api.js";
import { later } from "../dates.js";
import { useTyped } from "../fields.js";
import { html, once, useRef, useState } from "../html.js";
import { freshCode, freshOwn, isCode, MOST_PEOPLE, NO_EDITS, planOf, templateAddress } from "../planned/address.js";

/** @typedef {import("../shapes").SavedLine} SavedLine */
/** @typedef {import("../planned/address.js").State} State */

const MARK = "Template: ";

/** @param {{state: State, choices: import("../shapes").Choices, onChange: (state: State) => void}} props */
export function People({ state, choices, onChange }) {
  const { people, shown } = state;
  const person = people[shown];
  const [code, setCode] = useTyped(`${person.own} ${person.code}`, () => person.code);
  const taken = people.some((p, k) => k !== shown && p.code === code.trim());
  const wanted = code.trim();
  const said =
    !wanted ? (people.length > 1 ? "Each person needs a code." : "")
    : !isCode(wanted) ? "Letters, digits and hyphens, with a digit, up to twelve, such as K-07: no name."
    : taken ? "Somebody else has this code." : "";
  /** @param {string} text */
  const type = (text) => {
    setCode(text);
    const next = text.trim();
    const free = !people.some((p, k) => k !== shown && p.code === next);
    if ((isCode(next) && free) || (!next && people.length === 1)) {
      onChange({ ...state, people: people.map((p, k) => (k === shown ? { ...p, code: next } : p)) });
    }
  };
  const add = () => {
    const known = people.map((p) => p.code);
    const named = people.map((p) => (p.code ? p : { ...p, code: freshCode(known) }));
    const start = later(people[people.length - 1].start, 7);
    const next = { own: freshOwn(), code: freshCode(named.map((p) => p.code)), start, dates: null, edits: NO_EDITS };
    onChange({ ...state, people: [...named, next], shown: named.length });
  };
  const remove = () => onChange({ ...state, people: people.filter((_, k) => k !== shown), shown: Math.max(0, shown - 1) });
  return html`<div class="people no-print" role="group" aria-label="People">
    ${people.length > 1 &&
    html`<span class="segments">${people.map(
      (p, k) => html`<button type="button" aria-pressed=${k === shown} onClick=${() => onChange({ ...state, shown: k })}>${p.code}</button>`,
    )}</span>`}
    <label class="code">Code <input type="text" value=${code} size="8" maxlength="12" autocomplete="off" placeholder="K-07" aria-invalid=${said ? "true" : "false"}
      onInput=${(/** @type {any} */ e) => type(e.currentTarget.value)} /></label>
    ${said && html`<span class="wrong" role="status">${said}</span>`}
    <button type="button" class="quiet" disabled=${people.length >= MOST_PEOPLE} onClick=${once(add)}>Add a person</button>
    ${people.length > 1 && html`<button type="button" class="quiet" onClick=${once(remove)}>Remove ${person.code}</button>`}
    <${Templates} state=${state} choices=${choices} onChange=${onChange} />
  </div>`;
}

/** @param {{state: State, choices: import("../shapes").Choices, onChange: (state: State) => void}} props */
function Templates({ state, choices, onChange }) {
  const [list, setList] = useState(/** @type {SavedLine[]} */ ([]));
  const [name, setName] = useState("");
  const [said, setSaid] = useState("");
  /** @param {() => Promise<string>} work */
  const guarded = async (work) => {
    try {
      setSaid(await work());
      const all = /** @type {SavedLine[]} */ (await get("/api/saved"));
      setList(all.filter((line) => line.page === "plan" && line.name.startsWith(MARK)));
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  const keeping = useRef(false);
  const keep = async () => {
    if (keeping.current) return;
    keeping.current = true;
    await guarded(async () => {
      await post("/api/saved", { name: `${MARK}${name.trim()}`, page: "plan", state: { address: templateAddress(state) } });
      setName("");
      return "Kept, without people and dates.";
    });
    keeping.current = false;
  };
  /** @param {SavedLine} line */
  const use = (line) =>
    guarded(async () => {
      const found = await get(`/api/saved/${line.id}`);
      const { choice, rhythm, at_once } = planOf(`?${found.state.address ?? ""}`, choices);
      onChange({ ...state, choice, rhythm, at_once, people: state.people.map((p) => ({ ...p, dates: null, edits: NO_EDITS })) });
      return `Laid by “${line.name.slice(MARK.length)}”; codes and starts are as they were.`;
    });
  return html`<details class="menu templates" onToggle=${(/** @type {any} */ e) => e.currentTarget.open && guarded(async () => "")}>
    <summary>Templates</summary>
    <div>
      <form onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void keep(); }}>
        <label>Keep this plan as a template; no names of people
          <input type="text" value=${name} maxlength="60" autocomplete="off" onInput=${(/** @type {any} */ e) => setName(e.currentTarget.value)} /></label>
        <button type="submit" class="main" disabled=${!name.trim()}>Keep</button>
      </form>
      <p role="status">${said}</p>
      ${!list.length && html`<p class="source">No template yet. A medicine's usual course is laid when you choose it.</p>`}
      <div class="choices">${list.map((line) => html`<button type="button" onClick=${() => use(line)}>${line.name.slice(MARK.length)}</button>`)}</div>
    </div>
  </details>`;
}
