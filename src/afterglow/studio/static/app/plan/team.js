// @ts-check
/** What does not go together, who is in the group when, and cautions. */
import { post, useBack } from "../api.js";
import { dateText, datesIn, timeText, weekdayNames } from "../dates.js";
import { Word } from "../fields.js";
import { html, useEffect, useState } from "../html.js";
import { inOwnNumbers } from "../numbers.js";
import { inWords } from "../words.js";

/** @typedef {import("../shapes").Plan} PlanAnswer */
/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").Conflict} Conflict */
/** @typedef {import("../planned/address.js").State} State */
/** @typedef {{code: string, own: string, plan: PlanAnswer, items: PlanItem[], dates: string[]}} Laid a person's plan */

const ASK_AFTER_MS = 200;

/** What does not go together in some plans, asked anew when they change. @param {State} state @param {Laid[]} laid @returns {{conflicts: Conflict[], refused: string}} and why nobody knows */
export function useConflicts({ choice, at_once }, laid) {
  const [found, setFound] = useState({ conflicts: /** @type {Conflict[]} */ ([]), refused: "" });
  const body = {
    people: laid.map((one) => ({ code: one.code, items: one.items.map((item) => ({ ...item, why: "", sources: [] })), missed: one.plan.missed })),
    at_once, group_weekday: choice.group_weekday, weekday_only: choice.weekday_only, country: choice.country, region: choice.region,
  };
  const back = useBack();
  const key = JSON.stringify(body);
  useEffect(() => {
    if (!laid.length) return undefined;
    let late = false;
    const timer = setTimeout(() => post("/api/plan/conflicts", body).then(
      (conflicts) => late || setFound({ conflicts, refused: "" }),
      (error) => late || setFound({ conflicts: [], refused: error.message }),
    ), ASK_AFTER_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [key, back]);
  return found;
}

/**
 * @param {{conflicts: Conflict[], refused: string, laid: Laid[], atOnce: number, onAtOnce: (count: number) => void, onOpen: (person: number, id: string) => void}} props
 */
export function Conflicts({ conflicts, refused, laid, atOnce, onAtOnce, onOpen }) {
  const several = laid.length > 1;
  return html`<section class="card" data-testid="conflicts" aria-label="Conflicts">
    <h2>${refused ? "Conflicts are not known" : conflicts.length ? `${conflicts.length} ${conflicts.length === 1 ? "conflict" : "conflicts"}` : "No conflict"}</h2>
    ${several && html`<p class="sentence no-print">The team holds <${Word} label="Meetings and dosings at once" value=${String(atOnce)} onChange=${(/** @type {string} */ n) => onAtOnce(Number(n))}
      options=${[1, 2, 3, 4, 6, 8, 12].map((n) => ({ id: String(n), label: inWords(n) }))} /> at once, beside the group.</p>`}
    ${refused && html`<p class="warn" role="status">${refused}</p>`}
    ${!refused && !conflicts.length && html`<p>${several ? "Nobody is in two places, and nobody misses the group." : "Nothing stands on a holiday, on a weekend against your wish, or at the same time as something else."}</p>`}
    ${conflicts.length > 0 && html`<ul class="conflicts">${conflicts.map(
      (c) => html`<li><strong>${dateText(c.date, false)}</strong> ${c.sentence}
        ${c.entries[0] && html`<button type="button" class="quiet no-print" aria-label=${`Open: ${c.sentence}`} onClick=${() => onOpen(c.entries[0].person, c.entries[0].id)}>Open</button>`}</li>`,
    )}</ul>`}
  </section>`;
}

/** Who is in the group on which day. @param {{state: State, laid: Laid[]}} props */
export function Group({ state, laid }) {
  const days = [...new Set(laid.flatMap((one) => [...one.items.filter((i) => i.kind === "group").map((i) => i.date), ...one.plan.missed.map((m) => m.date)]))].sort();
  if (state.choice.group === "none" || !days.length) return null;
  const weekday = state.choice.group_weekday;
  const at = state.choice.group_start ?? state.choice.start;
  return html`<section class="card" data-testid="group" aria-label="Group">
    <h2>Group${weekday === null ? "" : `, ${weekdayNames("long")[weekday]}`}${at ? `, ${timeText(at)}` : ""}</h2>
    ${weekday === null && laid.length > 1 && html`<p>It is laid around each person's dosings, so they meet on different days. Choose its day of the week above and they share it.</p>`}
    <div class="scroll"><table>
      <thead><tr><th scope="col">Day</th>${laid.map((one) => html`<th scope="col" class="left">${one.code || "Joined"}</th>`)}</tr></thead>
      <tbody>${days.map(
        (date) => html`<tr><th scope="row">${dateText(date, false)}</th>${laid.map((one) => {
          const missed = one.plan.missed.find((m) => m.date === date);
          const there = one.items.some((i) => i.kind === "group" && i.date === date);
          return html`<td class="left">${there ? "✓ there" : missed ? `✗ ${missed.why}` : "–"}</td>`;
        })}</tr>`,
      )}</tbody>
    </table></div>
  </section>`;
}

/** @param {{plan: PlanAnswer}} props */
export function PlanCautions({ plan }) {
  return html`<section class="card" data-testid="cautions" aria-label="Cautions">
    <h2>Cautions</h2>
    ${!plan.cautions.length && html`<p>No published warning in the list meets this plan. That does not mean it is safe.</p>`}
    <ul>
      ${plan.cautions.map(
        (c) => html`<li>${inOwnNumbers(c.sentence)} ${c.url
          ? html`<a class="source" href=${c.url} title=${c.source ?? ""} rel="noreferrer">Source</a>`
          : html`<span class="source">${c.source ? `Source: ${c.source}` : "Recalled, not read again."}</span>`}</li>`,
      )}
    </ul>
    ${plan.notes.slice(-2).map((note) => html`<p class="source">${note}</p>`)}
    <p class="source">${plan.timezone_note}</p>
  </section>`;
}

/** What did not go as wished when the plan was laid. @param {{plan: PlanAnswer}} props */
export function LaidNotes({ plan }) {
  const own = plan.notes.slice(0, -2);
  return own.length ? html`<ul class="laid-notes">${own.map((note) => html`<li>${datesIn(inOwnNumbers(note))}</li>`)}</ul>` : null;
}
