// @ts-check
/** Which two arms are looked at. */

/** @typedef {import("../state.js").Pairing} Pairing */

/** Places of the two arms compared: the first and the last, where nothing else was chosen. @param {Pairing} pairing @param {number} count */
export function seats(pairing, count) {
  const arm = Math.min(Math.max(pairing.arm, 0), count - 1);
  const versus = pairing.versus < 0 || pairing.versus >= count ? count - 1 : pairing.versus;
  return [arm, versus === arm ? (arm === 0 ? count - 1 : 0) : versus];
}
