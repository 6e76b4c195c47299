// @ts-check
/** The steps of what was designed: a value that is still moving becomes a step when it rests, or when something else is changed. */

const MOST = 100;

/** Where two values differ, as paths. @param {any} a @param {any} b @param {string} [at] @returns {string[]} */
function places(a, b, at = "") {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const inside = a && b && typeof a === "object" && typeof b === "object" && Array.isArray(a) === Array.isArray(b);
  if (!inside || (Array.isArray(a) && a.length !== b.length)) return [`${at}/`];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => places(a[key], b[key], `${at}/${key}`));
}

/** Whether one change goes on with what another began. @param {string[]} one @param {string[]} other */
const goesOn = (one, other) => one.some((a) => other.some((b) => a.startsWith(b) || b.startsWith(a)));

/** @template T */
export class Steps {
  constructor() {
    /** @type {T[]} */
    this.kept = [];
    this.at = -1;
    /** @type {T | null} */
    this.now = null;
  }

  get moving() {
    return this.at >= 0 && JSON.stringify(this.kept[this.at]) !== JSON.stringify(this.now);
  }

  get canUndo() {
    return this.moving || this.at > 0;
  }

  get canRedo() {
    return !this.moving && this.at < this.kept.length - 1;
  }

  /** Take a value in; another thing changed than the one that is moving makes that a step. @param {T} value */
  see(value) {
    if (this.moving && !goesOn(places(this.kept[this.at], this.now), places(this.now, value))) this.rest();
    this.now = value;
  }

  /** What is moving has come to rest: it is a step. */
  rest() {
    if (this.now === null || (this.at >= 0 && !this.moving)) return;
    this.kept = [...this.kept.slice(0, this.at + 1), this.now].slice(-MOST);
    this.at = this.kept.length - 1;
  }

  /** One step back; what was moving can be redone. @returns {T | null} null where there is none */
  undo() {
    this.rest();
    return this.to(this.at - 1);
  }

  /** @returns {T | null} null where there is none */
  redo() {
    return this.canRedo ? this.to(this.at + 1) : null;
  }

  /** @param {number} place @returns {T | null} */
  to(place) {
    if (place < 0 || place >= this.kept.length) return null;
    this.at = place;
    this.now = this.kept[place];
    return this.now;
  }
}
