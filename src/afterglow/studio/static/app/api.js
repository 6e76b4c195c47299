// @ts-check
/** Talks to the server: the word against forged requests, errors as sentences, latest-only questions. */

import { datesIn } from "./dates.js";
import { useEffect, useState } from "./html.js";
import { inOwnNumbers } from "./numbers.js";

/** A refusal with the server's own sentence, its numbers and dates as the reader's language writes them. */
export class Refusal extends Error {
  /** @param {number} status @param {string} sentence */
  constructor(status, sentence) {
    super(datesIn(inOwnNumbers(sentence)));
    this.status = status;
  }
}

/** Events: the server did not answer; it answers again. */
export const LOST = "afterglow-lost";
export const BACK = "afterglow-back";

const ASKED_BEFORE_LOGIN = ["/api/login", "/api/choices"];

/** @type {import("./shapes").Account | null} */
let account = null;

/** @returns {Promise<import("./shapes").Account>} */
export async function loadAccount() {
  account = await get("/api/account");
  return /** @type {import("./shapes").Account} */ (account);
}

/** @param {Response} answer */
async function refusalOf(answer) {
  const fallback = answer.status === 429 ? "Many people are calculating just now; try again." : "The server refused this.";
  try {
    return new Refusal(answer.status, (await answer.json()).error ?? fallback);
  } catch {
    return new Refusal(answer.status, fallback);
  }
}

/** @param {string} path @param {RequestInit} [options] */
async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    dispatchEvent(new Event(LOST));
    throw new Refusal(0, "The studio does not answer. Is it still running?");
  }
  if (answer.status === 401 && !ASKED_BEFORE_LOGIN.includes(path)) dispatchEvent(new Event("afterglow-logged-out"));
  if (!answer.ok) throw await refusalOf(answer);
  return answer;
}

/** Whether the server answers; asks nobody for anything. @returns {Promise<boolean>} */
export async function answers() {
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** Counts how often the server has come back, for what has to be asked again then. @returns {number} */
export function useBack() {
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const back = () => setTimes((n) => n + 1);
    addEventListener(BACK, back);
    return () => removeEventListener(BACK, back);
  }, []);
  return times;
}

/** @param {string} path @returns {Promise<any>} */
export async function get(path) {
  return (await ask(path)).json();
}

/** @param {string} method @param {string} path @param {unknown} body @param {AbortSignal} [signal] */
async function send(method, path, body, signal) {
  const headers = { "Content-Type": "application/json", "X-Afterglow-CSRF": account?.csrf ?? "" };
  const data = body === undefined ? undefined : JSON.stringify(body);
  return ask(path, { method, headers, body: data, signal });
}

/** @param {string} path @param {unknown} body @param {AbortSignal} [signal] @returns {Promise<any>} */
export async function post(path, body, signal) {
  const answer = await send("POST", path, body, signal);
  return answer.status === 204 ? null : answer.json();
}

/** @param {string} path @param {unknown} body @returns {Promise<any>} */
export async function put(path, body) {
  return (await send("PUT", path, body)).json();
}

/** @param {string} path */
export async function remove(path) {
  await send("DELETE", path, undefined);
}

/** Fetch a file and hand it to the browser to keep. @param {string} path @param {unknown} body @param {string} name @returns {Promise<string>} what it leaves out */
export async function download(path, body, name) {
  const answer = await send("POST", path, body);
  save(await answer.blob(), name);
  return answer.headers.get("X-Afterglow-Note") ?? "";
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Ask one question at a time; while one is under way only the newest is kept.
 * @template Q, A
 * @param {(question: Q) => Promise<A>} answerTo
 * @param {(answer: A, question: Q) => void} told
 * @param {(error: Error) => void} failed
 */
export function latest(answerTo, told, failed) {
  let busy = false;
  /** @type {{question: Q} | null} */
  let next = null;
  /** @param {Q} question */
  async function run(question) {
    if (busy) {
      next = { question };
      return;
    }
    busy = true;
    try {
      const answer = await answerTo(question);
      told(answer, question);
    } catch (error) {
      failed(/** @type {Error} */ (error));
    }
    busy = false;
    if (next !== null) {
      const waiting = next.question;
      next = null;
      void run(waiting);
    }
  }
  return run;
}
