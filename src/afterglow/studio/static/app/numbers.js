// @ts-check
/** Numbers that people read and type, as their language writes them. */

/** The reader's language; English outside a browser. */
const LANGUAGE = typeof navigator === "undefined" ? "en" : navigator.language || "en";
const DECIMAL = (1.5).toLocaleString(LANGUAGE).includes(",") ? "," : ".";

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/** A number with so many decimals, and a true minus. @param {number} value @param {number} digits */
export function numberText(value, digits) {
  const format = formats.get(digits) ?? new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(digits, format);
  const text = format.format(value).replace("-", "−");
  return /[1-9]/.test(text) ? text : text.replace("−", "");
}

/** With its sign, one decimal. @param {number} value */
export function signed(value) {
  const text = numberText(value, 1);
  return text.startsWith("−") || !/[1-9]/.test(text) ? text : `+${text}`;
}

/** As many digits as a reader needs. @param {number} value */
export function tidy(value) {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return numberText(value, 0);
  return size >= 1 || size === 0 ? numberText(value, 1) : numberText(value, Math.min(6, 1 - Math.floor(Math.log10(size))));
}

/** A day, without decimals that nobody needs. @param {number} day */
export const dayText = (day) => numberText(day, Number.isInteger(Math.round(day * 10) / 10) ? 0 : 1);

/** How a field writes a number that can be edited. @param {number} value */
export const fieldText = (value) => String(value).replace(".", DECIMAL);

/**
 * Reads a number with a decimal point or a decimal comma. What may be a mark between thousands is asked about: 1,500 and
 * 1.500 are other numbers in another country.
 * @param {string} text @returns {{value: number, said: string}} NaN, and why, where the text is no number
 */
export function readNumber(text) {
  const word = text.trim().replace("−", "-");
  const thousands = DECIMAL === "," && /^([-+]?[1-9]\d{0,2})\.(\d{3})$/.exec(word);
  if (thousands) return { value: NaN, said: `Write ${thousands[1]}${thousands[2]} or ${thousands[1]},${thousands[2]}: the point can be read both ways.` };
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word)) return { value: Number(word), said: "" };
  const comma = /^([-+]?\d*),(\d+)$/.exec(word);
  if (comma && (DECIMAL === "," || comma[2].length !== 3 || /^[-+]?0?$/.test(comma[1]))) {
    return { value: Number(`${comma[1]}.${comma[2]}`), said: "" };
  }
  if (comma) return { value: NaN, said: `Write ${comma[1]}${comma[2]} or ${comma[1]}.${comma[2]}: the comma can be read both ways.` };
  return { value: NaN, said: word && word !== "-" ? `Write a number such as ${fieldText(0.5)}.` : "" };
}

/** Numbers of a list such as `5; 10; 12,5` or `5, 10, 25`. @param {string} text @param {number} most how many at most @returns {{values: number[], said: string}} */
export function readList(text, most) {
  const parts = text.split(/(?:[;\s]|,(?=\s|$))+/).filter(Boolean);
  const values = parts.map((p) => readNumber(p).value);
  if (!parts.length) return { values: [], said: "Write some numbers, such as 5; 10; 25." };
  if (values.some((v) => !Number.isFinite(v))) return { values: [], said: `“${parts[values.findIndex((v) => !Number.isFinite(v))]}” is no number; write such as 5; 10; 25.` };
  const rising = [...new Set(values)].sort((a, b) => a - b);
  return rising.length > most ? { values: [], said: `${rising.length} numbers; ${most} are the most.` } : { values: rising, said: "" };
}

/**
 * A sentence written with decimal points, as the reader's language writes numbers. Versions and addresses stay.
 * @param {string} text
 */
export const inOwnNumbers = (text) =>
  DECIMAL === "." ? text : text.replace(/(?<![\w.,])(?!10\.\d{4,}\/)([-−+]?\d+)\.(\d+)(?![\w.]*\.\d|\w|\/(?!\d))/g, `$1${DECIMAL}$2`);
