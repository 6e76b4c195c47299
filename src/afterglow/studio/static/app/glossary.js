// @ts-check
/** The words that need a gloss, in one place: each is explained where it stands, on click. */
import { html, useState } from "./html.js";
import { inOwnNumbers } from "./numbers.js";

/** @type {[string, string][]} the word, and what it means; longer ones first where one holds another */
export const GLOSSARY = [
  ["log predictive density", "how likely an explanation held the published numbers to be before it saw them, on a log scale; higher is better"],
  ["log ratio", "the difference of two log predictive densities: 1 means 2.7 times as likely, 3 about 20 times"],
  ["CRPS", "continuous ranked probability score: the distance between a whole prediction, its spread included, and what came; 0 is best"],
  ["Pareto k", "tells whether the draws stand for the whole posterior: below 0.7 their weights can be trusted"],
  ["effective draws", "how many equally weighted draws would tell as much"],
  ["SDs between people", "standard deviations: 1 is the usual distance of one person from the mean, so that scales can be compared"],
  ["90 % interval", "nine in ten such numbers should lie within it, if the model is right"],
  ["90 % intervals", "nine in ten such numbers should lie within theirs, if the model is right"],
  ["stacking", "weights under which the explanations together would have foretold left-out studies best"],
  ["weighted", "all explanations together, each counted by how well it foretold studies that it had not seen"],
  ["explanations", "four stories of why people get better: a window of learning, drug and therapy that add, the drug alone, hope alone"],
  ["posterior", "what is believed of a constant once the trials have been taken into account"],
  ["prior", "what was believed of a constant before the trials were looked at"],
  ["open window", "days in which, by this model, the brain learns faster after a dose"],
  ["window", "days in which, by this model, the brain learns faster after a dose"],
  ["old pattern", "the habits of mind and behaviour that carry the symptoms"],
  ["new pattern", "what is learnt in therapy and practice, and competes with the old one"],
  ["pattern", "a habit of mind and behaviour: the old one carries the symptoms, the new one is learnt"],
  ["twin", "the same virtual people without integration"],
  ["catalyst", "something that makes learning easier without teaching anything itself"],
  ["arm", "a group of people in a trial who get the same treatment"],
  ["arms", "groups of people in a trial; each gets one treatment"],
  ["rated mean", "the mean of scores as raters give them, with the error of rating"],
  ["share of all possible", "how far something has gone: 0 is not at all, 1 all that there can be"],
  ["response", "a score that has fallen by half or more"],
  ["remission", "a score so low that the illness counts as gone"],
  ["relapse", "illness again in somebody who was well"],
  ["hazard ratio", "how many times as fast something happens in one group as in the other"],
  ["stylised facts", "what the field agrees on, in round numbers"],
  ["baseline", "a plain guess from averages of other studies, which a model has to beat"],
  ["foretold", "predicted from the other studies, with the study itself left out"],
];

const WORDS = new Map(GLOSSARY);
const FIND = new RegExp(`(?<![\\w-])(${[...WORDS.keys()].sort((a, b) => b.length - a.length).join("|")})(?![\\w-])`, "i");

/** A word that explains itself when it is pressed. @param {{word: string, children?: unknown}} props */
export function Term({ word, children }) {
  const [open, setOpen] = useState(false);
  const meaning = WORDS.get(word) ?? "";
  return html`<button type="button" class="term" aria-expanded=${open} onClick=${() => setOpen(!open)}>${children ?? word}</button>${open &&
  html`<span class="gloss" role="note"> (${inOwnNumbers(meaning)})</span>`}`;
}

/**
 * A sentence of the server: numbers as the reader writes them, and each word of the glossary explained where it first stands.
 * @param {{text: string}} props
 */
export function Said({ text }) {
  /** @type {unknown[]} */
  const parts = [];
  const met = new Set();
  let rest = inOwnNumbers(text);
  for (let found = FIND.exec(rest); found; found = FIND.exec(rest)) {
    const word = [...WORDS.keys()].find((w) => w.toLowerCase() === found?.[1].toLowerCase()) ?? "";
    const before = rest.slice(0, found.index);
    parts.push(before, met.has(word) ? found[1] : html`<${Term} word=${word}>${found[1]}<//>`);
    met.add(word);
    rest = rest.slice(found.index + found[1].length);
  }
  return html`${parts}${rest}`;
}
