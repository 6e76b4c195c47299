// @ts-check
/** The shell: pages, theme, account, saved work. */
import { About } from "./about.js";
import { answers, BACK, get, loadAccount, LOST, post } from "./api.js";
import { Compare } from "./compare/page.js";
import { settled } from "./design.js";
import { Evidence } from "./evidence/page.js";
import { Explore } from "./explore/page.js";
import { Text } from "./fields.js";
import { Follow } from "./follow/page.js";
import { html, render, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { planKept } from "./planned/address.js";
import { onDates } from "./planned/from_design.js";
import { Plan } from "./plan/page.js";
import { Saved } from "./saved.js";
import { addressOf, lookOf, lookText, pairingOf, pairingText, readDesign, readTrial, strangeKeys, trialOf, trialText } from "./state.js";
import { Teach } from "./teach/page.js";
import { TrialDesign } from "./trials/page.js";
import { useUndo } from "./undo.js";

/** @typedef {import("./shapes").Design} Design */

const PAGES = [
  ["explore", "Explore"],
  ["teach", "Teach"],
  ["compare", "Compare"],
  ["design", "Design"],
  ["plan", "Plan"],
  ["follow", "Follow"],
  ["evidence", "Evidence"],
  ["about", "About"],
];
/** Pages whose address holds a design. */
const DESIGNED = ["explore", "compare", "design"];
const PURPOSE =
  "Afterglow is an instrument for research, teaching and planning together with a professional. It is not medical advice.";
const THEME = "afterglow-theme";

const AGAIN_MS = 3000;

const WRITE_AFTER_MS = 120;

const here = () => location.pathname + location.search;
const pageOf = () => location.pathname.replace(/^\//, "") || "explore";

/** Ask for account and choices side by side; without a login the second is refused, and nobody waits for it. */
function begin() {
  const asked = { account: loadAccount(), choices: get("/api/choices") };
  asked.account.catch(() => undefined);
  asked.choices.catch(() => undefined);
  return asked;
}

/** A design of the address, what could not be read of it, and what nobody knows. */
function begunBy() {
  const { design, wrong } = readDesign(location.search);
  const more = pageOf() === "design" ? readTrial(location.search).wrong : [];
  return { design, wrong: [...wrong, ...more], strange: strangeKeys(pageOf(), location.search) };
}

const begunWith = begunBy();
let begun = /** @type {ReturnType<typeof begin> | null} */ (begin());

function App() {
  const [page, setPage] = useState(pageOf());
  const [account, setAccount] = useState(/** @type {import("./shapes").Account | null} */ (null));
  const [choices, setChoices] = useState(/** @type {import("./shapes").Choices | null} */ (null));
  const [wished, setDesign] = useState(/** @type {Design | null} */ (begunWith.design));
  const [wrong, setWrong] = useState(begunWith.wrong);
  const [strange, setStrange] = useState(begunWith.strange);
  const [look, setLook] = useState(() => lookOf(location.search));
  const [pairing, setPairing] = useState(() => pairingOf(location.search));
  const [plan, setPlan] = useState(() => trialOf(location.search));
  const [problem, setProblem] = useState("");
  const [visit, setVisit] = useState(0);
  const offered = useRef(false);
  const [planned, setPlanned] = useState(false);
  const [carried, setCarried] = useState(/** @type {{left: string[], before: string} | null} */ (null));
  const kept = useRef(/** @type {Record<string, string>} */ ({}));
  const unwritten = useRef(/** @type {{from: string, to: string} | null} */ (null));
  const late = useRef(/** @type {Record<string, string>} */ ({}));
  const design = useMemo(() => wished && settled(wished), [wished]);
  const laid = useMemo(() => (design && choices ? onDates(design, choices) : { address: "", left: [], cannot: "" }), [design, choices]);
  // Which arms were compared comes back with the arms.
  const compared = useRef(/** @type {WeakMap<Design, import("./state.js").Pairing>} */ (new WeakMap())).current;
  if (wished) compared.set(wished, pairing);
  const back = (/** @type {Design} */ before) => {
    if (before.arms.length !== wished?.arms.length) setPairing(compared.get(before) ?? pairing);
    setDesign(before);
  };
  const undo = useUndo(wished, back, !["plan", "follow"].includes(page));

  const start = async () => {
    try {
      const asked = begun ?? begin();
      begun = null;
      const found = await asked.account;
      setAccount(found);
      if (found.login_required && !found.user) return;
      const known = await asked.choices;
      offered.current = true;
      setChoices(known);
      setDesign((now) => now ?? known.starters.psilocybin);
      setProblem("");
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  /** What could not be started is started once the server is back. */
  const resume = () => {
    if (!offered.current) void start();
  };
  /** What was left before its address was written is written when somebody comes back to it. */
  const popped = () => {
    if (unwritten.current) late.current[unwritten.current.from] = unwritten.current.to;
    unwritten.current = null;
    const { [here()]: to, ...others } = late.current;
    if (to) history.replaceState(null, "", to);
    late.current = others;
    follow();
  };
  /** Show what the address says. */
  const follow = () => {
    setPage(pageOf());
    setVisit((n) => n + 1);
    const found = begunBy();
    setWrong(found.wrong);
    setStrange(found.strange);
    if (!found.design) return;
    setDesign(found.design);
    setLook(lookOf(location.search));
    if (pageOf() === "compare" || pageOf() === "design") setPairing(pairingOf(location.search));
    if (pageOf() === "design") setPlan(trialOf(location.search));
  };
  useEffect(() => {
    void start();
    addEventListener(BACK, resume);
    addEventListener("popstate", popped);
    addEventListener("afterglow-logged-out", start);
    addEventListener("pointerdown", closeMenus);
    addEventListener("keydown", closeMenus);
    return () => {
      removeEventListener("pointerdown", closeMenus);
      removeEventListener("keydown", closeMenus);
      removeEventListener(BACK, resume);
      removeEventListener("popstate", popped);
      removeEventListener("afterglow-logged-out", start);
    };
  }, []);
  useEffect(() => {
    const title = PAGES.find(([id]) => id === page)?.[1] ?? (page === "login" ? "Log in" : "Not found");
    document.title = `${title} – Afterglow studio`;
  }, [page]);
  /** The address says what is shown, unless it is that of another page by now. */
  const write = () => {
    if (unwritten.current && pageOf() === page) history.replaceState(null, "", unwritten.current.to);
    unwritten.current = null;
  };
  useLayoutEffect(() => {
    if (!design || !DESIGNED.includes(page) || pageOf() !== page) return undefined;
    const more = page === "explore" ? lookText(look) : pairingText(pairing, design) + (page === "design" ? trialText(plan) : "");
    unwritten.current = { from: here(), to: `/${page}?${addressOf(design)}${more}` };
    const timer = setTimeout(write, WRITE_AFTER_MS);
    addEventListener("pagehide", write);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", write);
    };
  }, [design, look, pairing, plan, page]);

  /** @param {MouseEvent} event @param {string} to */
  const go = (event, to) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open(to);
  };
  /** @param {string} to */
  const open = (to) => {
    write();
    kept.current[page] = location.search;
    setPlanned(false);
    setCarried(null);
    delete document.documentElement.dataset.ready;
    history.pushState(null, "", to);
    follow();
    requestAnimationFrame(() => document.getElementById("main")?.focus({ preventScroll: true }));
    scrollTo(0, 0);
  };
  /** @param {string} to */
  const fromPlan = (to) => {
    const asked = design;
    open(to);
    setPlanned(to.startsWith("/explore"));
    if (asked) setDesign((now) => now && withSettings(now, asked));
  };
  /** @param {MouseEvent} event */
  const toPlan = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const before = planKept();
    open(`/plan?${laid.address}`);
    setCarried({ left: laid.left, before });
  };
  /** @param {string} id */
  const address = (id) => {
    if (design && id === "explore") return `/${id}?${addressOf(design)}${lookText(look)}`;
    if (design && id === "compare") return `/${id}?${addressOf(design)}${pairingText(pairing, design)}`;
    if (design && id === "design") return `/${id}?${addressOf(design)}${pairingText(pairing, design)}${trialText(plan)}`;
    if (id === "plan") return `/plan${planKept() || (laid.address && `?${laid.address}`)}`;
    return `/${id}${kept.current[id] ?? ""}`;
  };
  const loggedIn = account && (!account.login_required || account.user);
  const known = PAGES.some(([id]) => id === page);
  return html`<a class="skip" href="#main">Skip to the page</a>
    <header class="top">
      <span class="name"><img src="/static/icon.svg" width="24" height="24" alt="" />Afterglow studio</span>
      ${loggedIn &&
      html`<nav aria-label="Pages">
        <ul>${PAGES.map(
          ([id, title]) => html`<li><a href=${address(id)} aria-current=${page === id ? "page" : undefined}
            onClick=${(/** @type {MouseEvent} */ e) => go(e, address(id))}>${title}</a></li>`,
        )}</ul>
      </nav>
      ${design && html`<${Saved} page=${page} mayWrite=${!account.user || account.user.role === "editor"}
        onOpen=${(/** @type {string} */ to, /** @type {string} */ query) => open(`/${to}?${query}`)} />`}
      ${account.user && html`<${LogOut} name=${account.user.name} />`}`}
      <${Theme} />
    </header>
    <${Connection} />
    ${wrong.length > 0 && DESIGNED.includes(page) && html`<div class="warn" role="alert" data-testid="bad-link"><p>Not all of this link could be read.</p>
      <ul>${wrong.map((said) => html`<li>${said}</li>`)}</ul>
      <button type="button" onClick=${() => setWrong([])}>I have seen this</button></div>`}
    ${strange && known && html`<p class="note came no-print" role="status" data-testid="strange">${strange} <button type="button" class="quiet" onClick=${() => setStrange("")}>I have seen this</button></p>`}
    ${account?.notice && html`<p class="warn" role="status">${account.notice}</p>`}
    ${problem && html`<main id="main" tabindex="-1"><h1>The studio could not start</h1><p class="warn" role="alert">${problem}</p>
      <button type="button" onClick=${start}>Try again</button></main>`}
    ${account && !loggedIn && html`<${Login} onDone=${start} />`}
    ${loggedIn && choices && design && !problem &&
    html`${planned && page === "explore" && html`<p class="note came no-print"><a href=${address("plan")} onClick=${(/** @type {MouseEvent} */ e) => go(e, address("plan"))}>Back to the plan</a>: it is as you left it. What you change here stays here.</p>`}
    ${carried && page === "plan" && html`<p class="note came no-print" role="status">Laid from Explore, day for day. ${carried.left.join(" ")}
      ${carried.before && html` <a href=${`/plan${carried.before}`} onClick=${(/** @type {MouseEvent} */ e) => go(e, `/plan${carried.before}`)}>Back to the plan you had before</a>.`}</p>`}
    <div id="page">${
      page === "explore" || page === "login" ? html`<${Explore} design=${design} choices=${choices} onChange=${setDesign} look=${look} onLook=${setLook} undo=${undo} laid=${laid} onPlan=${toPlan} />`
      : page === "teach" ? html`<${Teach} key=${visit} choices=${choices} />`
      : page === "compare" ? html`<${Compare} design=${design} choices=${choices} onChange=${setDesign} pairing=${pairing} onPair=${setPairing} undo=${undo} />`
      : page === "design" ? html`<${TrialDesign} key=${visit} design=${design} choices=${choices} onChange=${setDesign} pairing=${pairing} onPair=${setPairing} plan=${plan} onPlan=${setPlan} />`
      : page === "plan" ? html`<${Plan} key=${visit} choices=${choices} onOpen=${fromPlan} />`
      : page === "follow" ? html`<${Follow} key=${visit} choices=${choices} design=${design} onOpen=${open} />`
      : page === "evidence" ? html`<${Evidence} key=${visit} />`
      : page === "about" ? html`<${About} />`
      : !known && html`<${NoPage} pages=${PAGES} address=${address} />`
    }</div>`}
    <footer><p>${PURPOSE}</p></footer>`;
}

/**
 * What a plan does not hold stays as it was chosen: of the people and of the run where the condition is the same, of the
 * arm where the medicine is.
 * @param {Design} planned @param {Design} before @returns {Design}
 */
function withSettings(planned, before) {
  if (planned.condition !== before.condition) return planned;
  const { scale, baseline_mean, horizon_days, blinded, rival, participants, seed } = before;
  const now = { ...planned, scale, baseline_mean, horizon_days, blinded, rival, participants, seed };
  const [[arm], [was, ...others]] = [planned.arms, before.arms];
  if (arm.medicine !== was.medicine) return now;
  const group = arm.group_size > 1 ? { group_dosing: was.group_dosing, group_integration: was.group_integration } : {};
  return { ...now, arms: [{ ...arm, label: was.label, adherence: was.adherence, ...group }, ...others] };
}

/** @param {{pages: string[][], address: (id: string) => string}} props */
function NoPage({ pages, address }) {
  useEffect(() => {
    document.documentElement.dataset.ready = "true";
  }, []);
  return html`<main id="main" tabindex="-1"><h1>There is no page at this address</h1>
    <p>${location.pathname.slice(0, 80)} may be misspelt, or come from another version. There are:</p>
    <ul>${pages.map(([id, title]) => html`<li><a href=${address(id)}>${title}</a></li>`)}</ul></main>`;
}

/** Says that the server does not answer, greys what stands, and looks for it until it is back. */
function Connection() {
  const [lost, setLost] = useState(false);
  const look = async () => {
    if (!(await answers())) return;
    try {
      await loadAccount();
    } catch {
      return;
    }
    setLost(false);
    dispatchEvent(new Event(BACK));
  };
  useEffect(() => {
    const gone = () => setLost(true);
    addEventListener(LOST, gone);
    return () => removeEventListener(LOST, gone);
  }, []);
  useEffect(() => {
    document.documentElement.classList.toggle("unheard", lost);
    if (!lost) return undefined;
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [lost]);
  return html`<div role="status">${lost && html`<p class="warn lost" data-testid="lost">The studio does not answer. Is it still running? What you see is from before. It is asked again every ${AGAIN_MS / 1000} seconds.
    ${" "}<button type="button" onClick=${look}>Ask now</button></p>`}</div>`;
}

/** Menus close on Escape and on a click beside them. @param {Event} event */
function closeMenus(event) {
  const escaped = event instanceof KeyboardEvent && event.key === "Escape";
  if (event instanceof KeyboardEvent && !escaped) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!(menu instanceof HTMLDetailsElement) || (!escaped && menu.contains(/** @type {Node} */ (event.target)))) continue;
    const within = menu.contains(document.activeElement);
    menu.open = false;
    if (within) menu.querySelector("summary")?.focus();
  }
}

function Theme() {
  const [dark, setDark] = useState(() => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  });
  const turn = () => {
    const next = dark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem(THEME, next);
    setDark(!dark);
    dispatchEvent(new Event("afterglow-theme"));
  };
  return html`<button type="button" class="quiet no-print" onClick=${turn}>${dark ? "Light" : "Dark"}</button>`;
}

/** @param {{name: string}} props */
function LogOut({ name }) {
  const out = async () => {
    await post("/api/logout", {});
    location.assign("/");
  };
  return html`<button type="button" class="quiet" onClick=${out}>Log out ${name}</button>`;
}

/** @param {{onDone: () => void}} props */
function Login({ onDone }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await post("/api/login", { name, password });
      setProblem("");
      onDone();
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  return html`<main id="main" tabindex="-1">
    <h1>Log in</h1>
    <form class="card" onSubmit=${send}>
      <${Text} label="Name" value=${name} onChange=${setName} complete="username" />
      <${Text} label="Password" type="password" value=${password} onChange=${setPassword} most=${1000} complete="current-password" />
      ${problem && html`<p class="warn" role="alert">${problem}</p>`}
      <button class="main" type="submit">Log in</button>
    </form>
  </main>`;
}

const root = document.getElementById("app");
const kept = localStorage.getItem(THEME);
if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
if (root) {
  root.textContent = "";
  render(html`<${App} />`, root);
}
