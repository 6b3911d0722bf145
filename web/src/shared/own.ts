import { useMemo, useSyncExternalStore } from 'react';
import { local } from './store';

type All = Record<string, unknown>;

/** Column widths change with every pixel of a drag: the server hears of the end. */
const WAIT = 600;

let owner = '';
/** Somebody else's page is looked at: what is theirs is shown, changes last for this visit. */
let looking = false;
let all: All = {};
/** Names the server has not taken yet; kept here as well, for a page that is left meanwhile. */
let changed = new Set<string>();
const listeners = new Set<() => void>();
let send: ((some: All) => Promise<unknown>) | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const place = () => `rapport.own.${owner}`;

function tell(): void {
  for (const l of listeners) l();
}

function isAll(raw: unknown): raw is All {
  return raw !== null && typeof raw === 'object' && !Array.isArray(raw);
}

function load(): void {
  let raw: unknown;
  try {
    raw = JSON.parse(local.get(place()) ?? '{}');
  } catch {
    // written by somebody else: begin anew
  }
  const { kept, unsent } = isAll(raw) ? raw : {};
  all = isAll(kept) ? kept : {};
  changed = new Set(Array.isArray(unsent) ? unsent.filter((n) => typeof n === 'string') : []);
}

function save(): void {
  if (!looking) local.set(place(), JSON.stringify({ kept: all, unsent: [...changed] }));
}

function pass(): void {
  clearTimeout(timer);
  timer = undefined;
  if (looking || !send || !changed.size) return;
  const some = Object.fromEntries([...changed].map((name) => [name, all[name] ?? null]));
  const [whose, same] = [owner, all];
  send(some).then(
    () => {
      if (owner !== whose) return;
      // What was changed once more meanwhile goes with the next.
      for (const name of Object.keys(some)) if (all[name] === same[name]) changed.delete(name);
      save();
    },
    // What could not be sent stays, and is sent with the next change or the next visit.
    () => undefined,
  );
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
  load();
  tell();
}

/** Takes over what the server kept; what was changed while the question was on its way counts more, and is sent. */
export function fromServer(kept: All, to: (some: All) => Promise<unknown>): void {
  const mine = Object.fromEntries([...changed].map((name) => [name, all[name]]));
  all = { ...kept, ...mine };
  send = to;
  save();
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
    changed.add(name);
    save();
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
