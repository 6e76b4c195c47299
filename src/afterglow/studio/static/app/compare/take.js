// @ts-check
/** What can be taken away: a picture, a page to share, and an archive with all numbers. */
import { download } from "../api.js";
import { html, useState } from "../html.js";
import { savePng, saveSlide } from "../picture.js";
import { addressOf } from "../state.js";

/**
 * @param {{design: import("../shapes").Design, picture: {current: SVGSVGElement | null}, drawn: boolean, title: string, words: string,
 *   versus: number, days: number[], grid: object | null}} props `grid` is the map that was run
 */
export function Take({ design, picture, drawn, title, words, versus, days, grid }) {
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {string} done @param {() => unknown} work */
  const guarded = (done, work) => async () => {
    setBusy(true);
    setSaid("");
    try {
      const note = await work();
      setSaid(typeof note === "string" && note ? `${done} ${note}` : done);
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
    setBusy(false);
  };
  const pictured = (/** @type {(svg: SVGSVGElement) => unknown} */ work) => () => {
    if (!picture.current) throw new Error("The picture is not drawn yet; nothing was saved.");
    return work(picture.current);
  };
  const link = () => navigator.clipboard.writeText(`${location.origin}/compare?${addressOf(design)}`);
  return html`<section class="card no-print" aria-label="Take it with you">
    <h2>Take it with you</h2>
    <div class="buttons">
      <button type="button" disabled=${busy || !drawn} onClick=${guarded("The picture is saved.", pictured((svg) => savePng(svg, title, words, "afterglow-comparison.png")))}>Picture, PNG 1920 × 1080</button>
      <button type="button" disabled=${busy || !drawn} onClick=${guarded("The picture is saved.", pictured((svg) => saveSlide(svg, title, words, "afterglow-comparison.svg")))}>Picture, SVG</button>
      <button type="button" disabled=${busy} onClick=${guarded("The page is saved; it needs neither this studio nor a network.", () => download("/api/export/html", { design, versus, days, grid }, "afterglow-comparison.html"))}>Page to share, HTML</button>
      <button type="button" disabled=${busy} onClick=${guarded("The archive is saved.", () => download("/api/export/bundle", design, "afterglow-comparison.zip"))}>All of it, ZIP</button>
      <button type="button" disabled=${busy} onClick=${guarded("The protocol is saved.", () => download("/api/export/yaml", design, "afterglow-protocol.yaml"))}>Protocol, YAML</button>
      <button type="button" disabled=${busy} onClick=${guarded("The link is copied.", link)}>Copy link</button>
    </div>
    <p class="source">The archive holds tables with 90 % intervals and a data dictionary, the protocol, the report, and a paragraph for the methods; the same run as here, with ${design.participants} people. The page holds the differences of the days above${grid ? ", and the map of dose and hours" : ""}.</p>
    <p role="status">${busy ? "Being made." : said}</p>
  </section>`;
}
