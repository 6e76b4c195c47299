// @ts-check
/** Asks for the course of a design: a first answer at once, the full run when it has settled. */
import { get, latest, post, useBack } from "./api.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";

/** @typedef {import("./shapes").Design} Design */
/** @typedef {import("./shapes").Course} Course */
/** @typedef {import("./shapes").Certainty} Certainty */

const SETTLED_MS = 220;

/**
 * Note what was asked of the server, and when it was painted.
 * @param {string} what @param {number} since
 */
function painted(what, since) {
  requestAnimationFrame(() => {
    performance.mark(`${what}-painted`);
    performance.measure(what, { start: since, end: performance.now() });
    document.documentElement.dataset.ready = "true";
  });
}

/** Whether nobody answered at all: then it is worth asking again. @param {Error} problem */
const unheard = (problem) => /** @type {{status?: number}} */ (problem).status === 0;

/**
 * The first answer to a design, kept up to date while it changes: one question at a time, the newest next. `of` says
 * which design it belongs to. A server that did not answer is asked again when it is back.
 * @param {Design} design
 */
export function useCourse(design) {
  const [course, setCourse] = useState(/** @type {Course | null} */ (null));
  const [error, setError] = useState("");
  const [tries, setTries] = useState(0);
  const [lost, setLost] = useState(false);
  const back = useBack();
  const asked = useRef({ since: 0, of: "" });
  const ask = useMemo(
    () =>
      latest(
        (/** @type {{design: Design, since: number}} */ question) => post("/api/course", question.design),
        (/** @type {Course} */ answer, question) => {
          asked.current = { since: question.since, of: JSON.stringify(question.design) };
          setCourse(answer);
          setError("");
          setLost(false);
        },
        (problem) => {
          setError(problem.message);
          setLost(unheard(problem));
          document.documentElement.dataset.ready = "true";
        },
      ),
    [],
  );
  const key = JSON.stringify(design);
  useLayoutEffect(() => {
    performance.mark("course-asked");
    void ask({ design, since: performance.now() });
  }, [key, tries, back]);
  useEffect(() => {
    if (error) document.documentElement.dataset.ready = "true";
  }, [error]);
  useLayoutEffect(() => {
    if (course) painted("course", asked.current.since);
  }, [course]);
  return { course, of: asked.current.of, error, lost, again: () => setTries((n) => n + 1), tries };
}

/**
 * What a settled design comes to in the full run. `of` says which design the answer belongs to.
 * @template A
 * @param {Design} design @param {string} path @param {string} what the name of its measure
 * @param {{when?: boolean, tries?: number}} [more] whether it is asked at all; counted up to ask again
 */
export function useSettled(design, path, what, { when = true, tries = 0 } = {}) {
  const [found, setFound] = useState(/** @type {A | null} */ (null));
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(true);
  const back = useBack();
  const asked = useRef({ since: 0, of: "" });
  const stop = useRef(/** @type {AbortController | null} */ (null));
  const key = JSON.stringify(design);
  useEffect(() => {
    stop.current?.abort();
    if (!when) return undefined;
    setBusy(true);
    const timer = setTimeout(async () => {
      const own = new AbortController();
      stop.current = own;
      const since = performance.now();
      performance.mark(`${what}-asked`);
      try {
        const answer = await post(path, design, own.signal);
        asked.current = { since, of: key };
        setFound(answer);
        setError("");
        setBusy(false);
      } catch (problem) {
        if (own.signal.aborted) return;
        setError(/** @type {Error} */ (problem).message);
        setBusy(false);
      }
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [key, when, tries, back]);
  useEffect(() => () => stop.current?.abort(), []);
  useLayoutEffect(() => {
    if (found) painted(what, asked.current.since);
  }, [found]);
  return { found, of: asked.current.of, error, busy, fresh: asked.current.of === key };
}

/**
 * What an address answers, and what went wrong; asked again when a server that did not answer is back.
 * @template T
 * @param {(found: any) => T} as names the shape
 * @param {string} path
 * @returns {[T | null, string]}
 */
export function useFetched(as, path) {
  const [found, setFound] = useState(/** @type {{path: string, answer: T} | null} */ (null));
  const [problem, setProblem] = useState("");
  const back = useBack();
  useEffect(() => {
    let stale = false;
    get(path).then(
      (answer) => {
        if (stale) return;
        setFound({ path, answer: as(answer) });
        setProblem("");
        document.documentElement.dataset.ready = "true";
      },
      (/** @type {Error} */ error) => {
        if (!stale) setProblem(error.message);
        document.documentElement.dataset.ready = "true";
      },
    );
    return () => {
      stale = true;
    };
  }, [path, back]);
  return [found?.path === path ? found.answer : null, problem];
}
