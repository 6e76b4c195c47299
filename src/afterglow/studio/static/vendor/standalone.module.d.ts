// Types of the parts of htm/preact/standalone.module.js that are used.
export function html(strings: TemplateStringsArray, ...values: unknown[]): any;
export function render(view: any, root: Element): void;
export function useState<T>(start: T | (() => T)): [T, (next: T | ((now: T) => T)) => void];
export function useEffect(work: () => void | (() => void), when?: unknown[]): void;
export function useLayoutEffect(work: () => void | (() => void), when?: unknown[]): void;
export function useMemo<T>(make: () => T, when: unknown[]): T;
export function useCallback<T>(call: T, when: unknown[]): T;
export function useRef<T>(start: T): { current: T };
