// @ts-check
/** Saved work: one's own designs and plans, opened, saved, saved over and deleted. What is kept is an address. */
import { get, post, put, remove } from "./api.js";
import { Text } from "./fields.js";
import { html, useEffect, useRef, useState } from "./html.js";

/** @typedef {import("./shapes").SavedLine} SavedLine */
/** @typedef {import("./shapes").SavedDesign} SavedDesign */

const TAKEN = ["explore", "compare", "design", "plan"];

/** @returns {string} the address without the number of a calculation: that one ends, the design stays */
function addressNow() {
  return location.search.slice(1).replace(/&?job=[0-9a-f]+/, "");
}

/** @typedef {{word: string, work: () => Promise<string>}} Step what takes the last change back */

/** @param {{page: string, mayWrite: boolean, onOpen: (page: string, query: string) => void}} props */
export function Saved({ page, mayWrite, onOpen }) {
  const [list, setList] = useState(/** @type {SavedLine[]} */ ([]));
  const [name, setName] = useState("");
  const [said, setSaid] = useState("");
  const [opened, setOpened] = useState(/** @type {SavedDesign | null} */ (null));
  const [asked, setAsked] = useState("");
  const [undo, setUndo] = useState(/** @type {Step | null} */ (null));
  const changing = useRef(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  // Where a pressed button makes way for another, the other has the focus.
  useEffect(() => {
    if (box.current?.contains(document.activeElement) || document.activeElement === document.body) {
      /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector("[data-next]"))?.focus();
    }
  }, [asked, undo]);
  /** @param {() => Promise<string>} work */
  const guarded = async (work) => {
    setAsked("");
    setUndo(null);
    try {
      setSaid(await work());
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
      setUndo(null);
    }
    try {
      setList(await get("/api/saved"));
    } catch {
      // What is known of the list stays; the shell says that the server does not answer.
    }
  };
  /** One change at a time: what is pressed again meanwhile was pressed twice. @param {() => Promise<string>} work */
  const change = async (work) => {
    if (changing.current) return;
    changing.current = true;
    await guarded(work);
    changing.current = false;
  };
  const taken = list.find((line) => line.name.toLowerCase() === name.trim().toLowerCase());
  const keep = () =>
    change(async () => {
      /** @type {SavedDesign} */
      const made = await post("/api/saved", { name, page, state: { address: addressNow() } });
      setOpened(made);
      setName("");
      return "Saved.";
    });
  /** @param {string} id */
  const keepOver = (id) =>
    change(async () => {
      /** @type {SavedDesign} */
      const before = await get(`/api/saved/${id}`);
      /** @param {string} of @param {unknown} state @param {number} version */
      const write = (of, state, version) => put(`/api/saved/${id}`, { name: before.name, page: of, state, version });
      const after = await write(page, { address: addressNow() }, opened?.id === id ? opened.version : before.version);
      setOpened(after);
      setName("");
      const back = async () => {
        setOpened(await write(before.page, before.state, after.version));
        return `“${before.name}” is as it was before.`;
      };
      setUndo({ word: "Undo", work: back });
      return `“${before.name}” is saved as it is now.`;
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
    change(async () => {
      /** @type {SavedDesign} */
      const held = await get(`/api/saved/${line.id}`);
      await remove(`/api/saved/${line.id}`);
      if (opened?.id === line.id) setOpened(null);
      const back = async () => {
        await post("/api/saved", { name: held.name, page: held.page, state: held.state });
        return `“${held.name}” is back.`;
      };
      setUndo({ word: "Put it back", work: back });
      return `“${line.name}” is deleted.`;
    });
  const able = TAKEN.includes(page) && mayWrite;
  return html`<details class="menu no-print"
    onToggle=${(/** @type {any} */ e) => e.currentTarget.open && guarded(async () => "")}>
    <summary>Saved work</summary>
    <div ref=${box}>
      ${able && opened?.page === page && html`<p><button type="button" onClick=${() => keepOver(opened.id)}>Save over “${opened.name}”</button></p>`}
      ${able &&
      html`<form onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); if (!taken) void keep(); }}>
        <${Text} label="Title of this design; no names of people" value=${name} onChange=${setName} />
        ${taken
          ? html`<p>You have “${taken.name}” already. <button type="button" onClick=${() => keepOver(taken.id)}>Save over it</button></p>`
          : html`<button class="main" type="submit" disabled=${!name.trim()}>Save</button>`}
      </form>`}
      <p role="status">${said} ${undo && html`<button type="button" class="quiet" data-next=${!asked} onClick=${() => change(undo.work)}>${undo.word}</button>`}</p>
      ${!list.length && html`<p class="source">Nothing saved yet.</p>`}
      <ul class="items">
        ${list.map(
          (line) => html`<li class="saved-line" key=${line.id}>
            ${asked === line.id
              ? html`<span class="asks">Delete “${line.name}”?</span>
                <button type="button" data-next aria-label=${`Yes, delete ${line.name}`} onClick=${() => drop(line)}>Delete</button>
                <button type="button" class="quiet" onClick=${() => setAsked("")}>Keep</button>`
              : html`<button type="button" class="quiet" onClick=${() => open(line.id)}>${line.name}</button>
                <span class="source">${line.page}</span>
                ${mayWrite && html`<button type="button" class="quiet" aria-label=${`Delete ${line.name}`} onClick=${() => setAsked(line.id)}>Delete</button>`}`}
          </li>`,
        )}
      </ul>
    </div>
  </details>`;
}
