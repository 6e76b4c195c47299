// @ts-check
/** Saved work: one's own designs, opened, saved and deleted. */
import { get, post, remove } from "./api.js";
import { Text } from "./fields.js";
import { html, useState } from "./html.js";

/**
 * @param {{page: string, state: {address: string}, mayWrite: boolean, onOpen: (page: string, query: string) => void}} props
 */
export function Saved({ page, state, mayWrite, onOpen }) {
  const [list, setList] = useState(/** @type {{id: string, name: string, page: string}[]} */ ([]));
  const [name, setName] = useState("");
  const [said, setSaid] = useState("");
  const able = ["explore", "compare"].includes(page);
  const guarded = async (/** @type {() => Promise<string>} */ work) => {
    try {
      setSaid(await work());
      setList(await get("/api/saved"));
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  const keep = () =>
    guarded(async () => {
      await post("/api/saved", { name, page, state });
      setName("");
      return "Saved.";
    });
  const open = async (/** @type {string} */ id) => {
    const found = await get(`/api/saved/${id}`);
    onOpen(found.page, found.state.address ?? "");
  };
  return html`<details class="menu no-print" onToggle=${(/** @type {any} */ e) => e.currentTarget.open && guarded(async () => "")}>
    <summary>Saved work</summary>
    <div>
      ${able && mayWrite &&
      html`<form onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void keep(); }}>
        <${Text} label="Title of this design (no names of people)" value=${name} onChange=${setName} />
        <button class="main" type="submit" disabled=${!name.trim()}>Save</button>
      </form>`}
      <p aria-live="polite">${said}</p>
      ${!list.length && html`<p class="source">Nothing saved yet.</p>`}
      <ul class="items">
        ${list.map(
          (line) => html`<li class="buttons"><button type="button" class="quiet" onClick=${() => open(line.id)}>${line.name}</button>
            ${mayWrite && html`<button type="button" aria-label=${`Delete ${line.name}`}
              onClick=${() => guarded(async () => { await remove(`/api/saved/${line.id}`); return "Deleted."; })}>Delete</button>`}</li>`,
        )}
      </ul>
    </div>
  </details>`;
}
