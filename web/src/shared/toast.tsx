import { useEffect, useState } from 'react';
import { Icon } from './icons';
import { useT } from './i18n';
import { createStore, useStore } from './store';
import { useHotkeys } from './hotkeys';
import './toast.css';

/** One notice at the bottom. A second one replaces the first. */
export interface Toast {
  id: number;
  kind: 'done' | 'error';
  text: string;
  detail?: string[];
  trace?: string | undefined;
  undo?: (() => void) | undefined;
  /** Stays until it is answered. */
  stay?: boolean;
  action?: { text: string; run: () => void } | undefined;
}

const current = createStore<Toast | null>(null);
let counter = 0;
/** What Ctrl Z takes back, newest last: for five minutes, also when its notice is gone. */
const taken: { id: number; run: () => void; until: number }[] = [];
const UNDO_MS = 5 * 60_000;
const KEPT = 50;

export function toast(text: string, more: Partial<Omit<Toast, 'id' | 'text' | 'kind'>> = {}): void {
  counter += 1;
  if (more.undo) {
    taken.push({ id: counter, run: more.undo, until: Date.now() + UNDO_MS });
    if (taken.length > KEPT) taken.shift();
  }
  current.set({ id: counter, kind: 'done', text, ...more });
}

/** Takes back the newest act that can be taken back; false when there is none. */
export function undoLast(): boolean {
  const last = taken.pop();
  if (!last || last.until < Date.now()) return false;
  if (current.get()?.id === last.id) current.set(null);
  last.run();
  return true;
}

export function toastError(text: string, more: Partial<Omit<Toast, 'id' | 'text' | 'kind'>> = {}): void {
  counter += 1;
  if (more.undo) taken.push({ id: counter, run: more.undo, until: Date.now() + UNDO_MS });
  current.set({ id: counter, kind: 'error', text, ...more });
}

export function dismissToast(): void {
  current.set(null);
}

/** The layers that tell notices, the topmost last, each from the notice on that came after it: what lies below a modal layer is silent to a screen reader. */
const tellers = createStore<readonly { since: number }[]>([]);

/** The page's own notices, and Ctrl Z. */
export function ToastHost() {
  useHotkeys([{ key: 'mod+z', run: () => void undoLast() }]);
  return <Notices />;
}

/** Where notices are told: in the page and in every dialog. Both regions stand before anything is said in them, or it would not be heard. */
export function Notices() {
  const [me] = useState(() => ({ since: tellers.get().length ? counter : 0 }));
  useEffect(() => {
    tellers.set([...tellers.get(), me]);
    return () => tellers.set(tellers.get().filter((x) => x !== me));
  }, [me]);
  const all = useStore(tellers);
  const now = useStore(current);
  const shown = now && all.findLast((x) => x.since < now.id) === me ? now : null;
  const told = shown && <Notice key={shown.id} shown={shown} />;
  return (
    <>
      <div className="toasts" role="status">{shown?.kind === 'done' && told}</div>
      <div className="toasts" aria-live="assertive" aria-atomic="true">{shown?.kind === 'error' && told}</div>
    </>
  );
}

/** 6 s, 10 s with undo, for ever on errors; hovering or focus stops the clock. */
function Notice({ shown }: { shown: Toast }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || shown.stay || shown.kind === 'error') return;
    const timer = setTimeout(() => current.set(null), shown.undo ? 10_000 : 6000);
    return () => clearTimeout(timer);
  }, [shown, held]);
  const undo = () => {
    const at = taken.findIndex((x) => x.id === shown.id);
    if (at >= 0) taken.splice(at, 1);
    current.set(null);
    shown.undo?.();
  };
  return (
    <div
      className={`toast ${shown.kind}`}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {shown.kind === 'error' && <Icon name="alert" />}
      <div className="col">
        <span className="toast-text">{shown.text}</span>
        {shown.detail?.map((d) => (
          <span key={d} className="toast-detail">{d}</span>
        ))}
        {shown.trace && <span className="toast-trace num">{t('error.trace', { id: shown.trace })}</span>}
      </div>
      {shown.action && (
        <button type="button" className="toast-act" onClick={() => { const run = shown.action?.run; current.set(null); run?.(); }}>
          {shown.action.text}
        </button>
      )}
      {shown.undo && (
        <button type="button" className="toast-act" onClick={undo}>
          {t('act.undo')} <small>Ctrl Z</small>
        </button>
      )}
      <button type="button" className="toast-x" aria-label={t('act.close')} onClick={dismissToast}>
        <Icon name="x" size={14} />
      </button>
    </div>
  );
}
