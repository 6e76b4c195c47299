// @ts-check
/** Which two arms are looked at. */

/** @typedef {import("../state.js").Pairing} Pairing */

/** Places of the two arms compared: the first and the last, where nothing else was chosen. @param {Pairing} pairing @param {number} count */
export function seats(pairing, count) {
  const arm = Math.min(Math.max(pairing.arm, 0), count - 1);
  const versus = pairing.versus < 0 || pairing.versus >= count ? count - 1 : pairing.versus;
  return [arm, versus === arm ? (arm === 0 ? count - 1 : 0) : versus];
}

/** The same two arms once another is gone; in place of one that is gone itself, the usual one. @param {number[]} seated @param {number} gone @returns {{arm: number, versus: number}} */
export function seatsWithout(seated, gone) {
  const [arm, versus] = seated.map((place) => (place === gone ? -1 : place > gone ? place - 1 : place));
  return { arm: Math.max(arm, 0), versus };
}
