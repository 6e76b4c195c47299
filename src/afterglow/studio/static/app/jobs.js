// @ts-check
/** A long calculation: started, watched, cancelled, and found again in the same tab. Its number never enters an address. */
import { get, post, remove } from "./api.js";
import { html, useEffect, useRef, useState } from "./html.js";

/** @typedef {import("./shapes").Job} Job */

const ENDED = ["done", "failed", "cancelled"];
const AGAIN_MS = 3000;

/** Where this tab keeps which calculation belongs to what was asked; it ends with the tab. @param {string} kind @param {string} of */
const place = (kind, of) => `afterglow-job ${kind} ${of}`;

/**
 * @template R
 * @param {string} kind
 * @param {string} of what the calculation belongs to: with another text there is another calculation, or none
 */
export function useJob(kind, of) {
  const [job, setJob] = useState(/** @type {Job | null} */ (null));
  const [problem, setProblem] = useState("");
  const stream = useRef(/** @type {EventSource | null} */ (null));
  const again = useRef(0);
  const starting = useRef(false);
  const own = useRef(of);
  own.current = of;

  const stop = () => {
    stream.current?.close();
    clearTimeout(again.current);
  };
  const watch = (/** @type {string} */ id) => {
    stop();
    const source = new EventSource(`/api/jobs/${id}/events`);
    stream.current = source;
    source.addEventListener("progress", (event) => setJob(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    for (const end of ENDED) {
      source.addEventListener(end, () => {
        source.close();
        void look(id, of);
      });
    }
    // When the line breaks the calculation may well go on: ask for it, and watch again while it runs.
    source.onerror = () => {
      source.close();
      clearTimeout(again.current);
      again.current = setTimeout(() => void look(id, of), 800);
    };
  };
  /** @param {string} id @param {string} asked */
  const look = async (id, asked) => {
    try {
      /** @type {Job} */
      const found = await get(`/api/jobs/${id}`);
      if (own.current !== asked) return;
      setJob(found);
      setProblem("");
      if (!ENDED.includes(found.state)) watch(id);
    } catch (error) {
      if (own.current !== asked) return;
      const told = /** @type {Error & {status?: number}} */ (error);
      if (told.status === 404) {
        sessionStorage.removeItem(place(kind, asked));
        setJob(null);
        setProblem("This calculation is no longer there. Start it again.");
        return;
      }
      setProblem(told.message);
      if (told.status === 0) again.current = setTimeout(() => void look(id, asked), AGAIN_MS);
    }
  };
  useEffect(() => {
    setJob(null);
    setProblem("");
    const id = sessionStorage.getItem(place(kind, of));
    if (id) void look(id, of);
    return stop;
  }, [kind, of]);
  /** @param {unknown} asked */
  const start = async (asked) => {
    if (starting.current) return;
    starting.current = true;
    setProblem("");
    try {
      /** @type {Job} */
      const made = await post("/api/jobs", { kind, asked });
      sessionStorage.setItem(place(kind, of), made.id);
      if (own.current === of) {
        setJob(made);
        watch(made.id);
      }
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
    starting.current = false;
  };
  const cancel = async () => {
    if (!job) return;
    try {
      await remove(`/api/jobs/${job.id}`);
      await look(job.id, of);
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  const running = job !== null && !ENDED.includes(job.state);
  const failed = job?.state === "failed" || (problem !== "" && !running);
  const result = job?.state === "done" ? /** @type {R | null} */ (/** @type {unknown} */ (job.result)) : null;
  return { job, result, problem, running, failed, start, cancel };
}

/** How far a calculation is, and what became of it. @param {{of: ReturnType<typeof useJob>, testid?: string}} props */
export function Progress({ of, testid = "job-progress" }) {
  const { job, running, problem } = of;
  return html`<div aria-live="polite">
    ${running && job &&
    html`<p>${job.state === "waiting" ? `Waiting${job.queue_place ? `, place ${job.queue_place}` : ""}.` : `Calculating, ${Math.round(100 * job.progress)} %.`}</p>
      <progress data-testid=${testid} max="1" value=${job.progress} aria-label="Progress"></progress>`}
    ${job?.state === "cancelled" && html`<p>Cancelled.</p>`}
    ${job?.state === "failed" && html`<p class="warn" role="alert">${job.error ?? "The calculation failed; start it again."}</p>`}
    ${problem && html`<p class="warn" role="alert">${problem}</p>`}
  </div>`;
}
