import { useMemo, useSyncExternalStore } from 'react';
import { local } from './store';

type All = Record<string, unknown>;

/** Column widths change with every pixel of a drag: the server hears of the end. */
const WAIT = 600;

let owner = '';
/** Somebody else's page is looked at: what is theirs is shown, changes last for this visit. */
let looking = false;
let all: All = {};
const changed = new Set<string>();
const listeners = new Set<() => void>();
let send: ((some: All) => Promise<unknown>) | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const place = () => `rapport.own.${owner}`;

function tell(): void {
  for (const l of listeners) l();
}

function parsed(text: string | null): All {
  try {
    const raw: unknown = JSON.parse(text ?? '{}');
    return raw && typeof raw === 'object' && !Array.isArray(raw) ? (raw as All) : {};
  } catch {
    return {};
  }
}

function pass(): void {
  clearTimeout(timer);
  timer = undefined;
  if (looking || !send || !changed.size) return;
  const some = Object.fromEntries([...changed].map((name) => [name, all[name] ?? null]));
  changed.clear();
  // What could not be sent is kept here, and sent with the next change.
  send(some).catch(() => {
    for (const name of Object.keys(some)) changed.add(name);
  });
}

/**
 * Whose settings these are: several people may share a browser. What this browser kept is the first word; the server's, which are the same
 * on every device, come with {@link fromServer}.
 */
export function ownOf(user: string, onlyLooks = false): void {
  looking = onlyLooks;
  if (owner === user) return;
  pass();
  owner = user;
  send = undefined;
  changed.clear();
  all = parsed(local.get(place()));
  tell();
}

/** Takes over what the server kept; what was changed while the question was on its way counts more, and is sent. */
export function fromServer(kept: All, to: (some: All) => Promise<unknown>): void {
  const mine = Object.fromEntries([...changed].map((name) => [name, all[name]]));
  all = { ...kept, ...mine };
  send = to;
  if (!looking) local.set(place(), JSON.stringify(all));
  tell();
  pass();
}

export function own(name: string): unknown {
  return all[name];
}

/** Remembers a setting of the person; `undefined` forgets it. */
export function setOwn(name: string, value: unknown): void {
  const { [name]: _, ...rest } = all;
  all = value === undefined ? rest : { ...rest, [name]: value };
  if (!looking) {
    local.set(place(), JSON.stringify(all));
    changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(pass, WAIT);
  }
  tell();
}

export function subscribeOwn(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A setting as the page needs it; `read` makes sense of whatever was kept. */
export function useOwn<T>(name: string, read: (raw: unknown) => T): T {
  const raw = useSyncExternalStore(subscribeOwn, () => all[name]);
  return useMemo(() => read(raw), [raw, read]);
}

// A page that is left sends what waits.
if (typeof addEventListener === 'function') addEventListener('pagehide', pass);
