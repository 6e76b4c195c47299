// @ts-check
/** A drawing as a picture to keep, and as a slide with its title, what it says and the purpose beneath. */
import { save } from "./api.js";
import { colourOf } from "./chart.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const UNDER = "Afterglow studio. Virtual people, not a forecast for one person; not medical advice.";

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} width @returns {string[]} */
function folded(pen, text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== undefined && pen.measureText(`${last} ${word}`).width <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const KEPT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "opacity", "paint-order", "font-size", "font-weight", "font-style", "font-family", "text-anchor", "stop-color", "stop-opacity",
];

/**
 * A drawing as a file of its own: what style sheets say of each part is written into it.
 * @param {SVGSVGElement} svg @param {{width?: number, height?: number, under?: string}} [size] and what it is @returns {string}
 */
export function svgText(svg, size = {}) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [drawn, copied] = [svg, copy].map((root) => [root, ...root.querySelectorAll("*")]);
  drawn.forEach((element, k) => {
    const style = getComputedStyle(element);
    for (const name of KEPT) {
      const value = style.getPropertyValue(name);
      if (value) copied[k].setAttribute(name, value);
    }
    for (const name of ["class", "tabindex", "data-testid", "data-part"]) copied[k].removeAttribute(name);
  });
  const { width, height } = svg.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  copy.setAttribute("width", String(size.width ?? width));
  copy.setAttribute("height", String(size.height ?? height));
  const title = document.createElementNS("http://www.w3.org/2000/svg", "desc");
  title.textContent = `${svg.getAttribute("aria-label") ?? ""} ${size.under ?? UNDER}`;
  copy.prepend(title);
  return new XMLSerializer().serializeToString(copy);
}

/** Hand a drawing to the browser to keep, as SVG. @param {SVGSVGElement} svg @param {string} name @param {string} [under] what it is */
export function savePicture(svg, name, under) {
  save(new Blob([svgText(svg, { under })], { type: "image/svg+xml" }), name);
}

const SLIDE = { width: 1920, height: 1080 };

/**
 * A slide of 1920 by 1080: a title, a drawing, what it says and what this is.
 * @param {SVGSVGElement} svg @param {string} title @param {string} words
 */
function slideText(svg, title, words) {
  const { width, height } = svg.getBoundingClientRect();
  const room = { width: 1760, height: 640 };
  const unit = Math.min(room.width / width, room.height / height);
  const drawn = new DOMParser().parseFromString(svgText(svg, { width: width * unit, height: height * unit }), "image/svg+xml").documentElement;
  drawn.setAttribute("x", String((SLIDE.width - width * unit) / 2));
  drawn.setAttribute("y", "150");
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  pen.font = `34px ${FONT}`;
  const lines = folded(pen, words, 1740).slice(0, 5);
  const page = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  page.setAttribute("viewBox", `0 0 ${SLIDE.width} ${SLIDE.height}`);
  page.setAttribute("width", String(SLIDE.width));
  page.setAttribute("height", String(SLIDE.height));
  /** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] */
  const add = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text) made.textContent = text;
    page.append(made);
  };
  add("rect", { width: SLIDE.width, height: SLIDE.height, fill: colourOf("surface") });
  add("text", { x: 90, y: 104, "font-size": 54, "font-weight": 650, "font-family": FONT, fill: colourOf("ink") }, title);
  page.append(document.importNode(drawn, true));
  lines.forEach((line, k) => add("text", { x: 90, y: 850 + 44 * k, "font-size": 34, "font-family": FONT, fill: colourOf("ink") }, line));
  add("text", { x: 90, y: 1052, "font-size": 22, "font-family": FONT, fill: colourOf("muted") }, UNDER);
  return new XMLSerializer().serializeToString(page);
}

/** @param {SVGSVGElement} svg @param {string} title @param {string} words @param {string} name */
export function saveSlide(svg, title, words, name) {
  save(new Blob([slideText(svg, title, words)], { type: "image/svg+xml" }), name);
}

/** @param {SVGSVGElement} svg @param {string} title @param {string} words @param {string} name */
export async function savePng(svg, title, words, name) {
  const address = URL.createObjectURL(new Blob([slideText(svg, title, words)], { type: "image/svg+xml" }));
  const image = new Image(SLIDE.width, SLIDE.height);
  image.src = address;
  await image.decode();
  const paper = document.createElement("canvas");
  [paper.width, paper.height] = [SLIDE.width, SLIDE.height];
  paper.getContext("2d")?.drawImage(image, 0, 0, SLIDE.width, SLIDE.height);
  URL.revokeObjectURL(address);
  const made = await new Promise((done) => paper.toBlob(done, "image/png"));
  if (made instanceof Blob) save(made, name);
}
