// @ts-check
/** The one place that knows where the view library lies, and a hook that pages share. */
import { useEffect, useState } from "../vendor/standalone.module.js";

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

/**
 * The width of an element on the page, kept up to date.
 * @param {() => Element | null | undefined} element
 * @param {number} start in pixels, before it is known
 * @returns {number}
 */
export function useWidth(element, start) {
  const [width, setWidth] = useState(start);
  useEffect(() => {
    const own = element();
    if (!own) return undefined;
    const watch = new ResizeObserver(() => setWidth(Math.max(240, own.clientWidth)));
    watch.observe(own);
    return () => watch.disconnect();
  }, []);
  return width;
}
