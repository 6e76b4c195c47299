// @ts-check
/** Saved work: one's own designs and plans, opened, saved, saved over and deleted. What is kept is an address. */
import { get, post, put, remove } from "./api.js";
import { Text } from "./fields.js";
import { html, useState } from "./html.js";

/** @typedef {import("./shapes").SavedLine} SavedLine */
/** @typedef {import("./shapes").SavedDesign} SavedDesign */

const TAKEN = ["explore", "compare", "plan"];

/** @returns {string} the address without the number of a calculation: that one ends, the design stays */
function addressNow() {
  return location.search.slice(1).replace(/&?job=[0-9a-f]+/, "");
}

/** @param {{page: string, mayWrite: boolean, onOpen: (page: string, query: string) => void}} props */
export function Saved({ page, mayWrite, onOpen }) {
  const [list, setList] = useState(/** @type {SavedLine[]} */ ([]));
  const [name, setName] = useState("");
  const [said, setSaid] = useState("");
  const [opened, setOpened] = useState(/** @type {SavedDesign | null} */ (null));
  /** @param {() => Promise<string>} work */
  const guarded = async (work) => {
    try {
      setSaid(await work());
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
    try {
      setList(await get("/api/saved"));
    } catch {
      setList([]);
    }
  };
  const keep = () =>
    guarded(async () => {
      /** @type {SavedDesign} */
      const made = await post("/api/saved", { name, page, state: { address: addressNow() } });
      setOpened(made);
      setName("");
      return "Saved.";
    });
  const keepOver = () =>
    guarded(async () => {
      if (!opened) return "";
      const { id, name: title, version } = opened;
      setOpened(await put(`/api/saved/${id}`, { name: title, page, state: { address: addressNow() }, version }));
      return `“${title}” is saved as it is now.`;
    });
  /** @param {string} id */
  const open = (id) =>
    guarded(async () => {
      /** @type {SavedDesign} */
      const found = await get(`/api/saved/${id}`);
      setOpened(found);
      onOpen(found.page, String(found.state.address ?? ""));
      return `“${found.name}” is open.`;
    });
  /** @param {SavedLine} line */
  const drop = (line) =>
    guarded(async () => {
      await remove(`/api/saved/${line.id}`);
      if (opened?.id === line.id) setOpened(null);
      return `“${line.name}” is deleted.`;
    });
  const able = TAKEN.includes(page) && mayWrite;
  return html`<details class="menu no-print"
    onToggle=${(/** @type {any} */ e) => e.currentTarget.open && guarded(async () => "")}>
    <summary>Saved work</summary>
    <div>
      ${able && opened?.page === page && html`<p><button type="button" onClick=${keepOver}>Save over “${opened.name}”</button></p>`}
      ${able &&
      html`<form onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void keep(); }}>
        <${Text} label="Title of this design; no names of people" value=${name} onChange=${setName} />
        <button class="main" type="submit" disabled=${!name.trim()}>Save</button>
      </form>`}
      <p role="status">${said}</p>
      ${!list.length && html`<p class="source">Nothing saved yet.</p>`}
      <ul class="items">
        ${list.map(
          (line) => html`<li class="saved-line" key=${line.id}>
            <button type="button" class="quiet" onClick=${() => open(line.id)}>${line.name}</button>
            <span class="source">${line.page}</span>
            ${mayWrite && html`<button type="button" class="quiet" aria-label=${`Delete ${line.name}`} onClick=${() => drop(line)}>Delete</button>`}
          </li>`,
        )}
      </ul>
    </div>
  </details>`;
}
