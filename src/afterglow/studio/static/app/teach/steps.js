// @ts-check
/** The story in five steps: what is given in each, what is asked, and what is to be seen. */

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").ArmDesign} ArmDesign */
/** @typedef {{id: string, title: string, asks: string, design: Design, seen: string, explains: boolean, twin: boolean}} Step */

/** Meetings after the first dosing, moved by so many days. @param {ArmDesign} arm @param {number} by @returns {ArmDesign} */
function later(arm, by) {
  return {
    ...arm,
    sessions: arm.sessions.map((s) => (s.day > 0 ? { ...s, day: s.day + by } : s)),
    practice: arm.practice.map((p) => ({ ...p, from_day: p.from_day + by, to_day: p.to_day + by })),
  };
}

/** @param {ArmDesign} arm @returns {ArmDesign} */
function alone(arm) {
  return { ...arm, sessions: arm.sessions.filter((s) => s.day < 0), practice: [], community: false, group_integration: false };
}

/**
 * @param {Design} starter a usual course of a medicine @param {string} name of the medicine @returns {Step[]}
 */
export function stepsOf(starter, name) {
  const arm = { ...starter.arms[0], label: "" };
  /** @param {ArmDesign} one @returns {Design} */
  const of = (one) => ({ ...starter, arms: [one] });
  const nothing = { ...arm, medicine: "none", route: "", sessions: [], practice: [] };
  return [
    {
      id: "nothing",
      title: "Nothing is given",
      asks: "These people are ill and nothing is done. Where will their mean score be at the end?",
      design: of(nothing),
      seen: "Old patterns change slowly. What falls here is the natural course: some get better by themselves, and people enter a trial on a bad day.",
      explains: false,
      twin: false,
    },
    {
      id: "door",
      title: "The drug opens a door",
      asks: `Now ${name} is given, after preparation, and nobody meets them afterwards. Where will the mean be at the end?`,
      design: of(alone(arm)),
      seen: "The fall comes within a day. Part of it is the medicine, part of it is hope; it fades while the window closes and nothing uses the new synapses.",
      explains: false,
      twin: false,
    },
    {
      id: "work",
      title: "The work afterwards",
      asks: "The same dose, and then sessions and practice. Where will the mean be now?",
      design: of(arm),
      seen: "The gap between the lines is what integration adds by this model, and its interval is how sure that is.",
      explains: false,
      twin: true,
    },
    {
      id: "why",
      title: "Four explanations of the same trials",
      asks: "Does the window make therapy stick, or do drug and therapy merely add, or is it the drug alone, or hope? Choose one and watch the gap.",
      design: of(arm),
      seen: "Each explanation fits the published trials about as well as its weight says. The answer that counts mixes them by their weights.",
      explains: true,
      twin: true,
    },
    {
      id: "late",
      title: "The door closes",
      asks: "The same sessions and the same practice, four weeks later. Where will the mean be?",
      design: of(later(arm, 28)),
      seen: "If the window story holds, work that comes late finds the door closed. If the others hold, the days hardly matter. The trials cannot yet tell.",
      explains: false,
      twin: true,
    },
  ];
}
