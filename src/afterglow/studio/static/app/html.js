// @ts-check
/** The one place that knows where the view library lies, and a hook that pages share. */
import { useLayoutEffect, useState } from "../vendor/standalone.module.js";

export {
  html,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "../vendor/standalone.module.js";

/** The second click of a double click counts for nothing. @param {() => unknown} act @returns {(event: MouseEvent) => void} */
export const once = (act) => (event) => void (event.detail < 2 && act());

/** Pixels that a picture as wide as the page is drawn across for a sheet of paper, so that its words can be read there. */
export const PRINTED = 780;

/**
 * The width of an element on the page, kept up to date.
 * @param {() => Element | null | undefined} element
 * @param {number} start in pixels, before it is known
 * @param {number} [printed] on paper, which tells scripts no width; 0: as on the page
 * @returns {number}
 */
export function useWidth(element, start, printed = 0) {
  const [width, setWidth] = useState(start);
  useLayoutEffect(() => {
    const own = element();
    if (!own) return undefined;
    const measure = () => setWidth(Math.max(240, own.clientWidth));
    measure(); // before it is painted: at its first width it may be wider than a phone
    const watch = new ResizeObserver(measure);
    watch.observe(own);
    const before = () => printed && setWidth(printed);
    const after = () => printed && measure();
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      watch.disconnect();
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);
  return width;
}
