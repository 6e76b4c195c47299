// @ts-check
/** In the brain: a stage that shows what the run says happens in hours and days after a dose. */
import { useSettled } from "../asking.js";
import { valueAt } from "../chart.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState, useWidth } from "../html.js";
import { dayText, numberText, tidy } from "../numbers.js";
import { savePicture } from "../picture.js";
import { Sources } from "../words.js";
import { Stage } from "./stage.js";

/** @typedef {import("../shapes").Design} Design */
/** @typedef {import("../shapes").Brain} Brain */

const HOURS = 24;
const STEPS = 1000;
/** Share of the slider that the first day after a dose takes. */
const FIRST = 0.45;
const PLAY_S = 24;
const SPEEDS = [0.5, 1, 2, 4];
const KNOWN = { people: "measured in people", animals: "seen in animals", assumed: "assumed by this model" };

/**
 * A place on the slider as a day: hours first, then days that pass ever faster.
 * @param {number} u from 0 to 1 @param {number} dose @param {number} last
 */
function dayOf(u, dose, last) {
  if (u <= FIRST) return dose - 2 / 24 + (u / FIRST) * (HOURS + 2) / 24;
  const v = (u - FIRST) / (1 - FIRST);
  return dose + Math.exp(v * Math.log(Math.max(2, last - dose)));
}

/** The place of a day, the inverse of `dayOf`. @param {number} day @param {number} dose @param {number} last */
function placeOf(day, dose, last) {
  const since = day - dose;
  if (since <= 1) return Math.max(0, (FIRST * (24 * since + 2)) / (HOURS + 2));
  return FIRST + (1 - FIRST) * Math.min(1, Math.log(since) / Math.log(Math.max(2, last - dose)));
}

/** @param {{design: Design, ready: boolean, day: number, onDay: (day: number) => void}} props */
export function InTheBrain({ design, ready, day, onDay }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((all) => all.some((one) => one.isIntersecting) && setNear(true), { rootMargin: "200px" });
    if (place.current) watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  const { found, busy, error } = useSettled(design, "/api/brain", "brain", { when: near && ready });
  const brain = /** @type {Brain | null} */ (found);
  return html`<section class="card brain" ref=${place} data-testid="brain" aria-label="In the brain" aria-busy=${busy}>
    <h2>In the brain</h2>
    ${error && html`<p class="warn">${error}</p>`}
    ${brain
      ? brain.dose_days.length && brain.tracks.target
        ? html`<${Played} brain=${brain} day=${day} onDay=${onDay} />`
        : html`<p>Nothing is given that acts there: no window opens, and change comes slowly.</p>`
      : !error && html`<p>The full run is asked for its states.</p>`}
  </section>`;
}

/** @param {{brain: Brain, day: number, onDay: (day: number) => void}} props */
function Played({ brain, day, onDay }) {
  const svg = useRef(/** @type {SVGSVGElement | null} */ (null));
  const width = useWidth(() => svg.current?.parentElement, 900);
  const still = useMemo(() => matchMedia("(prefers-reduced-motion: reduce)").matches, []);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [chosen, setChosen] = useState("");
  const last = brain.days[brain.days.length - 1];
  const [dose, setDose] = useState(brain.dose_days[0]);
  const [now, setNow] = useState(day);
  const told = useRef(0);

  // The cursor of the picture above moves the stage, and while it plays the stage moves the cursor.
  useEffect(() => {
    if (playing) return;
    setNow(day);
    const before = brain.dose_days.filter((d) => d <= day + 2 / 24);
    if (before.length) setDose(before[before.length - 1]);
  }, [day, playing, brain]);
  useEffect(() => {
    if (!playing) return undefined;
    let [frame, since, u] = [0, performance.now(), placeOf(now, dose, last) >= 0.999 ? 0 : placeOf(now, dose, last)];
    const step = (/** @type {number} */ time) => {
      u = Math.min(1, u + ((time - since) / 1000 / PLAY_S) * speed);
      since = time;
      const next = dayOf(u, dose, last);
      setNow(next);
      if (time - told.current > 200) {
        told.current = time;
        onDay(rounded(next));
      }
      if (u >= 1) setPlaying(false);
      else frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, dose, brain]);
  useLayoutEffect(() => {
    if (!playing) told.current = 0;
  }, [playing]);

  const at = (/** @type {string} */ name) => valueAt(brain.days, brain.tracks[name], Math.min(Math.max(now, brain.days[0]), last)) ?? 0;
  const since = now - dose;
  const when = since <= 1.02 ? `${since < 0 ? "Before the dose" : `${numberText(24 * since, 1)} hours after the dose`}` : `Day ${dayText(Math.round(now))}`;
  const states = ["target", "concentration", "signal", "labile_spines", "stable_spines", "window"].map((name) => [name, at(name)]);
  const own = /** @type {Record<string, number>} */ (Object.fromEntries(states));
  const target = brain.things.find((t) => t.id === "target")?.label ?? "";
  const said = `${when}: ${target} ${percent(own.target)}, new spines ${percent(own.labile_spines)} of all possible, kept by use ${percent(own.stable_spines)}, window open ${percent(own.window)}.`;
  const thing = brain.things.find((t) => t.id === chosen);
  const scrub = (/** @type {number} */ u) => {
    setPlaying(false);
    const next = dayOf(u, dose, last);
    setNow(next);
    onDay(rounded(next));
  };
  return html`<div class="played">
    <div class="stage-box"><${Stage} box=${svg} width=${width} brain=${brain} now=${now} dose=${dose} states=${own} when=${when} said=${said} chosen=${chosen}
      onChoose=${(/** @type {string} */ id) => setChosen(id === chosen ? "" : id)} still=${still} /></div>
    <div class="scrub no-print">
      <button type="button" class="main" onClick=${() => setPlaying(!playing)} data-testid="brain-play">${playing ? "Pause" : "Play"}</button>
      <input type="range" min="0" max=${STEPS} step="1" value=${Math.round(STEPS * placeOf(now, dose, last))} aria-label="Time after the dose"
        aria-valuetext=${when} onInput=${(/** @type {any} */ e) => scrub(Number(e.currentTarget.value) / STEPS)} />
      <output data-testid="brain-when">${when}</output>
      <label class="speed">Speed <select value=${String(speed)} onChange=${(/** @type {any} */ e) => setSpeed(Number(e.currentTarget.value))}>
        ${SPEEDS.map((s) => html`<option value=${String(s)} selected=${s === speed}>${tidy(s)} ×</option>`)}</select></label>
      ${brain.dose_days.length > 1 &&
      html`<label class="speed">After <select value=${String(dose)} onChange=${(/** @type {any} */ e) => { setDose(Number(e.currentTarget.value)); onDay(Number(e.currentTarget.value)); }}>
        ${brain.dose_days.map((d, k) => html`<option value=${String(d)} selected=${d === dose}>dose ${k + 1}, day ${dayText(d)}</option>`)}</select></label>`}
      <button type="button" onClick=${() => svg.current && savePicture(svg.current, "afterglow-brain.svg")}>Save this picture</button>
    </div>
    <div class="things" role="group" aria-label="What is drawn, and where it is known from">
      ${brain.things.map(
        (t) => html`<button type="button" class="quiet" aria-pressed=${t.id === chosen} onClick=${() => setChosen(t.id === chosen ? "" : t.id)}>
          ${t.label} <small>${KNOWN[t.known]}</small></button>`,
      )}
    </div>
    ${thing && html`<p class="note" role="status" data-testid="brain-thing"><strong>${thing.label}</strong>, ${KNOWN[thing.known]}. ${thing.text} <${Sources} sources=${thing.sources} /></p>`}
    <p class="source">${said} Means over people and draws of the full run; ${brain.peak ? `${brain.peak.analyte} peaks at ${tidy(brain.peak.cmax)} ng/mL after ${numberText(brain.peak.tmax_h, 1)} h${brain.peak.half_life_h ? `, half-life ${numberText(brain.peak.half_life_h, 1)} h` : ""}.` : "no level in blood."}</p>
  </div>`;
}

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)} %`;

/** A day as the cursor has it: hours on the first day, whole days later. @param {number} day */
const rounded = (day) => (Math.abs(day - Math.round(day)) > 0.02 && day < 400 ? Math.round(day * 24) / 24 : Math.round(day));
