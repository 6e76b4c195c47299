// @ts-check
/** Evidence: what the model is held to. Each study foretold from the others, the board, predictions on record, constants. */
import { useFetched } from "../asking.js";
import { Said } from "../glossary.js";
import { html, useLayoutEffect, useState } from "../html.js";
import { Board } from "./board.js";
import { Constants } from "./constants.js";
import { Explanations } from "./explanations.js";
import { ForetoldPart } from "./foretold.js";
import { Record } from "./record.js";
import { Studies } from "./studies.js";

const PARTS = [
  ["foretold", "Foretold and published"],
  ["studies", "Studies"],
  ["board", "Board of facts"],
  ["record", "Predictions on record"],
  ["explanations", "Explanations"],
  ["constants", "Constants"],
];
/** Names that older links have for the parts. */
const FORMER = /** @type {Record<string, string>} */ ({ scoreboard: "foretold", rivals: "explanations", parameters: "constants" });

export function Evidence() {
  const [asked] = useState(() => {
    const query = new URLSearchParams(location.search);
    const part = query.get("part") ?? (query.has("study") ? "studies" : "foretold");
    return { part: FORMER[part] ?? part, study: query.get("study") ?? "goodwin2022-comp001" };
  });
  const known = PARTS.some(([id]) => id === asked.part);
  const [part, setPart] = useState(known ? asked.part : "foretold");
  const [study, setStudy] = useState(asked.study);
  const [facts] = useFetched((found) => /** @type {import("../shapes").EvidenceFacts} */ (found), "/api/evidence/facts");
  useLayoutEffect(() => {
    if (location.pathname !== "/evidence") return;
    history.replaceState(null, "", `/evidence?part=${part}${part === "studies" ? `&study=${encodeURIComponent(study)}` : ""}`);
  }, [part, study]);
  const open = (/** @type {string} */ name) => {
    setStudy(name);
    setPart("studies");
  };
  return html`<main id="main" class="evidence" tabindex="-1">
    <h1>What the model is held to</h1>
    <p class="lead">${facts && html`<${Said} text=${facts.sentences[0] ?? ""} />`}</p>
    ${!known && html`<p class="warn" role="status">The link names a part of this page that there is not: “${asked.part}”. Here are all of them.</p>`}
    <div class="pages" role="group" aria-label="Parts">
      ${PARTS.map(([id, title]) => html`<button type="button" aria-pressed=${part === id} onClick=${() => setPart(id)}>${title}</button>`)}
    </div>
    ${part === "foretold" && html`<${ForetoldPart} onStudy=${open} />`}
    ${part === "studies" && html`<${Studies} study=${study} onStudy=${setStudy} />`}
    ${part === "board" && html`<${Board} onStudy=${open} />`}
    ${part === "record" && html`<${Record} />`}
    ${part === "explanations" && html`<${Explanations} onStudy=${open} facts=${facts} />`}
    ${part === "constants" && html`<${Constants} facts=${facts} />`}
  </main>`;
}
