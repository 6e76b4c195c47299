// @ts-check
/** Numbers that people type. A browser's own number field drops a decimal comma, so that 0,5 becomes 5. */

/** @param {string} text @returns {{value: number, said: string}} NaN, and why, where the text is no number */
export function readNumber(text) {
  const word = text.trim().replace("−", "-");
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word)) return { value: Number(word), said: "" };
  const comma = /^([-+]?\d*),(\d+)$/.exec(word);
  if (comma) return { value: NaN, said: `Write a decimal point, not a comma: ${comma[1] || "0"}.${comma[2]}` };
  return { value: NaN, said: word && word !== "-" ? "Write a number such as 0.5, with a point." : "" };
}
