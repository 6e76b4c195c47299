// @ts-check
/** Steps back and forward through what was designed. */
import { useEffect, useRef, useState } from "./html.js";

/** @typedef {{can: boolean, canRedo: boolean, undo: () => void, redo: () => void}} Undo */

const RESTED_MS = 500;
const MOST = 100;

/**
 * Keeps each value that has rested for a moment, so that one drag is one step.
 * @template T
 * @param {T | null} value @param {(value: T) => void} onChange @param {boolean} [heard] whether Ctrl+Z is meant for it
 * @returns {Undo}
 */
export function useUndo(value, onChange, heard = true) {
  const kept = useRef({ steps: /** @type {T[]} */ ([]), at: -1 });
  const [, redraw] = useState(0);
  const key = JSON.stringify(value);
  useEffect(() => {
    if (value === null) return undefined;
    const own = kept.current;
    const same = own.at >= 0 && JSON.stringify(own.steps[own.at]) === key;
    if (same) return undefined;
    const timer = setTimeout(
      () => {
        own.steps = [...own.steps.slice(0, own.at + 1), value].slice(-MOST);
        own.at = own.steps.length - 1;
        redraw((n) => n + 1);
      },
      own.at < 0 ? 0 : RESTED_MS,
    );
    return () => clearTimeout(timer);
  }, [key]);
  const { steps, at } = kept.current;
  const changed = at >= 0 && JSON.stringify(steps[at]) !== key;
  /** @param {number} place */
  const show = (place) => {
    if (place < 0 || place >= kept.current.steps.length) return;
    kept.current.at = place;
    onChange(kept.current.steps[place]);
    redraw((n) => n + 1);
  };
  const undo = () => show(changed ? kept.current.at : kept.current.at - 1);
  const redo = () => show(kept.current.at + 1);
  const act = useRef({ undo, redo, heard });
  act.current = { undo, redo, heard };
  useEffect(() => {
    const keys = (/** @type {KeyboardEvent} */ event) => {
      const typing = event.target instanceof HTMLInputElement && event.target.type === "text";
      if (!act.current.heard || typing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) act.current.redo();
      else act.current.undo();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
  return { can: changed || at > 0, canRedo: !changed && at < steps.length - 1, undo, redo };
}
