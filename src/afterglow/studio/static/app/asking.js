// @ts-check
/** Asks for the course of a design: a first answer at once, the full run when it has settled. */
import { get, latest, post, useBack } from "./api.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";

/** @typedef {import("./shapes").Design} Design */
/** @typedef {import("./shapes").Course} Course */
/** @typedef {import("./shapes").Certainty} Certainty */

const SETTLED_MS = 220;
/** In a crowd, an answer that takes longer is the last first one until a full one is quicker. */
const SLOW_MS = 600;

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
 * The course of a design, kept up to date while it changes: first answers, one question at a time, the newest next, and
 * the full answer once that is there. `of` says which design it belongs to. A server that did not answer is asked again
 * when it is back.
 * @param {Design} design
 * @param {{sparing?: boolean}} [more] whether no first answers are asked for while they are slow in a crowd: the full one,
 *   which the caller takes, holds all that they say
 */
export function useCourse(design, { sparing = false } = {}) {
  const [course, setCourse] = useState(/** @type {Course | null} */ (null));
  const [error, setError] = useState("");
  const [tries, setTries] = useState(0);
  const [lost, setLost] = useState(false);
  const back = useBack();
  const asked = useRef({ since: 0, of: "", slow: false });
  const spared = useRef(false); // whether no first answers are asked for
  const without = useRef(false); // whether nothing was asked for the design as it is, and nothing came
  /** @param {Course} answer @param {number} since @param {string} of @param {boolean} slow */
  const take = (answer, since, of, slow) => {
    const either = slow || (asked.current.slow && asked.current.of === of); // the full answer may come with the first
    asked.current = { since, of, slow: either };
    spared.current = sparing && either && answer.crowded;
    without.current = false;
    setCourse(answer);
    setError("");
    setLost(false);
  };
  const ask = useMemo(
    () =>
      latest(
        async (/** @type {{design: Design, since: number}} */ question) => {
          without.current = spared.current;
          return spared.current ? null : post("/api/course", question.design);
        },
        (/** @type {Course | null} */ answer, { design: of, since }) => {
          if (answer && since > asked.current.since) take(answer, since, JSON.stringify(of), performance.now() - since > SLOW_MS);
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
  const askNow = () => {
    performance.mark("course-asked");
    void ask({ design, since: performance.now() });
  };
  useLayoutEffect(askNow, [key, tries, back]);
  const unspared = () => {
    spared.current = false;
    if (without.current) askNow();
  };
  useEffect(() => {
    if (error) document.documentElement.dataset.ready = "true";
  }, [error]);
  useLayoutEffect(() => {
    if (course && !course.full) painted("course", asked.current.since);
  }, [course]);
  return { course, of: asked.current.of, error, lost, take, unspared, again: () => setTries((n) => n + 1), tries };
}

/**
 * What a settled design comes to in the full run. `of` says which design the answer belongs to, `since` when it was
 * asked for, and `slow` whether that took long.
 * @template A
 * @param {Design} design @param {string} path @param {string} what the name of its measure
 * @param {{when?: boolean, tries?: number}} [more] whether it is asked at all; counted up to ask again
 */
export function useSettled(design, path, what, { when = true, tries = 0 } = {}) {
  const [found, setFound] = useState(/** @type {A | null} */ (null));
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(true);
  const back = useBack();
  const asked = useRef({ since: 0, of: "", slow: false });
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
        asked.current = { since, of: key, slow: performance.now() - since > SLOW_MS };
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
  return { found, ...asked.current, error, busy, fresh: asked.current.of === key };
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
