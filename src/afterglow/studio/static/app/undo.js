// @ts-check
/** Steps back and forward through what was designed. */
import { useEffect, useRef, useState } from "./html.js";
import { Steps } from "./steps.js";

/** @typedef {{can: boolean, canRedo: boolean, undo: () => void, redo: () => void}} Undo */

const RESTED_MS = 500;

/**
 * Keeps each value that has rested for a moment, so that one drag is one step; what is undone before it has rested, too.
 * @template T
 * @param {T | null} value @param {(value: T) => void} onChange @param {boolean} [heard] whether Ctrl+Z is meant for it
 * @returns {Undo}
 */
export function useUndo(value, onChange, heard = true) {
  const steps = useRef(/** @type {Steps<T>} */ (new Steps())).current;
  const [, redraw] = useState(0);
  const key = JSON.stringify(value);
  if (value !== null && key !== JSON.stringify(steps.now)) steps.see(value);
  useEffect(() => {
    if (value === null) return undefined;
    const timer = setTimeout(() => {
      if (!steps.moving && steps.at >= 0) return;
      steps.rest();
      redraw((n) => n + 1);
    }, steps.at < 0 ? 0 : RESTED_MS);
    return () => clearTimeout(timer);
  }, [key]);
  /** @param {T | null} found */
  const show = (found) => {
    if (found === null) return;
    onChange(found);
    redraw((n) => n + 1);
  };
  const undo = () => show(steps.undo());
  const redo = () => show(steps.redo());
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
  return { can: steps.canUndo, canRedo: steps.canRedo, undo, redo };
}
