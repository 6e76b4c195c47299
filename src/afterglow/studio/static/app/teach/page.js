// @ts-check
/** Teach: a story of five steps in which people guess first and see then. */
import { useSettled } from "../asking.js";
import { Numbers } from "../chart.js";
import { Choice } from "../fields.js";
import { html, PRINTED, useEffect, useLayoutEffect, useMemo, useRef, useState, useWidth } from "../html.js";
import { dayText, numberText, signed } from "../numbers.js";
import { savePng, saveSlide } from "../picture.js";
import { WEIGHTED } from "../state.js";
import { StoryPicture } from "./picture.js";
import { stepsOf } from "./steps.js";

/** @typedef {import("../shapes").Certainty} Certainty */
/** @typedef {import("../shapes").Choices} Choices */

const DRAWN_S = 1.6;
const MORPH_S = 0.6;
const PRESENTED = 1.5;

/** @param {{choices: Choices}} props */
export function Teach({ choices }) {
  const query = new URLSearchParams(location.search);
  const offered = choices.medicines.filter((m) => choices.starters[m.id]);
  const [unread] = useState(() => unreadOf(query, offered.map((m) => m.id)));
  const [medicine, setMedicine] = useState(offered.some((m) => m.id === query.get("with")) ? String(query.get("with")) : "psilocybin");
  const [at, setAt] = useState(Math.min(4, Math.max(0, Number(query.get("step") ?? 1) - 1 || 0)));
  const [guesses, setGuesses] = useState(/** @type {Record<string, number>} */ ({}));
  const [revealed, setRevealed] = useState(/** @type {Record<string, boolean>} */ ({}));
  const [presenting, setPresenting] = useState(false);
  const name = offered.find((m) => m.id === medicine)?.label.split(",")[0] ?? medicine;
  const steps = useMemo(() => stepsOf(choices.starters[medicine], name.startsWith("MDMA") ? name : name.toLowerCase()), [medicine]);
  const step = steps[at];
  const place = `${medicine} ${step.id}`;
  const open = Boolean(revealed[place]) || step.explains;
  useLayoutEffect(() => history.replaceState(null, "", `/teach?with=${medicine}&step=${at + 1}`), [medicine, at]);
  useEffect(() => {
    document.documentElement.classList.toggle("presenting", presenting);
    const left = () => document.fullscreenElement || setPresenting(false);
    document.addEventListener("fullscreenchange", left);
    return () => {
      document.documentElement.classList.remove("presenting");
      document.removeEventListener("fullscreenchange", left);
    };
  }, [presenting]);
  useEffect(() => {
    const keys = (/** @type {KeyboardEvent} */ event) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      if (event.key === "ArrowRight" || event.key === "PageDown") setAt((k) => Math.min(4, k + 1));
      else if (event.key === "ArrowLeft" || event.key === "PageUp") setAt((k) => Math.max(0, k - 1));
      else if (event.key === "Escape") setPresenting(false);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
  const present = () => {
    if (presenting && document.fullscreenElement) void document.exitFullscreen();
    else if (!presenting) void document.documentElement.requestFullscreen?.().catch(() => undefined);
    setPresenting(!presenting);
  };
  const turn = html`<div class="buttons no-print">
    <button type="button" disabled=${at === 0} onClick=${() => setAt(at - 1)}>Back</button>
    <button type="button" class=${open ? "main" : ""} disabled=${at === steps.length - 1} onClick=${() => setAt(at + 1)}>Next</button>
    <button type="button" onClick=${present}>${presenting ? "End presenting" : "Present"}</button>
  </div>`;
  return html`<main id="main" class="teaching" tabindex="-1">
    <h1>The drug opens a door. The work afterwards decides what stays, perhaps.</h1>
    ${unread && html`<p class="note" role="status">${unread}</p>`}
    <div class="chapters no-print" role="group" aria-label="Steps of the story">
      ${steps.map((s, k) => html`<button type="button" aria-pressed=${k === at} aria-label=${`Step ${k + 1}: ${s.title}`} onClick=${() => setAt(k)}><b>${k + 1}</b><span> ${s.title}</span></button>`)}
    </div>
    <${Scene} key=${place} step=${step} choices=${choices} guess=${guesses[place]} onGuess=${(/** @type {number} */ v) => setGuesses({ ...guesses, [place]: v })}
      revealed=${Boolean(revealed[place])} onReveal=${() => setRevealed({ ...revealed, [place]: true })} number=${at + 1} turn=${turn} presenting=${presenting} />
    <div class="buttons once no-print">
      <${Choice} label="Medicine" value=${medicine} options=${offered} onChange=${setMedicine} />
      <button type="button" disabled=${!Object.keys(revealed).length} onClick=${() => { setRevealed({}); setGuesses({}); }}>Begin anew: forget guesses and answers</button>
    </div>
  </main>`;
}

/** What a link says that the story does not have. @param {URLSearchParams} query @param {string[]} offered */
function unreadOf(query, offered) {
  const [medicine, step] = [query.get("with"), query.get("step")];
  return [
    medicine !== null && !offered.includes(medicine) ? `The story is told of ${offered.join(", ")}, not of “${medicine.slice(0, 40)}”.` : "",
    step !== null && !/^[1-5]$/.test(step) ? `There is no step “${step.slice(0, 40)}”: they are 1 to 5.` : "",
  ].filter(Boolean).join(" ");
}

/**
 * @param {{step: import("./steps.js").Step, choices: Choices, guess: number | undefined, onGuess: (v: number) => void, revealed: boolean,
 *   onReveal: () => void, number: number, turn: unknown, presenting: boolean}} props `turn` are the buttons that turn the page
 */
function Scene({ step, choices, guess, onGuess, revealed, onReveal, number, turn, presenting }) {
  const svg = useRef(/** @type {SVGSVGElement | null} */ (null));
  // In front of a class all of it is drawn larger, its words too.
  const near = presenting ? PRESENTED : 1;
  const width = Math.min(1180, useWidth(() => svg.current?.parentElement, 900, PRINTED)) / near;
  const tall = presenting ? (0.5 * innerHeight) / near : Math.min(440, 0.48 * innerHeight);
  const height = Math.round(Math.max(180, Math.min(tall, Math.max(280 / near, width * 0.42))));
  const [rival, setRival] = useState(WEIGHTED);
  const design = useMemo(() => ({ ...step.design, rival }), [step, rival]);
  const { found, error, fresh } = useSettled(design, "/api/certainty", "certainty");
  const full = /** @type {Certainty | null} */ (found);
  const course = full?.course;
  const arm = course?.arms[0];
  const condition = choices.conditions.find((c) => c.id === step.design.condition) ?? choices.conditions[0];
  const scale = condition.scales.find((s) => s.id === condition.scale) ?? condition.scales[0];
  const start = arm ? arm.curves.severity_score.mean[0] : condition.baseline_mean;
  const top = Math.min(scale.high, Math.ceil((condition.baseline_mean * 1.3) / 5) * 5);
  const target = useMemo(
    () =>
      arm && {
        days: arm.days,
        own: arm.curves.severity_score.mean,
        without: step.twin && arm.twin ? arm.twin.curves.severity_score : null,
        low: arm.band?.low ?? null,
        high: arm.band?.high ?? null,
      },
    [arm],
  );
  const lines = useMorph(target ?? null);
  const open = revealed || step.explains;
  const shown = useDrawn(open && Boolean(arm), step.explains);
  const last = arm?.scores.filter((r) => r.scale === scale.id).pop();
  const contrast = full?.contrasts[full.contrasts.length - 1];
  const answer = !last || !open ? "" : answerOf(last, contrast, step, scale.id, step.explains ? undefined : guess);
  const said = `${step.title}. ${open ? answer : step.asks}`;
  const horizon = step.design.horizon_days;
  const keep = (/** @type {typeof saveSlide} */ how, /** @type {string} */ ending) =>
    svg.current && how(svg.current, step.title, open ? `${answer} ${step.seen}` : step.asks, `afterglow-step-${number}.${ending}`);
  return html`<section class="card scene" aria-label=${`Step ${number}`} aria-busy=${!fresh}>
    <h2>${number}. ${step.title}</h2>
    <p class="asks">${step.asks}</p>
    ${error && html`<p class="warn" role="alert">${error}</p>`}
    ${step.explains &&
    html`<div class="segments no-print" role="group" aria-label="Explanation">
      ${[{ id: WEIGHTED, label: "All, weighted", weight: 1 }, ...choices.rivals].map(
        (r) => html`<button type="button" aria-pressed=${r.id === rival} onClick=${() => setRival(r.id)}>${r.label}${r.id === WEIGHTED ? "" : ` ${Math.round(100 * r.weight)} %`}</button>`,
      )}
    </div>
    <p class="source">${choices.rivals.find((r) => r.id === rival)?.sentence ?? "Each counts by how well it foretold studies that it had not seen."}</p>`}
    <div><${StoryPicture} box=${svg} width=${width} height=${height} scale=${scale} first=${arm ? arm.days[0] : -7} last=${horizon} top=${top} start=${start}
      lines=${open ? lines : null} shown=${shown} shares=${arm && open ? arm.open_shares : null} guess=${step.explains || (open && guess === undefined) ? null : guess ?? Math.round(start)} guessed=${guess !== undefined} onGuess=${open ? null : onGuess} said=${said} /></div>
    ${!open && html`<p class="no-print"><button type="button" class="main" disabled=${!arm} onClick=${onReveal} data-testid="reveal">${arm ? "Show what the model says" : "The model is asked"}</button>
      ${arm && guess === undefined && html` <span class="source">Guess first: drag the ring, or move it with the arrow keys.</span>`}</p>`}
    <div role="status" data-testid="story-answer">${open && answer && html`<p class="lead-answer">${answer}</p><p>${step.seen}</p>`}</div>
    ${turn}
    ${course && open && html`<p class="source">${course.note.replace("shading holds nine in ten", "shading is the 90 % interval of the mean")}</p>`}
    ${target && open && html`<${Numbers} title=${`${scale.id}, ${step.title.toLowerCase()}`} days=${target.days} unit="points; in brackets the 90 % interval of the mean" said=${said}
      lines=${[{ label: "As given", values: target.own, low: target.low ?? undefined, high: target.high ?? undefined, colour: "arm-1" },
        ...(target.without ? [{ label: "Same people without integration", values: target.without, colour: "twin" }] : [])]} />`}
    <p class="buttons slides no-print"><button type="button" class="quiet" onClick=${() => keep(savePng, "png")}>Slide as PNG, 1920 × 1080</button>
      <button type="button" class="quiet" onClick=${() => keep(saveSlide, "svg")}>Slide as SVG</button></p>
  </section>`;
}

/**
 * @param {import("../shapes").ScoreRow} last @param {Certainty["contrasts"][number] | undefined} contrast @param {import("./steps.js").Step} step
 * @param {string} scale @param {number | undefined} guess
 */
function answerOf(last, contrast, step, scale, guess) {
  const off = Math.abs((guess ?? 0) - last.mean);
  const beside = guess === undefined ? "" : ` You said ${guess}: ${off < 1.5 ? "that is what the model says" : `${numberText(off, 1)} ${guess < last.mean ? "too low" : "too high"} by this model`}.`;
  const mean = `On day ${dayText(last.day)} the mean ${scale} is ${numberText(last.mean, 1)}, and ${Math.round(100 * last.response)} in 100 respond.${beside}`;
  if (!step.twin || !contrast) return mean;
  const cannot = contrast.low <= 0 && contrast.high >= 0 ? "; it cannot tell whether that is anything" : "";
  return `${mean} Integration adds ${signed(contrast.difference)} points by this model, 90 % interval ${signed(contrast.low)} to ${signed(contrast.high)}${cannot}.`;
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** How much of the course has been drawn since it was revealed. @param {boolean} open @param {boolean} atOnce */
function useDrawn(open, atOnce) {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    if (!open) {
      setShown(0);
      return undefined;
    }
    if (atOnce || still()) {
      setShown(1);
      return undefined;
    }
    const since = performance.now();
    let frame = requestAnimationFrame(function draw(now) {
      const share = Math.min(1, (now - since) / 1000 / DRAWN_S);
      setShown(share);
      if (share < 1) frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [open]);
  return shown;
}

/** Lines that move from one course to the next on the same days. @param {import("./picture.js").Lines | null} target */
function useMorph(target) {
  const [lines, setLines] = useState(target);
  const from = useRef(target);
  useEffect(() => {
    const begun = from.current;
    const alike = begun && target && begun.days.length === target.days.length && Boolean(begun.without) === Boolean(target.without);
    if (!target || !alike || begun === target || still()) {
      from.current = target;
      setLines(target);
      return undefined;
    }
    const since = performance.now();
    let frame = requestAnimationFrame(function move(now) {
      const share = Math.min(1, (now - since) / 1000 / MORPH_S);
      const ease = share * share * (3 - 2 * share);
      /** @param {number[] | null} a @param {number[] | null} b */
      const mix = (a, b) => (a && b ? b.map((v, k) => a[k] + ease * (v - a[k])) : b);
      const now_ = { days: target.days, own: mix(begun.own, target.own) ?? [], without: mix(begun.without, target.without), low: mix(begun.low, target.low), high: mix(begun.high, target.high) };
      from.current = share < 1 ? now_ : target;
      setLines(from.current);
      if (share < 1) frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }, [target]);
  return lines;
}
