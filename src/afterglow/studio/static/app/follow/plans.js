// @ts-check
/** Where a plan comes from: an address of Plan, Explore or Compare, saved work, or none at all. */
import { get, post } from "../api.js";
import { planOf as planAsked, requestOf } from "../planned/address.js";
import { designOf as designOfPlan, itemsOf } from "../planned/items.js";
import { designOf } from "../state.js";
import { inWords } from "../words.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {{id: string, label: string, design: Design | null, start: string}} Plan `start` is the date of day 0 */

/** @type {Plan} */
export const NO_PLAN = { id: "none", label: "in usual care, without any medicine", design: null, start: "" };

/**
 * A plan as its address says it; of several arms the first.
 * @param {string} address @param {string} id @param {import("../shapes").Choices} choices @returns {Promise<Plan>}
 */
export async function planOf(address, id, choices) {
  const found = /^(?:https?:\/\/[^/]+)?\/?(\w*)\?(.*)$/.exec(address.trim());
  if (!found) throw new Error("An address of a plan begins like /plan?… or /explore?…");
  const [, page, query] = found;
  if (page === "plan") {
    const asked = planAsked(query, choices);
    const person = asked.people[asked.shown];
    const answer = await post("/api/plan", { ...requestOf(asked, person), ssri: false, medications: [], history: [] });
    const design = designOfPlan(answer, itemsOf(answer, person.edits, "", asked.choice), person.edits, asked.choice.integration_hours);
    return { id, label: words(design, choices), design, start: answer.dates[0] };
  }
  const design = designOf(query);
  if (!design) throw new Error("This address holds no plan: copy that of Plan, Explore or Compare.");
  return { id, label: words(design, choices), design: alone(design), start: "" };
}

/** Saved work that is a plan. @returns {Promise<{id: string, name: string, page: string}[]>} */
export async function savedPlans() {
  const all = await get("/api/saved");
  return all.filter((/** @type {{page: string}} */ line) => ["plan", "explore", "compare"].includes(line.page));
}

/** @param {string} id @param {import("../shapes").Choices} choices */
export async function savedPlan(id, choices) {
  const found = await get(`/api/saved/${id}`);
  const plan = await planOf(`/${found.page}?${found.state.address ?? ""}`, id, choices);
  return { ...plan, label: `on “${found.name}”: ${plan.label.replace(/^on the plan: /, "")}` };
}

/** The first arm, under all explanations. @param {Design} design @returns {Design} */
export const alone = (design) => ({ ...design, rival: "weighted", arms: design.arms.slice(0, 1) });

/** A plan in words. @param {Design} design @param {import("../shapes").Choices} choices */
export function words(design, choices) {
  const arm = design.arms[0];
  const medicine = choices.medicines.find((m) => m.id === arm.medicine);
  const way = medicine?.ways.find((w) => w.id === arm.route) ?? medicine;
  const name = medicine?.label.split(",")[0] ?? arm.medicine;
  const times = arm.dosing_days.length;
  const given = arm.medicine === "none" ? "no medicine" : `${way?.unit ? `${arm.dose} ${way.unit} ` : ""}${name.startsWith("MDMA") ? name : name.toLowerCase()}${times > 1 ? ` ${inWords(times)} times` : ""}`;
  const meetings = arm.sessions.filter((s) => s.day >= 0).length;
  const hours = Math.max(0, ...arm.practice.map((p) => p.hours_per_week));
  const parts = [given, ...(meetings ? [`${inWords(meetings)} ${meetings === 1 ? "session" : "sessions"}`] : []), ...(hours ? [`${hours} h practice a week`] : [])];
  return `on the plan: ${parts.join(", ")}`;
}
