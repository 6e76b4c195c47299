// @ts-check
/** The one place that knows where the view library lies. */
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
