// @ts-check
/** The stage itself: blood, a membrane with its receptors, the growth signal, a dendrite with its spines. */
import { valueAt } from "../chart.js";
import { html, useMemo } from "../html.js";
import { numberText, tidy } from "../numbers.js";

/** @typedef {import("../shapes").Brain} Brain */

const RECEPTORS = 18;
const SPINES = 44;
const HEIGHT = 320;
const TALL = 560;

/** The same scatter on every visit. @param {number} k */
const scatter = (k) => (Math.sin(12.9898 * (k + 1)) * 43758.5453) % 1;

/**
 * @param {{box: any, width: number, brain: Brain, now: number, dose: number, states: Record<string, number>, when: string, said: string,
 *   chosen: string, onChoose: (id: string) => void, still: boolean}} props
 */
export function Stage({ box, width, brain, now, dose, states, when, said, chosen, onChoose, still }) {
  const wide = width >= 640;
  // On a narrow page the parts stand beneath each other, and when it is stands above them.
  const head = wide ? 0 : 22;
  const height = wide ? HEIGHT : TALL + head;
  const level = Math.max(1e-9, ...brain.tracks.concentration);
  const most = Math.max(1e-9, ...brain.tracks.signal);
  const third = wide ? width / 3 : width;
  /** Where a part begins. @param {number} k */
  const corner = (k) => (wide ? { x: k * third, y: 0 } : { x: 0, y: head + k * (TALL / 3) });
  const tall = wide ? HEIGHT : TALL / 3;
  const name = (/** @type {string} */ id) => brain.things.find((t) => t.id === id)?.label ?? "";
  /** @param {string} id @param {any} drawn */
  const thing = (id, drawn) => html`<g class=${`thing ${id} ${chosen === id ? "chosen" : ""}`} onClick=${() => onChoose(id)}><title>${name(id)}: where this is known from</title>${drawn}</g>`;
  return html`<svg class="stage" ref=${box} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${said} data-testid="brain-stage">
    <rect class="ground" width=${width} height=${height} rx="10" />
    ${thing("window", html`<rect class="open" width=${width} height=${height} rx="10" fill-opacity=${(0.55 * states.window).toFixed(3)} />`)}
    <text class="when" x=${wide ? 2 * third - 16 : 16} y="24" text-anchor=${wide ? "end" : "start"}>${when}</text>
    <g transform=${`translate(${corner(0).x},${corner(0).y})`}>
      <text class="part" x="16" y="24">Blood, and the synapse</text>
      <${Level} brain=${brain} dose=${dose} now=${now} width=${third} tall=${tall} most=${level} />
      ${thing("target", html`<${Receptors} share=${states.target} width=${third} y=${tall - 46} level=${states.concentration / level} now=${now} still=${still} />
        <text x="16" y=${tall - 10}>${name("target")}: ${Math.round(100 * states.target)} %</text>`)}
    </g>
    <g transform=${`translate(${corner(1).x},${corner(1).y})`}>
      <text class="part" x="16" y="24">Inside the cell</text>
      ${thing("signal", html`<${Signal} share=${states.signal / most} width=${third} tall=${tall} />
        <text x=${third / 2} y=${tall - 10} text-anchor="middle">${name("signal")}: ${Math.round((100 * states.signal) / most)} % of its peak</text>`)}
    </g>
    <g transform=${`translate(${corner(2).x},${corner(2).y})`}>
      <text class="part" x="16" y="24">A branch of a nerve cell</text>
      <${Dendrite} labile=${states.labile_spines} stable=${states.stable_spines} width=${third} tall=${tall} thing=${thing} />
      <text x="16" y=${tall - 28}>${name("labile_spines")}: ${Math.round(100 * states.labile_spines)} %</text>
      <text x="16" y=${tall - 10}>${name("stable_spines")}: ${Math.round(100 * states.stable_spines)} % of all possible</text>
    </g>
  </svg>`;
}

/** The level in blood in the hours after the dose. @param {{brain: Brain, dose: number, now: number, width: number, tall: number, most: number}} props */
function Level({ brain, dose, now, width, tall, most }) {
  const [left, right, top, bottom] = [16, width - 16, 44, tall - 92];
  const hours = 24;
  const places = useMemo(() => brain.days.map((_, k) => k).filter((k) => brain.days[k] >= dose - 0.05 && brain.days[k] <= dose + 1.02), [brain, dose]);
  /** @param {number} day */
  const x = (day) => left + Math.min(1, Math.max(0, (24 * (day - dose) + 1) / (hours + 1))) * (right - left);
  /** @param {number} v */
  const y = (v) => bottom - (v / most) * (bottom - top);
  const line = places.map((k) => `${x(brain.days[k]).toFixed(1)},${y(brain.tracks.concentration[k]).toFixed(1)}`);
  const here = valueAt(brain.days, brain.tracks.concentration, now) ?? 0;
  const peak = brain.peak && dose === brain.dose_days[0] ? brain.peak : null;
  return html`<g class="level">
    <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom} />
    ${[0, 6, 12, 18, 24].map((h) => html`<text class="small" x=${x(dose + h / 24)} y=${bottom + 14} text-anchor="middle">${h}${h === 24 ? " h" : ""}</text>`)}
    <path d=${`M${line.join("L")}`} />
    ${peak && html`<text class="small" x=${Math.min(x(dose + peak.tmax_h / 24) + 18, right - 150)} y=${top + 6}>peak ${tidy(peak.cmax)} ng/mL at ${numberText(peak.tmax_h, 1)} h</text>
      ${peak.half_life_h && html`<text class="small" x=${Math.min(x(dose + (peak.tmax_h + 5) / 24), right - 104)} y=${top + 24}>half-life ${numberText(peak.half_life_h, 1)} h</text>`}`}
    ${now >= dose - 0.05 && now <= dose + 1.02 && html`<circle cx=${x(now)} cy=${y(here)} r="5" />`}
  </g>`;
}

/** @param {{share: number, width: number, y: number, level: number, now: number, still: boolean}} props */
function Receptors({ share, width, y, level, now, still }) {
  const taken = share * RECEPTORS;
  const step = (width - 32) / RECEPTORS;
  const drops = Math.round(26 * level);
  const drift = still ? 0 : now * 24 * 0.9;
  return html`<g><rect class="membrane" x="8" y=${y} width=${width - 16} height="12" rx="6" />
    ${Array.from({ length: drops }, (_, k) => {
      const across = Math.abs(scatter(k) + drift * (0.03 + 0.05 * Math.abs(scatter(k + 50)))) % 1;
      return html`<circle class="drop" cx=${(16 + across * (width - 32)).toFixed(1)} cy=${(y - 12 - 22 * Math.abs(scatter(k + 99))).toFixed(1)} r="2.6" />`;
    })}
    ${Array.from({ length: RECEPTORS }, (_, k) => {
      const x = 16 + (k + 0.5) * step;
      const own = Math.min(1, Math.max(0, taken - ((k * 7) % RECEPTORS)));
      return html`<g><path class="cup" d=${`M${x - 5},${y - 6}v5a5,5 0 0 0 10,0v-5`} /><circle class="drop held" cx=${x} cy=${y - 5} r="3.4" fill-opacity=${own.toFixed(2)} /></g>`;
    })}
  </g>`;
}

/** @param {{share: number, width: number, tall: number}} props */
function Signal({ share, width, tall }) {
  const [x, y] = [width / 2, tall / 2 - 6];
  const size = Math.min(width, tall) * 0.34;
  return html`<g><circle class="cell" cx=${x} cy=${y} r=${size} />
    ${[1, 0.72, 0.46].map((part) => html`<circle class="glow" cx=${x} cy=${y} r=${(size * part * (0.35 + 0.65 * share)).toFixed(1)} fill-opacity=${(0.34 * share).toFixed(3)} />`)}
    <circle class="nucleus" cx=${x} cy=${y} r=${size * 0.24} />
    ${Array.from({ length: 9 }, (_, k) => {
      const turn = (2 * Math.PI * k) / 9;
      const reach = size * (0.3 + 0.6 * share);
      return html`<line class="ray" x1=${(x + size * 0.27 * Math.cos(turn)).toFixed(1)} y1=${(y + size * 0.27 * Math.sin(turn)).toFixed(1)}
        x2=${(x + reach * Math.cos(turn)).toFixed(1)} y2=${(y + reach * Math.sin(turn)).toFixed(1)} stroke-opacity=${share.toFixed(2)} />`;
    })}</g>`;
}

/**
 * New spines bud from the branch in an order of their own; those kept by use are drawn whole.
 * @param {{labile: number, stable: number, width: number, tall: number, thing: (id: string, drawn: any) => any}} props
 */
function Dendrite({ labile, stable, width, tall, thing }) {
  const [left, right, middle] = [14, width - 14, tall / 2 - 14];
  /** @param {number} at from 0 to 1 */
  const bend = (at) => middle + 14 * Math.sin(at * 5.2);
  const trunk = Array.from({ length: 25 }, (_, k) => `${(left + (k / 24) * (right - left)).toFixed(1)},${bend(k / 24).toFixed(1)}`).join("L");
  const order = useMemo(() => Array.from({ length: SPINES }, (_, k) => (k * 17 + 9) % SPINES), []);
  const [kept, grown] = [stable * SPINES, (stable + labile) * SPINES];
  const spine = (/** @type {number} */ rank) => {
    const k = order[rank];
    const at = (k + 0.5) / SPINES;
    const [x, y, side] = [left + at * (right - left), bend(at), k % 2 ? 1 : -1];
    const whole = Math.min(1, Math.max(0, kept - rank));
    const size = Math.min(1, Math.max(0, grown - rank));
    if (size <= 0.02) return null;
    const long = (13 + 9 * Math.abs(scatter(k + 7))) * size;
    const end = y + side * (7 + long);
    return { whole, drawn: html`<g><line x1=${x} x2=${x} y1=${y + side * 5} y2=${end} /><circle cx=${x} cy=${end} r=${(2 + (2 + 2 * whole) * size).toFixed(1)} /></g>` };
  };
  const all = order.map((_, rank) => spine(rank)).filter((s) => s !== null);
  return html`<g class="dendrite"><path class="trunk" d=${`M${trunk}`} />
    ${thing("labile_spines", all.filter((s) => s.whole < 0.5).map((s) => s.drawn))}
    ${thing("stable_spines", all.filter((s) => s.whole >= 0.5).map((s) => s.drawn))}
  </g>`;
}
