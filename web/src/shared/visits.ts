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

const keyOf = (what: 'favourites' | 'recents') => `rapport.${what}.${owner}`;

/** Whose they are: several people may share a browser. */
export function visitsOf(user: string, onlyLooks = false): void {
  looking = onlyLooks;
  if (owner === user) return;
  owner = user;
  favourites.set(load(keyOf('favourites')));
  recents.set(load(keyOf('recents')));
}

/** Takes over the favourites the server kept. */
export function keepFavourites(all: unknown): void {
  favourites.set(read(all));
  if (!looking) local.set(keyOf('favourites'), JSON.stringify(favourites.get()));
}

export function visited(v: Visit): void {
  if (looking) return;
  recents.set((all) => [v, ...all.filter((x) => x.path !== v.path)].slice(0, RECENT));
  favourites.set((all) => (all.some((x) => x.path === v.path && x.title !== v.title) ? all.map((x) => (x.path === v.path ? v : x)) : all));
  local.set(keyOf('recents'), JSON.stringify(recents.get()));
}

export function isFavourite(path: string): boolean {
  return favourites.get().some((f) => f.path === path);
}

/** Adds or takes away; answers whether it is one now. */
export function toggleFavourite(v: Visit): boolean {
  if (looking) return isFavourite(v.path);
  const on = !isFavourite(v.path);
  favourites.set((all) => (on ? [...all, v] : all.filter((f) => f.path !== v.path)));
  local.set(keyOf('favourites'), JSON.stringify(favourites.get()));
  return on;
}
