import { own, ownOf, setOwn, subscribeOwn } from './own';
import { createStore, local } from './store';

/** A place in the page one comes back to. */
export interface Visit {
  path: string;
  title: string;
  /** The object of a record or list, for its icon. */
  object?: string;
}

const RECENT = 20;
let owner = '';
/** Somebody else's page is looked at: what is theirs is shown and never noted down. */
let looking = false;

export const favourites = createStore<Visit[]>([]);
export const recents = createStore<Visit[]>([]);

function read(all: unknown): Visit[] {
  return Array.isArray(all) ? all.filter((v): v is Visit => typeof (v as Visit)?.path === 'string' && typeof (v as Visit)?.title === 'string') : [];
}

function load(key: string): Visit[] {
  try {
    return read(JSON.parse(local.get(key) ?? '[]') as unknown);
  } catch {
    return [];
  }
}

const recentsKey = () => `rapport.recents.${owner}`;

let known: unknown;
subscribeOwn(() => {
  if (own('favourites') === known) return;
  known = own('favourites');
  favourites.set(read(known));
});

/** Whose they are: several people may share a browser. Favourites are the same on every device. */
export function visitsOf(user: string, onlyLooks = false): void {
  looking = onlyLooks;
  ownOf(user, onlyLooks);
  if (owner === user) return;
  owner = user;
  recents.set(load(recentsKey()));
}

export function visited(v: Visit): void {
  if (looking) return;
  recents.set((all) => [v, ...all.filter((x) => x.path !== v.path)].slice(0, RECENT));
  local.set(recentsKey(), JSON.stringify(recents.get()));
  const all = favourites.get();
  if (all.some((x) => x.path === v.path && x.title !== v.title)) setOwn('favourites', all.map((x) => (x.path === v.path ? v : x)));
}

export function isFavourite(path: string): boolean {
  return favourites.get().some((f) => f.path === path);
}

/** Adds or takes away; answers whether it is one now. */
export function toggleFavourite(v: Visit): boolean {
  if (looking) return isFavourite(v.path);
  const on = !isFavourite(v.path);
  const all = favourites.get();
  setOwn('favourites', on ? [...all, v] : all.filter((f) => f.path !== v.path));
  return on;
}
