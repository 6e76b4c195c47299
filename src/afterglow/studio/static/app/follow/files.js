// @ts-check
/** Scores as files, made and opened in the browser. */
import { save } from "../api.js";
import { isEmpty } from "./lines.js";

/** @typedef {import("../shapes").FollowLine} FollowLine */
/** @typedef {import("../shapes").Outlook} Outlook */
/** @typedef {import("./lines.js").Typed} Typed */

/** @param {string} text */
const cell = (text) => {
  const safe = /^[=+@\t]/.test(text) || (/^-/.test(text) && !/^-\d+([.,]\d+)?$/.test(text)) ? `'${text}` : text;
  return /[",;\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** @param {string} value */
const answersOf = (value) => {
  const [head, total = ""] = value.split("=");
  const cells = head.trim().split(/[\s;|/]+|,(?=\s)|,(?=\d+(?:,|$))/).filter(Boolean);
  return cells.length >= 5 ? { answers: cells.join(" "), total: total.trim() } : { answers: "", total: value.trim() };
};

/**
 * Dates and days as everything reads them; a line that could not be read stays as it was typed.
 * @param {Typed[]} lines @param {Map<number, import("../shapes").LineRead>} read @returns {FollowLine[]}
 */
export const settledLines = (lines, read) =>
  lines.filter((line) => !isEmpty(line)).map((line) => {
    const own = read.get(line.key);
    return { ...line, when: own?.date ?? (own?.day == null ? line.when : String(own.day)) };
  });

/** @param {FollowLine[]} lines */
export function saveCsv(lines) {
  const rows = lines.map((line) => {
    if (line.what === "given") return [line.when, "", "", "", line.value];
    const { answers, total } = answersOf(line.value);
    return [line.when, line.what, total, answers, ""];
  });
  const text = [["date", "scale", "score", "items", "given"], ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
  save(new Blob([`${text}\r\n`], { type: "text/csv" }), "scores.csv");
}

/** Scores, what was given, and where the plan is to be found. @param {FollowLine[]} lines @param {string} start @param {string} plan its address */
export function saveJson(lines, start, plan) {
  const scores = lines.filter((line) => line.what !== "given").map((line) => {
    const { answers, total } = answersOf(line.value);
    return { date: line.when, scale: line.what, ...(total ? { score: total } : {}), ...(answers ? { items: answers.split(" ") } : {}) };
  });
  const given = lines.filter((line) => line.what === "given").map((line) => ({ date: line.when, given: line.value }));
  const held = { scores, ...(given.length ? { given } : {}), ...(start ? { start } : {}), ...(plan ? { plan } : {}) };
  save(new Blob([JSON.stringify(held, null, 2)], { type: "application/json" }), "scores.json");
}

/** The forecast as numbers. @param {Outlook} told */
export function saveBands(told) {
  const names = /** @type {(keyof import("../shapes").FollowBand)[]} */ (Object.keys(told.bands[0]));
  const text = [names.join(","), ...told.bands.map((band) => names.map((name) => band[name]).join(","))].join("\r\n");
  save(new Blob([`${text}\r\n`], { type: "text/csv" }), "forecast-bands.csv");
}
