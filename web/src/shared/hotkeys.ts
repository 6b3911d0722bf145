import { useEffect, useRef } from 'react';

/** True while an input method is composing: no shortcut may fire then (229 is what old engines send). */
export function composing(e: KeyboardEvent | React.KeyboardEvent): boolean {
  const native = 'nativeEvent' in e ? e.nativeEvent : e;
  return native.isComposing || native.keyCode === 229;
}

export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="combobox"],[role="listbox"],[role="menu"]') !== null;
}

export function layered(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

export interface Hotkey {
  /** `c`, `/`, `?`, `mod+k`, `mod+z`, `mod+Enter`. */
  key: string;
  run: (e: KeyboardEvent) => void;
  /** Works while typing and above dialogs. */
  always?: boolean;
}

export function matches(e: KeyboardEvent, key: string): boolean {
  const mod = key.startsWith('mod+');
  const name = mod ? key.slice(4) : key;
  if ((e.ctrlKey || e.metaKey) !== mod || e.altKey) return false;
  return e.key.toLowerCase() === name.toLowerCase();
}

/** Registers keys while the component is mounted. Single letters are ignored while typing, composing or in a dialog. */
export function useHotkeys(list: Hotkey[]): void {
  const ref = useRef(list);
  useEffect(() => {
    ref.current = list;
  });
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || composing(e)) return;
      const blocked = typing(e.target) || layered();
      for (const h of ref.current) {
        if (!matches(e, h.key) || (blocked && !h.always)) continue;
        e.preventDefault();
        h.run(e);
        return;
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
