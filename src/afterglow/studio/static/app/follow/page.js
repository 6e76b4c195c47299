// @ts-check
/** Follow: one person's own scores, and what they make likely. All of it stays in this tab. */
import { post } from "../api.js";
import { useFetched, useSettled } from "../asking.js";
import { dateField, datesIn } from "../dates.js";
import { Word } from "../fields.js";
import { html, once, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { DateField } from "../moment.js";
import { inOwnNumbers, tidy } from "../numbers.js";
import { savePicture } from "../picture.js";
import { planKept } from "../planned/address.js";
import { addressOf } from "../state.js";
import { useUndo } from "../undo.js";
import { BandTable, Chances, Explanations, From, OneMore, RestsOn, Track } from "./cards.js";
import { dayWords, inOwnOrder } from "./days.js";
import { saveBands, saveCsv, saveJson, settledLines } from "./files.js";
import { FollowHero, highOf, lowOf } from "./hero.js";
import { freshLine, isEmpty, Lines, withRoom } from "./lines.js";
import { alone, NO_PLAN, planOf, savedPlan, savedPlans, words } from "./plans.js";

/** @typedef {import("../shapes").FollowAnswer} Answer */
/** @typedef {import("../shapes").FollowRequest} FollowRequest */
/** @typedef {import("../shapes").Outlook} Outlook */
/** @typedef {import("./lines.js").Typed} Typed */
/** @typedef {import("./plans.js").Plan} Plan */
/** @typedef {{lines: Typed[], scale: string, ahead: number, start: string, plan: Plan}} Followed */

const WEEKS = [4, 8, 12, 26, 52];
const BANK_SHOWN_MS = 350;
/** What one thing more would change takes longer, and waits until nobody types. */
const REST_MS = 900;
const UNDER = "Afterglow studio. What one person's scores make likely, not what will happen; not medical advice.";
const EXAMPLE = [["0", "19"], ["14", "15"], ["28", "16"], ["42", "12"]];

/** Between two visits of this page it stays in the memory of the tab, and nowhere else. @type {Followed | null} */
let kept = null;
addEventListener("afterglow-logged-out", () => (kept = null));

/** @returns {Followed} */
const nothing = () => ({ lines: withRoom([], "PHQ-9"), scale: "", ahead: 84, start: "", plan: NO_PLAN });

/**
 * @param {{choices: import("../shapes").Choices, design: import("../shapes").Design, onOpen: (to: string) => void}} props `design` is that of Explore
 */
export function Follow(props) {
  const [people, setPeople] = useState(0);
  const forget = () => {
    kept = nothing();
    setPeople(people + 1);
  };
  // Nobody's steps back lead to somebody forgotten.
  return html`<${Person} key=${people} ...${props} onForget=${forget} />`;
}

/**
 * @param {{choices: import("../shapes").Choices, design: import("../shapes").Design, onOpen: (to: string) => void, onForget: () => void}} props
 */
function Person({ choices, design, onOpen, onForget }) {
  const [state, setState] = useState(() => arrived(choices, design));
  const [facts] = useFetched((/** @type {import("../shapes").FollowFacts} */ answer) => answer, "/api/follow/facts");
  const [held, setHeld] = useState(/** @type {import("./lines.js").Held | null} */ (null));
  const [counted, setCounted] = useState(/** @type {number | null} */ (null));
  const [saved, setSaved] = useState("");
  const [tries, setTries] = useState(0);
  const undo = useUndo(state, setState);
  const picture = useRef(/** @type {SVGSVGElement | null} */ (null));
  useLayoutEffect(() => {
    if (location.search) history.replaceState(null, "", "/follow");
  }, []);
  const filled = state.lines.filter((line) => !isEmpty(line));
  const text = JSON.stringify(filled.map(({ when, what, value }) => [when, what, value]));
  useLayoutEffect(() => {
    kept = state;
  }, [state]);
  useEffect(() => {
    if (!filled.length || text === saved) return undefined;
    const warn = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [text, saved]);

  /** @param {Partial<Followed>} part */
  const set = (part) => setState((/** @type {Followed} */ now) => ({ ...now, ...part }));
  // A date that is half typed is not asked about: until it is done, it stays what it was.
  const done = inOwnOrder(filled.map(({ key, when, what, value }) => ({ when: held?.key === key ? held.when : when, what, value })));
  const complete = done.some((line) => line.when.trim() && line.value.trim());
  const asked = /** @type {FollowRequest} */ ({
    design: state.plan.design, scale: state.scale, ahead_days: state.ahead, start: state.start || state.plan.start,
    lines: done,
  });
  const bank = useBank(asked, tries);
  const first = useSettled(/** @type {any} */ (asked), "/api/follow", "follow", { when: complete, tries });
  const whole = complete ? /** @type {Answer | null} */ (first.found) : null;
  const read = useMemo(() => readOf(whole, first.of, filled), [whole, text]);
  // Counting the first scores alone shows how the bands have moved since.
  const order = useMemo(() => ordered(filled, read), [read]);
  const upto = counted === null || counted >= order.length ? null : order.slice(0, counted).map((line) => line.key);
  const part = upto && { ...asked, lines: done.filter((_, k) => upto.includes(filled[k].key) || filled[k].what === "given"), start: asked.start || (whole?.told?.start ?? "") };
  const earlier = useSettled(/** @type {any} */ (part ?? asked), "/api/follow", "follow-earlier", { when: Boolean(part), tries });
  const answer = part ? /** @type {Answer | null} */ (earlier.found) ?? whole : whole;
  const told = answer?.told ?? null;
  const fresh = part ? earlier.fresh : first.fresh;
  const more = useSettled(/** @type {any} */ (part ?? asked), "/api/follow/more", "follow-more", { when: useRested(JSON.stringify(part ?? asked), REST_MS) && Boolean(told && fresh && state.plan.design), tries });
  useEffect(() => {
    if (!complete) document.documentElement.dataset.ready = "true";
  }, [complete]);
  const scales = facts?.scales.map((s) => s.id) ?? ["PHQ-9"];
  const usual = choices.conditions.find((c) => c.id === state.plan.design?.condition)?.scale ?? "PHQ-9";
  useEffect(() => setState((/** @type {Followed} */ now) => ({ ...now, lines: withRoom(now.lines, usual) })), [usual]);
  const change = (/** @type {(lines: Typed[]) => Typed[]} */ make) => setState((/** @type {Followed} */ now) => ({ ...now, lines: withRoom(make(now.lines), usual) }));
  const add = (/** @type {import("../shapes").FollowLine[]} */ more) => change((lines) => [...lines.filter((line) => !isEmpty(line)), ...more.map((line) => freshLine(line))]);
  const points = told ? pointsOf(answer, told.scale) : [];
  const medicated = state.plan.design !== null && !["none", "placebo"].includes(state.plan.design.arms[0].medicine);
  const explore = state.plan.design ? `/explore?${addressOf(state.plan.design)}` : "";
  const given = (answer?.lines ?? []).filter((l) => l.scale === "given" && l.day !== null).map((l) => Number(l.day));
  const wrong = whole?.lines.filter((l) => l.state === "wrong").length ?? 0;
  return html`<main id="main" class="following" tabindex="-1">
    ${answer && answer.cautions.length > 0 && html`<${CautionsFirst} cautions=${answer.cautions} />`}
    <div class="follow-opening">
      <div>
        <h1>One person: what their own scores make likely</h1>
        <${Sentence} state=${state} told=${told} given=${given.length > 0} scales=${scales} choices=${choices} design=${design} onChange=${set} />
      </div>
      <${BigAnswer} told=${told} stale=${!fresh} waiting=${complete && !told && !answer} wrong=${wrong} counted=${part ? upto?.length ?? 0 : order.length} />
    </div>
    ${first.error && html`<p class="warn" role="alert">${first.error} ${told && " What you see is of earlier lines. "}<button type="button" onClick=${() => setTries(tries + 1)}>Ask again</button></p>`}
    ${answer?.problem && html`<p class="warn" role="alert">${datesIn(inOwnNumbers(answer.problem))}</p>`}
    ${told?.doubts.map((d) => html`<p class="warn" role="status">${datesIn(inOwnNumbers(d))}</p>`)}
    ${bank.busy && html`<div class="note bank" role="status"><label for="bank">The bank of ${state.plan.design ? "this plan" : "this course"} is being made: virtual people whom the scores are held against. It is kept by plan, so that later answers come at once.</label>
      <progress id="bank"></progress></div>`}
    <div class="desk">
      <section class="card picture" aria-label="The picture">
        ${told
          ? html`<${FollowHero} told=${told} points=${points} arm=${state.plan.design?.arms[0] ?? null} given=${given} stale=${!fresh} ahead=${state.ahead} onAhead=${(/** @type {number} */ ahead) => set({ ahead })} box=${picture} />
            ${order.length > 1 && html`<${Counted} order=${order.length} counted=${upto ? upto.length : order.length} onChange=${setCounted} />`}`
          : html`<${Empty} waiting=${complete && !answer} onExample=${() => add(EXAMPLE.map(([when, value]) => ({ when, what: "PHQ-9", value })))} />`}
      </section>
      <section class="card entry no-print" aria-label="Scores">
        <h2>Scores</h2>
        <${Lines} lines=${state.lines} read=${read} start=${whole?.told?.start ?? null} scales=${scales} withPlan=${Boolean(state.plan.design)} onChange=${change}
          onPaste=${(/** @type {string} */ pasted) => void addText(pasted, usual, add)} onHold=${setHeld} off=${(/** @type {number} */ key) => Boolean(upto) && order.some((l) => l.key === key) && !upto?.includes(key)} />
        ${given.length > 0 && html`<p class=${told && !told.with_medicine && medicated ? "warn" : "note"} role="status">What was given stands in place of all that was planned until the last score${told && !told.with_medicine && medicated ? ", and these lines give no medicine" : ""}: list the dosings too.</p>`}
        <p class="source">A day (14) or a date (2026-03-05, ${dateField("2026-03-05")}); a total, or all answers in a row. No names.</p>
        <${Paste} usual=${usual} onAdd=${add} onPlan=${(/** @type {Plan} */ plan, /** @type {string} */ start) => set({ plan, start })} choices=${choices} />
        <div class="buttons">
          <button type="button" class="quiet" disabled=${!undo.can} onClick=${undo.undo}>Undo</button>
          <button type="button" class="quiet" disabled=${!filled.length} onClick=${() => { saveJson(settledLines(filled, read), asked.start, addressOfPlan(state.plan)); setSaved(text); }}>Keep as a file</button>
          <button type="button" class="quiet" disabled=${!filled.length} onClick=${() => { saveCsv(settledLines(filled, read)); setSaved(text); }}>CSV</button>
          <${Forget} disabled=${!filled.length} onForget=${onForget} />
        </div>
        <p class="source">Everything stays in this tab: the server works it out and keeps nothing, and no address holds it.</p>
      </section>
    </div>
    ${told && html`<div class="beneath">
        <${Track} told=${told} /><${Chances} told=${told} />
        <${OneMore} told=${told} more=${more.fresh ? /** @type {Answer | null} */ (more.found)?.told ?? null : null} busy=${more.busy || !more.fresh} error=${more.error} withPlan=${Boolean(state.plan.design)} />
        <${Explanations} told=${told} /><${RestsOn} told=${told} purpose=${facts?.purpose ?? ""} />
        <${BandTable} told=${told} />
      </div>
      <div class="buttons no-print">
        <button type="button" class="main" onClick=${() => print()}>Print one page</button>
        <button type="button" onClick=${() => picture.current && savePicture(picture.current, "forecast.svg", UNDER)}>Save the picture</button>
        <button type="button" onClick=${() => saveBands(told)}>Bands as CSV</button>
        ${state.plan.design && html`<a class="button" href=${explore} onClick=${(/** @type {MouseEvent} */ e) => { if (e.metaKey || e.ctrlKey || e.shiftKey) return; e.preventDefault(); onOpen(explore); }}>Open the plan in Explore</a>`}
      </div>`}
    ${told && html`<p class="print-only">No name is kept; write none on this sheet. ${UNDER}</p>`}
  </main>`;
}

/** What was here before, on the plan that the address brings. @param {import("../shapes").Choices} choices @param {import("../shapes").Design} design */
function arrived(choices, design) {
  const own = kept ?? nothing();
  return /[?&]arm=/.test(location.search) ? { ...own, start: "", plan: { id: "explore", label: words(design, choices), design: alone(design), start: "" } } : own;
}

/** @param {Plan} plan */
const addressOfPlan = (plan) => (plan.design ? `/follow?${addressOf(plan.design)}` : "");

/** The bank of a plan is made before the first score. @param {FollowRequest} asked @param {number} tries */
function useBank(asked, tries) {
  const [busy, setBusy] = useState(false);
  const key = JSON.stringify([asked.design, asked.design ? "" : asked.scale]);
  useEffect(() => {
    let over = false;
    const timer = setTimeout(() => over || setBusy(true), BANK_SHOWN_MS);
    post("/api/follow/bank", { ...asked, lines: [] })
      .catch(() => undefined)
      .finally(() => {
        over = true;
        clearTimeout(timer);
        setBusy(false);
      });
    return () => {
      over = true;
      clearTimeout(timer);
      setBusy(false);
    };
  }, [key, tries]);
  return { busy };
}

/** Whether something has stayed as it is for a while. @param {string} key @param {number} ms */
function useRested(key, ms) {
  const [rested, setRested] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setRested(key), ms);
    return () => clearTimeout(timer);
  }, [key]);
  return rested === key;
}

/** How each line was read, as long as it is still the line that was asked about. @param {Answer | null} answer @param {string} of @param {Typed[]} filled */
function readOf(answer, of, filled) {
  /** @type {Map<number, import("../shapes").LineRead>} */
  const found = new Map();
  const asked = of ? JSON.parse(of).lines : [];
  inOwnOrder(filled).forEach((line, k) => {
    const was = asked[k];
    if (answer?.lines[k] && was && was.when === line.when && was.what === line.what && was.value === line.value) found.set(filled[k].key, answer.lines[k]);
  });
  return found;
}

/** Scores in order of time. @param {Typed[]} filled @param {Map<number, import("../shapes").LineRead>} read */
function ordered(filled, read) {
  const day = (/** @type {Typed} */ line) => read.get(line.key)?.day ?? 0;
  return filled.filter((line) => read.get(line.key)?.state === "read" && line.what !== "given").sort((a, b) => day(a) - day(b));
}

/** @param {Answer | null} answer @param {string} scale */
function pointsOf(answer, scale) {
  return (answer?.lines ?? [])
    .filter((l) => l.state === "read" && l.scale === scale && l.score !== null && l.day !== null)
    .map((l) => ({ day: Number(l.day), score: Number(l.score) }))
    .sort((a, b) => a.day - b.day);
}

/** @param {string} text @param {string} usual @param {(lines: import("../shapes").FollowLine[]) => void} onAdd */
async function addText(text, usual, onAdd) {
  const found = /** @type {import("../shapes").Pasted} */ (await post("/api/follow/read", { text, scale: usual }));
  onAdd(found.lines);
  return found;
}

/** @param {{cautions: Answer["cautions"]}} props */
function CautionsFirst({ cautions }) {
  return html`<div class="cautions-first" role="alert" data-testid="score-cautions">
    ${cautions.map((c) => html`<p class="warn"><strong>${c.level === "urgent" ? "Act now. " : "Caution. "}</strong>${inOwnNumbers(c.sentence)}${" "}<${From} words=${c.source} sources=${c.sources} /></p>`)}
  </div>`;
}

/**
 * @param {{state: Followed, told: Outlook | null, given: boolean, scales: string[], choices: import("../shapes").Choices, design: import("../shapes").Design,
 *   onChange: (part: Partial<Followed>) => void}} props
 */
function Sentence({ state, told, given, scales, choices, design, onChange }) {
  const [saved, setSaved] = useState(/** @type {{id: string, name: string, page: string}[]} */ ([]));
  const [asking, setAsking] = useState(false);
  const [address, setAddress] = useState("");
  const [problem, setProblem] = useState("");
  const inPlan = planKept();
  // A plan that is fetched does not take the place of one that was chosen meanwhile.
  const turn = useRef(0);
  const [brought] = useState(() => new URLSearchParams(location.search).get("from") === "plan" && inPlan !== "");
  useEffect(() => {
    savedPlans().then(setSaved, () => setSaved([]));
    if (brought) choose("plan");
  }, []);
  /** @param {() => Promise<Plan>} work */
  const take = async (work) => {
    const own = turn.current;
    try {
      const plan = await work();
      if (own !== turn.current) return;
      onChange({ plan, start: "" });
      setProblem("");
      setAsking(false);
    } catch (error) {
      if (own === turn.current) setProblem(/** @type {Error} */ (error).message);
    }
  };
  const choose = (/** @type {string} */ id) => {
    turn.current += 1;
    setAsking(id === "address");
    if (id === "none") onChange({ plan: NO_PLAN, start: "" });
    else if (id === "explore") onChange({ plan: { id, label: words(design, choices), design: alone(design), start: "" }, start: "" });
    else if (id === "plan") void take(() => planOf(`/plan${inPlan}`, id, choices));
    else if (id !== "address") void take(() => savedPlan(id, choices));
  };
  const options = [
    { id: "none", label: NO_PLAN.label },
    { id: "explore", label: state.plan.id === "explore" ? state.plan.label : `as in Explore: ${words(design, choices).replace("on the plan: ", "")}` },
    ...(inPlan ? [{ id: "plan", label: state.plan.id === "plan" ? state.plan.label : "as in Plan" }] : []),
    ...saved.map((s) => ({ id: s.id, label: state.plan.id === s.id ? state.plan.label : `as saved in ${s.page}: “${s.name}”` })),
    ...(state.plan.id === "address" ? [{ id: "address", label: state.plan.label }] : []),
    { id: state.plan.id === "address" ? "another" : "address", label: "on a plan at another address …" },
  ];
  const weeks = state.ahead / 7;
  const offered = [...new Set([...WEEKS, weeks])].sort((a, b) => a - b);
  const shown = told?.scale ?? state.scale;
  const start = state.start || state.plan.start || told?.start || "";
  return html`<p class="sentence" data-testid="sentence">
      Forecast <${Word} label="Scale to forecast" value=${shown || "usual"} options=${[...(shown ? [] : [{ id: "usual", label: "the scale rated most" }]), ...scales.map((s) => ({ id: s, label: s }))]}
        onChange=${(/** @type {string} */ scale) => onChange({ scale: scale === "usual" ? "" : scale })} />${" to "}<${Word} label="How far ahead" value=${String(weeks)}
        options=${offered.map((w) => ({ id: String(w), label: Number.isInteger(w) ? `${w} weeks` : `${Math.round(7 * w)} days` }))} onChange=${(/** @type {string} */ w) => onChange({ ahead: Math.round(7 * Number(w)) })} />${" after the last score, for somebody "}<${Word} label="Plan" value=${asking ? "address" : state.plan.id}
        options=${options} onChange=${(/** @type {string} */ id) => choose(id === "another" ? "address" : id)} />.
      ${(start || state.plan.design) && html`<span class=${start ? "" : "no-print"}>${" Day 0 is "}<${DateField} label="Date of day 0" value=${start} bare word past empty="no date yet" onChange=${(/** @type {string} */ date) => onChange({ start: date })} />${state.plan.design ? ", the first dosing." : "."}</span>`}
    </p>
    ${asking && html`<form class="address" onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void take(() => planOf(address, "address", choices)); }}>
      <label for="plan-address">Address of a plan: copy it from Plan, Explore or Compare</label>
      <div><input id="plan-address" type="text" autocomplete="off" value=${address} aria-invalid=${problem ? "true" : "false"} onInput=${(/** @type {any} */ e) => setAddress(e.currentTarget.value)} />
      <button type="submit" class="main">Use it</button></div></form>`}
    ${problem && html`<p class="wrong" role="status">${problem}</p>`}
    ${state.plan.design && told?.start && !state.start && !state.plan.start && html`<p class="wrong" role="status">Day 0 was taken to be the first score: say when the first dosing was.</p>`}
    <p class="kind">${state.plan.design ? (told && !told.with_medicine ? (given ? "As given, a course without any medicine." : "A plan without any medicine.") : "A course after a medicine.") : "A course without any medicine, kept apart from those after one."}<span class="print-only"> ${state.plan.design ? state.plan.label.replace(/^on/, "On") : ""}</span></p>`;
}

/** @param {{told: Outlook | null, stale: boolean, waiting: boolean, wrong: number, counted: number}} props */
function BigAnswer({ told, stale, waiting, wrong, counted }) {
  if (!told) return html`<div class="answer" aria-busy=${waiting}><p class="big">…</p><div><p class="what">${waiting ? "The scores are read." : "No scores yet."}</p>
    <p class="verdict">${waiting ? "" : "Type one with its day: one is enough to begin, two tell more."}</p></div></div>`;
  const last = told.bands[told.bands.length - 1];
  const what = `${told.scale} likely on ${dayWords(told.start, told.day)}`;
  const range = `90 of 100: ${lowOf(last, 90)} to ${highOf(last, 90)}; one in two: ${lowOf(last, 50)} to ${highOf(last, 50)}`;
  const left = wrong ? ` ${wrong === 1 ? "One line is" : `${wrong} lines are`} not counted.` : "";
  return html`<div class=${`answer ${stale ? "pending" : ""}`} aria-busy=${stale} data-testid="answer">
    <p class="big" data-testid="big-number">${tidy(last.median)}</p>
    <div><p class="what">${what}</p><p class="range" data-testid="big-interval">${range}</p>
      <p class="verdict" data-testid="verdict">${inOwnNumbers(told.verdict)}${left}</p>
      <p class="visually-hidden" role="status">${stale ? "" : `${counted} scores. ${inOwnNumbers(told.verdict)} ${what}: ${tidy(last.median)}. ${range}.${left}`}</p></div>
  </div>`;
}

/** All scores are forgotten, steps back included; it is asked for twice. @param {{disabled: boolean, onForget: () => void}} props */
function Forget({ disabled, onForget }) {
  const [asked, setAsked] = useState(false);
  if (!asked || disabled) return html`<button type="button" class="quiet" disabled=${disabled} onClick=${() => setAsked(true)}>Forget all</button>`;
  return html`<span class="asked" role="group" aria-label="Forget all scores?"><button type="button" onClick=${once(onForget)}>Yes, forget all</button>
    <button type="button" class="quiet" onClick=${() => setAsked(false)}>Keep them</button></span>`;
}

/** @param {{order: number, counted: number, onChange: (n: number | null) => void}} props */
function Counted({ order, counted, onChange }) {
  return html`<div class="counted no-print"><label for="counted">Scores that count: ${counted} of ${order}</label>
    <input id="counted" type="range" min="1" max=${order} step="1" value=${counted} aria-valuetext=${`${counted} of ${order} scores`}
      onInput=${(/** @type {any} */ e) => onChange(Number(e.currentTarget.value) >= order ? null : Number(e.currentTarget.value))} /></div>`;
}

/** @param {{waiting: boolean, onExample: () => void}} props */
function Empty({ waiting, onExample }) {
  return html`<div class="empty"><p class="lead">${waiting ? "The scores are held against the virtual people of this course." : "Each score that is added narrows, moves or widens the bands drawn here: where half, 80 and 90 of 100 people like this one will be."}</p>
    ${!waiting && html`<button type="button" onClick=${onExample}>Show it with invented scores</button>`}</div>`;
}

/**
 * @param {{usual: string, onAdd: (lines: import("../shapes").FollowLine[]) => void, onPlan: (plan: Plan, start: string) => void, choices: import("../shapes").Choices}} props
 */
function Paste({ usual, onAdd, onPlan, choices }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const [open, setOpen] = useState(false);
  /** @param {string} pasted */
  const add = async (pasted) => {
    try {
      const found = await addText(pasted, usual, onAdd);
      setText(found.left);
      setSaid([`${found.lines.length} ${found.lines.length === 1 ? "line was" : "lines were"} added.`, ...found.notes.map((n) => `${n[0].toUpperCase()}${n.slice(1)}.`)].join(" "));
      const own = planIn(pasted);
      if (own) onPlan(await planOf(own.plan, "address", choices), own.start);
    } catch (error) {
      setText(pasted);
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  /** @param {any} event */
  const pick = async (event) => {
    const file = event.currentTarget.files?.[0];
    event.currentTarget.value = "";
    if (!file) return;
    setOpen(true);
    if (file.size > 190_000) setSaid("This file is larger than scores of one person can be (190 KB).");
    else await add(await file.text());
  };
  return html`<details class="paste" open=${open} onToggle=${(/** @type {any} */ e) => setOpen(e.currentTarget.open)}>
    <summary>Paste a list, or open a file</summary>
    <label for="pasted">Lines or a table from anywhere, JSON, or a FHIR bundle of QuestionnaireResponses</label>
    <textarea id="pasted" rows="5" value=${text} onInput=${(/** @type {any} */ e) => setText(e.currentTarget.value)}></textarea>
    <div class="buttons"><button type="button" disabled=${!text.trim()} onClick=${() => add(text)}>Add these scores</button>
      <label class="button file">Open a file<input type="file" class="visually-hidden" accept=".csv,.tsv,.txt,.json,application/json,application/fhir+json" onChange=${pick} /></label></div>
    <p role="status">${said}</p>
  </details>`;
}

/** The plan that a file of this page names. @param {string} text */
function planIn(text) {
  try {
    const held = JSON.parse(text);
    return typeof held?.plan === "string" ? { plan: held.plan, start: typeof held.start === "string" ? held.start : "" } : null;
  } catch {
    return null;
  }
}
