// @ts-check
/** Two sheets for the printer: one for the person, one for the team. Neither has a name, and the first has no medicine's model. */
import { dateText, timeText } from "../dates.js";
import { html } from "../html.js";
import { tidy } from "../numbers.js";
import { SHAPES, titleOf } from "./items.js";
import { LaidNotes, PlanCautions } from "./team.js";

/** @typedef {import("../shapes").PlanItem} PlanItem */
/** @typedef {import("../shapes").Conflict} Conflict */
/** @typedef {import("./team.js").Laid} Laid */

/** Which sheet the printer gets; the person's unless the team's is asked for. @param {"person" | "team"} which */
export function printSheet(which) {
  document.documentElement.dataset.sheet = which;
  addEventListener("afterprint", () => delete document.documentElement.dataset.sheet, { once: true });
  print();
}

/** @param {PlanItem} item */
function when(item) {
  return `${dateText(item.date)}${item.start ? `, ${timeText(item.start)}` : ""}`;
}

/** @param {PlanItem} item */
function lasting(item) {
  if (!item.hours) return "";
  return item.kind === "practice" ? `${tidy(item.hours)} h a week` : `${tidy(item.hours)} h`;
}

/** @param {{one: Laid}} props */
export function PersonSheet({ one }) {
  return html`<section class="person-sheet print-only" data-testid="person-sheet">
    <h1>Your plan${one.code ? `, ${one.code}` : ""}</h1>
    <p>To be agreed with the people who treat you; not medical advice. ${one.items.some((i) => !i.start && i.kind !== "practice") ? "A line stands where a time is yet to be agreed." : ""}</p>
    <ol class=${`items ${one.items.length > 26 ? "many" : ""}`}>
      ${one.items.map((item) => html`<li class=${item.kind}>
        <svg viewBox="-9 -9 18 18" width="12" height="12"><path class=${item.kind} d=${SHAPES[item.kind]} /></svg>
        <strong>${when(item)}${item.start || item.kind === "practice" ? "" : ", ____"}</strong> – ${titleOf(item)}${item.hours ? `, ${lasting(item)}` : ""}${item.until ? `, until ${dateText(item.until)}` : ""}</li>`)}
    </ol>
    <p class="lines">Telephone for questions: ______________________ In an emergency: ______________________</p>
    <p class="lines">What I want to bring: __________________________________________________________________</p>
  </section>`;
}

/** @param {{laid: Laid[], given: string, conflicts: Conflict[]}} props */
export function TeamSheet({ laid, given, conflicts }) {
  const rows = laid
    .flatMap((one, person) => one.items.map((item) => ({ one, person, item })))
    .sort((a, b) => (a.item.date + (a.item.start ?? "")).localeCompare(b.item.date + (b.item.start ?? "")));
  const flagged = (/** @type {number} */ person, /** @type {string} */ id) => conflicts.some((c) => c.entries.some((e) => e.person === person && e.id === id));
  const several = laid.length > 1;
  return html`<section class="team-sheet print-only" data-testid="team-sheet">
    <h1>Team's plan</h1>
    <p>${given} To be agreed with the treating professional; not medical advice.</p>
    <table><thead><tr><th>When</th>${several && html`<th class="left">Code</th>`}<th class="left">What</th><th class="left">How long</th><th class="left">Window</th><th class="left">Note</th></tr></thead>
      <tbody>${rows.map(({ one, person, item }) => html`<tr class=${item.kind}><td>${when(item)}</td>${several && html`<td class="left">${one.code}</td>`}
        <td class="left">${titleOf(item)}</td><td class="left">${lasting(item)}${item.until ? `, until ${dateText(item.until, false)}` : ""}</td><td class="left">${item.in_window && item.kind !== "practice" ? "open" : ""}</td>
        <td class="left">${flagged(person, item.id) ? "conflict" : ""}</td></tr>`)}</tbody></table>
    ${conflicts.length > 0 && html`<p>${conflicts.map((c) => `${dateText(c.date, false)}: ${c.sentence}`).join(" ")}</p>`}
    ${laid.map((one) => html`<${LaidNotes} plan=${one.plan} />`)}
    ${laid[0] && html`<${PlanCautions} plan=${laid[0].plan} />`}
  </section>`;
}
